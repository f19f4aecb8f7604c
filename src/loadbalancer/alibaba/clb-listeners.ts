import type { ServiceProblem } from '../provider.js'
import type { ServicePortView, ServiceView } from '../views.js'
import type { ClbValues } from './clb-annotations.js'
import { fieldOf, PREFIX } from './declare.js'
import { clbName } from './names.js'

export type ClbProtocol = 'tcp' | 'udp' | 'http' | 'https'

export interface WantedListener {
  readonly protocol: ClbProtocol
  readonly port: number
  /** Ours is known by it. */
  readonly description: string
  /** Name of its group; undefined: it redirects. */
  readonly group: string | undefined
  /** By the names of the API; all of them, so that one which is not asked for any more gets its default back. */
  readonly settings: Readonly<Record<string, string>>
  /** What holds in the cloud where it says nothing. */
  readonly defaults: Readonly<Record<string, string>>
  /** Certificates by server name; undefined: it is no https listener. */
  readonly domains: Readonly<Record<string, string>> | undefined
}

/** The listeners of a Service, and what is wrong with them. @source loadbalancer.md section 2.5 */
export function listenersOf(
  service: ServiceView,
  values: ClbValues,
  cluster: string,
): { readonly listeners: readonly WantedListener[]; readonly problems: readonly ServiceProblem[] } {
  const problems: ServiceProblem[] = []
  const complain = (key: string, message: string): void =>
    void problems.push({ severity: 'error', field: fieldOf(PREFIX + key), message })
  const listeners: WantedListener[] = []
  for (const port of service.ports) {
    if (port.protocol === 'SCTP') {
      problems.push({
        severity: 'error',
        field: 'spec.ports',
        message: `Port ${port.port} is SCTP, which a CLB does not know; it has no listener. TCP and UDP are allowed.`,
      })
      continue
    }
    const forward = values['forward-port']?.find(({ from }) => from === port.port)
    const asked = values['protocol-port']?.find((one) => one.port === port.port)?.protocol
    const protocol: ClbProtocol = port.protocol === 'UDP' ? 'udp' : (asked ?? (forward === undefined ? 'tcp' : 'http'))
    if (asked !== undefined && (asked === 'udp') !== (port.protocol === 'UDP')) {
      complain('protocol-port', `Port ${port.port} of the Service is ${port.protocol}, which cannot be ${asked}.`)
      continue
    }
    if (protocol === 'https' && values['cert-id'] === undefined) {
      complain('cert-id', `Port ${port.port} is https and needs a certificate: the annotation is missing.`)
      continue
    }
    if (forward !== undefined && protocol !== 'http') {
      complain('forward-port', `Port ${port.port} is ${protocol}; only http can redirect.`)
      continue
    }
    const target = values['protocol-port']?.find((one) => one.port === forward?.to)?.protocol
    if (forward !== undefined && target !== 'https') {
      complain(
        'forward-port',
        `Port ${forward.to}, which port ${forward.from} redirects to, is no https port of the Service.`,
      )
      continue
    }
    const name = portName(port, service)
    listeners.push({
      protocol,
      port: port.port,
      description: clbName(name, service, cluster),
      group: forward === undefined ? clbName(name, service, cluster) : undefined,
      settings:
        forward === undefined
          ? settingsFor(protocol, values)
          : { ListenerForward: 'on', ForwardPort: String(forward.to) },
      defaults: forward === undefined ? settingsFor(protocol, nothing) : {},
      domains:
        protocol === 'https'
          ? Object.fromEntries(
              (values['domain-extensions'] ?? []).map(({ domain, certificate }) => [domain, certificate]),
            )
          : undefined,
    })
  }
  for (const { port } of values['protocol-port'] ?? [])
    if (!service.ports.some((one) => one.port === port))
      problems.push({
        severity: 'warning',
        field: fieldOf(`${PREFIX}protocol-port`),
        message: `The Service has no port ${port}; the entry changes nothing.`,
      })
  // The cloud wants the https listener before one that redirects to it.
  const late = ({ group }: WantedListener): number => (group === undefined ? 1 : 0)
  return { listeners: listeners.sort((a, b) => late(a) - late(b) || a.port - b.port), problems }
}

/** The number, and what tells a UDP port from a TCP port with the same one. */
export function portName({ port, protocol }: ServicePortView, { ports }: ServiceView): string {
  const isShared = protocol === 'UDP' && ports.some((one) => one.port === port && one.protocol === 'TCP')
  return isShared ? `${port}.udp` : String(port)
}

const nothing: ClbValues = Object.freeze({}) as ClbValues // every value of a mapped type of optional ones may be absent

/** Names of the API with the value that holds. What has no default is left out unless it is asked for. */
function settingsFor(protocol: ClbProtocol, values: ClbValues): Readonly<Record<string, string>> {
  const settings: Record<string, string | number | undefined> = { Bandwidth: '-1' }
  settings['Scheduler'] = values.scheduler ?? 'rr'
  settings['AclStatus'] = values['acl-status'] ?? 'off'
  if (settings['AclStatus'] === 'on') {
    settings['AclId'] = values['acl-id']
    settings['AclType'] = values['acl-type']
  }
  settings['HealthyThreshold'] = values['healthy-threshold'] ?? 3
  settings['UnhealthyThreshold'] = values['unhealthy-threshold'] ?? 3
  settings['HealthCheckConnectPort'] = values['health-check-connect-port']
  if (protocol === 'tcp' || protocol === 'udp') addTransport(settings, protocol, values)
  else addHttp(settings, protocol, values)
  const found = Object.entries(settings).filter(([, value]) => value !== undefined)
  return Object.fromEntries(found.map(([name, value]) => [name, String(value)]))
}

type Settings = Record<string, string | number | undefined>

function addTransport(settings: Settings, protocol: 'tcp' | 'udp', values: ClbValues): void {
  settings['HealthCheckSwitch'] = values['health-check-switch'] ?? 'on'
  settings['HealthCheckConnectTimeout'] = values['health-check-connect-timeout'] ?? 5
  // These two actions write the name so, all others with a capital letter.
  settings['healthCheckInterval'] = values['health-check-interval'] ?? 2
  settings['ConnectionDrain'] = values['connection-drain'] ?? 'off'
  if (settings['ConnectionDrain'] === 'on')
    settings['ConnectionDrainTimeout'] = values['connection-drain-timeout'] ?? 300
  settings['ProxyProtocolV2Enabled'] = values['proxy-protocol'] === 'on' ? 'true' : 'false'
  if (protocol === 'udp') return
  settings['EstablishedTimeout'] = values['established-timeout'] ?? 900
  settings['PersistenceTimeout'] = values['persistence-timeout'] ?? 0
  settings['HealthCheckType'] = values['health-check-type'] ?? 'tcp'
  if (settings['HealthCheckType'] === 'http') addHttpCheck(settings, values)
}

function addHttp(settings: Settings, protocol: 'http' | 'https', values: ClbValues): void {
  settings['IdleTimeout'] = values['idle-timeout'] ?? 15
  settings['RequestTimeout'] = values['request-timeout'] ?? 60
  settings['XForwardedFor_proto'] = values['xforwardedfor-proto'] ?? 'off'
  settings['XForwardedFor_SLBPORT'] = values['xforwardedfor-slbport'] ?? 'off'
  settings['XForwardedFor_ClientSrcPort'] = values['xforwardedfor-clientsrcport'] ?? 'off'
  settings['StickySession'] = values['sticky-session'] ?? 'off'
  if (settings['StickySession'] === 'on') {
    const type = values['sticky-session-type'] ?? 'insert'
    settings['StickySessionType'] = type
    if (type === 'insert') settings['CookieTimeout'] = values['cookie-timeout'] ?? 1000
    else settings['Cookie'] = values.cookie
  }
  settings['HealthCheck'] = values['health-check-flag'] ?? 'off'
  if (settings['HealthCheck'] === 'on') {
    const interval = values['health-check-interval'] ?? 2
    settings['HealthCheckInterval'] = interval
    settings['HealthCheckTimeout'] = Math.max(interval, values['health-check-timeout'] ?? 5)
    addHttpCheck(settings, values)
  }
  if (protocol === 'http') return
  settings['ServerCertificateId'] = values['cert-id']
  settings['TLSCipherPolicy'] = values['tls-cipher-policy'] ?? 'tls_cipher_policy_1_0'
  settings['EnableHttp2'] = values['http2-enabled'] ?? 'on'
}

function addHttpCheck(settings: Settings, values: ClbValues): void {
  settings['HealthCheckURI'] = values['health-check-uri'] ?? '/'
  settings['HealthCheckDomain'] = values['health-check-domain']
  settings['HealthCheckMethod'] = values['health-check-method'] ?? 'head'
  settings['HealthCheckHttpCode'] = values['health-check-httpcode'] ?? 'http_2xx'
}
