import type { ServiceProblem } from '../provider.js'
import type { ServicePortView, ServiceView } from '../views.js'
import { fieldOf, PREFIX } from './declare.js'
import { nlbName } from './names.js'
import type { NlbValues } from './nlb-annotations.js'

type Strings = Readonly<Record<string, string>>
export type NlbProtocol = 'TCP' | 'UDP' | 'TCPSSL'

/** A listener and its server group, for one port of the Service. */
export interface WantedPort {
  readonly service: ServicePortView
  readonly protocol: NlbProtocol
  /** `443`, or `1000_2000`. */
  readonly port: string
  /** Name of the group and description of the listener. */
  readonly name: string
  /** Parameters by their dotted names. `fixed` cannot be changed. */
  readonly group: { readonly fixed: Strings; readonly settings: Strings }
  readonly listener: { readonly settings: Strings; readonly certificates: readonly string[] }
}

/** @source loadbalancer.md sections 2.5, 4, 6.3 */
export function wantedPorts(
  service: ServiceView,
  values: NlbValues,
  cluster: string,
): { readonly ports: readonly WantedPort[]; readonly problems: readonly ServiceProblem[] } {
  const problems: ServiceProblem[] = []
  const complain = (key: string, message: string): void =>
    void problems.push({ severity: 'error', field: fieldOf(PREFIX + key), message })
  const ports = service.ports.flatMap((port): readonly WantedPort[] => {
    if (port.protocol === 'SCTP') {
      const message = `Port ${port.port} is SCTP, which an NLB does not know; it has no listener. TCP and UDP are allowed.`
      problems.push({ severity: 'error', field: 'spec.ports', message })
      return []
    }
    const asked = values['protocol-port']?.find((one) => one.port === port.port)?.protocol
    const protocol = port.protocol === 'UDP' ? 'UDP' : asked === 'tcpssl' ? 'TCPSSL' : 'TCP'
    if (asked !== undefined && (asked === 'udp') !== (port.protocol === 'UDP')) {
      complain('protocol-port', `Port ${port.port} of the Service is ${port.protocol}, which cannot be ${asked}.`)
      return []
    }
    if (protocol === 'TCPSSL' && values['cert-id'] === undefined) {
      complain('cert-id', `Port ${port.port} is tcpssl and needs a certificate: the annotation is missing.`)
      return []
    }
    if (protocol === 'TCPSSL' && values['preserve-client-ip'] === 'on') {
      complain('preserve-client-ip', `Port ${port.port} is tcpssl, which cannot keep the address of the client.`)
      return []
    }
    if (values.cacert === 'on' && values['cacert-id'] === undefined) {
      complain('cacert-id', 'Clients need a certificate (cacert), and no authority is named.')
      return []
    }
    const idle = values['idle-timeout']
    const most = protocol === 'UDP' ? 20 : 900
    if (idle !== undefined && (idle < 10 || idle > most)) {
      complain(
        'idle-timeout',
        `The idle time of port ${port.port} (${protocol}) has to be from 10 to ${most} seconds, and is ${idle}.`,
      )
      return []
    }
    const range = values['listener-port-range']?.find((one) => one.port === port.port)
    const name = range === undefined ? String(port.port) : `${range.from}_${range.to}`
    return [
      {
        service: port,
        protocol,
        port: name,
        name: nlbName(name, protocol, service, cluster),
        group: groupSettings(protocol, values, range !== undefined),
        listener: listenerSettings(protocol, values, name),
      },
    ]
  })
  return { ports, problems }
}

function groupSettings(protocol: NlbProtocol, values: NlbValues, anyPort: boolean): WantedPort['group'] {
  const check = (name: string): string => `HealthCheckConfig.${name}`
  const isChecked = values['health-check-flag'] !== 'off'
  const type = values['health-check-type'] ?? (protocol === 'UDP' ? 'udp' : 'tcp')
  const codes = (values['health-check-httpcode'] ?? 'http_2xx').split(',')
  const drain = values['connection-drain'] === 'on'
  const settings: Record<string, string | number | boolean> = {
    Scheduler: capital(values.scheduler ?? 'wrr'),
    ConnectionDrainEnabled: drain,
    ...(drain ? { ConnectionDrainTimeout: values['connection-drain-timeout'] ?? 300 } : {}),
    PreserveClientIpEnabled: protocol === 'TCPSSL' ? false : values['preserve-client-ip'] !== 'off',
    [check('HealthCheckEnabled')]: isChecked,
  }
  if (isChecked)
    Object.assign(settings, {
      [check('HealthCheckType')]: type.toUpperCase(),
      [check('HealthCheckConnectPort')]: values['health-check-connect-port'] ?? 0,
      [check('HealthCheckConnectTimeout')]: values['health-check-connect-timeout'] ?? 5,
      [check('HealthCheckInterval')]: values['health-check-interval'] ?? 5,
      [check('HealthyThreshold')]: values['healthy-threshold'] ?? 2,
      [check('UnhealthyThreshold')]: values['unhealthy-threshold'] ?? 2,
    })
  if (isChecked && type === 'http')
    Object.assign(settings, {
      [check('HealthCheckUrl')]: values['health-check-uri'] ?? '/',
      [check('HealthCheckDomain')]: values['health-check-domain'] ?? '$SERVER_IP',
      [check('HttpCheckMethod')]: (values['health-check-method'] ?? 'get').toUpperCase(),
      [check('HealthCheckHttpVersion')]: values['health-check-http-version'] ?? 'HTTP1.0',
      ...Object.fromEntries(codes.map((code, index) => [check(`HealthCheckHttpCode.${index + 1}`), code])),
    })
  const fixed = {
    Protocol: protocol,
    ServerGroupType: values['server-group-type'] ?? 'Instance',
    ...(anyPort ? { AnyPortEnabled: 'true' } : {}),
  }
  return { fixed, settings: textsOf(settings) }
}

function listenerSettings(protocol: NlbProtocol, values: NlbValues, port: string): WantedPort['listener'] {
  const [from = '', to] = port.split('_')
  const isOn = (value: string | undefined): boolean => value === 'on'
  const settings: Record<string, string | number | boolean> = {
    ListenerProtocol: protocol,
    ...(to === undefined ? { ListenerPort: from } : { ListenerPort: 0, StartPort: from, EndPort: to }),
    IdleTimeout: values['idle-timeout'] ?? (protocol === 'UDP' ? 20 : 900),
    Cps: values.cps ?? 0,
    ProxyProtocolEnabled: isOn(values['proxy-protocol']),
    'ProxyProtocolV2Config.Ppv2PrivateLinkEpIdEnabled': isOn(values['ppv2-pvl-ep-id-enabled']),
    'ProxyProtocolV2Config.Ppv2PrivateLinkEpsIdEnabled': isOn(values['ppv2-pvl-eps-id-enabled']),
    'ProxyProtocolV2Config.Ppv2VpcIdEnabled': isOn(values['ppv2-pvl-vpc-id-enabled']),
  }
  if (protocol !== 'TCPSSL') return { settings: textsOf(settings), certificates: [] }
  const numbered = (name: string, list: readonly string[]): Strings =>
    Object.fromEntries(list.map((item, index) => [`${name}.${index + 1}`, item]))
  Object.assign(settings, {
    ...numbered('CertificateIds', values['cert-id'] ?? []),
    CaEnabled: isOn(values.cacert),
    ...(isOn(values.cacert) ? numbered('CaCertificateIds', [values['cacert-id'] ?? '']) : {}),
    SecurityPolicyId: values['tls-cipher-policy'] ?? 'tls_cipher_policy_1_0',
    AlpnEnabled: isOn(values.alpn),
    ...(isOn(values.alpn) ? { AlpnPolicy: values['alpn-policy'] ?? 'HTTP2Optional' } : {}),
  })
  return { settings: textsOf(settings), certificates: values['additional-cert-ids'] ?? [] }
}

/** Wrr and Wlc have a capital letter; the others are written as they are. */
function capital(scheduler: string): string {
  return scheduler === 'wrr' || scheduler === 'wlc' ? scheduler.charAt(0).toUpperCase() + scheduler.slice(1) : scheduler
}

function textsOf(settings: Readonly<Record<string, string | number | boolean>>): Strings {
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)]))
}
