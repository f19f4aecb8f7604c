import { clbAnnotations, groupPort } from './clb-annotations.js'
import { declare, type Values } from './declare.js'
import { id, ids, list, onOff, port, textLike, whole, word } from './kinds.js'

const clb = clbAnnotations
const nlbProtocols = ['tcp', 'udp', 'tcpssl'] as const

/** Annotations of a Network Load Balancer. @source loadbalancer.md section 4 */
export const nlbAnnotations = declare({
  'zone-maps': {
    kind: zoneMaps(),
    fallback: 'needed, unless an instance is used',
    doc: 'Zones of the instance; may be changed later, always the full list.',
  },
  'address-type': {
    ...clb['address-type'],
    doc: 'Whether the instance is reached from the internet; may be changed later.',
  },
  'ip-version': {
    kind: word('ipv4', 'DualStack'),
    fallback: 'ipv4',
    doc: 'IP versions of the instance; fixed when it is created.',
  },
  'ipv6-address-type': {
    kind: word('internet', 'intranet'),
    fallback: 'intranet',
    doc: 'Whether the IPv6 addresses are reached from the internet.',
  },
  id: clb.id,
  'force-override-listeners': clb['force-override-listeners'],
  name: clb.name,
  'resource-group-id': clb['resource-group-id'],
  'additional-resource-tags': clb['additional-resource-tags'],
  'preserve-lb-on-delete': clb['preserve-lb-on-delete'],
  'delete-protection': clb['delete-protection'],
  'modification-protection': clb['modification-protection'],
  hostname: clb.hostname,
  'security-group-ids': {
    kind: { form: 'ids with commas between them, or nothing', parse: (text) => (text === '' ? [] : ids.parse(text)) },
    fallback: '-',
    doc: 'Security groups that the instance is in; nothing: it leaves all.',
  },
  'bandwidth-package-id': { kind: id, fallback: '-', doc: 'Shared bandwidth of an internet instance.' },
  'cross-zone-enabled': { kind: onOff, fallback: 'on', doc: 'Zones send requests to backends of other zones.' },
  'protocol-port': {
    kind: list('pairs protocol:port with commas between them, protocols tcp, udp, tcpssl', protocolPort),
    fallback: 'the protocol of the Service port',
    doc: 'Protocols of listeners.',
  },
  'cert-id': { kind: ids, fallback: '-', doc: 'Certificates of tcpssl listeners.' },
  'additional-cert-ids': {
    kind: list('at most 25 ids with commas between them', id.parse, 25),
    fallback: '-',
    doc: 'More certificates of tcpssl listeners.',
  },
  cacert: { kind: onOff, fallback: 'off', doc: 'Clients of tcpssl listeners need a certificate.' },
  'cacert-id': { kind: id, fallback: '-', doc: 'Authority of the certificates of clients.' },
  'tls-cipher-policy': {
    kind: textLike('a policy such as tls_cipher_policy_1_2, or an id of one', /^[A-Za-z0-9_-]{1,128}$/),
    fallback: 'tls_cipher_policy_1_0',
    doc: 'TLS versions and ciphers of tcpssl listeners.',
  },
  alpn: { kind: onOff, fallback: 'off', doc: 'ALPN on tcpssl listeners.' },
  'alpn-policy': {
    kind: word('HTTP1Only', 'HTTP2Only', 'HTTP2Optional', 'HTTP2Preferred'),
    fallback: '-',
    doc: 'What ALPN offers.',
  },
  'proxy-protocol': {
    kind: onOff,
    fallback: 'off',
    doc: 'Sends the PROXY protocol, version 2; backends have to expect it.',
  },
  'ppv2-pvl-ep-id-enabled': {
    kind: onOff,
    fallback: 'off',
    doc: 'The PROXY protocol carries the id of the PrivateLink endpoint.',
  },
  'ppv2-pvl-eps-id-enabled': {
    kind: onOff,
    fallback: 'off',
    doc: 'The PROXY protocol carries the id of the PrivateLink endpoint service.',
  },
  'ppv2-pvl-vpc-id-enabled': { kind: onOff, fallback: 'off', doc: 'The PROXY protocol carries the id of the VPC.' },
  cps: { kind: whole(0, 1_000_000), fallback: '0: no limit', doc: 'New connections per second and zone.' },
  'idle-timeout': {
    kind: whole(1, 900, 'seconds'),
    fallback: '900, UDP 20',
    doc: 'How long connections may be idle: 10 to 900 s, for UDP 10 to 20 s.',
  },
  'listener-port-range': {
    kind: list('ranges from-to:port with commas between them', portRange),
    fallback: '-',
    doc: 'A listener of many ports, which go to the same port of pods; with backend-type eni.',
  },
  scheduler: { kind: word('wrr', 'wlc', 'rr', 'sch', 'tch', 'qch'), fallback: 'wrr', doc: 'How backends are chosen.' },
  'connection-drain': clb['connection-drain'],
  'connection-drain-timeout': { kind: whole(0, 900, 'seconds'), fallback: '300', doc: 'For how long.' },
  'preserve-client-ip': {
    kind: onOff,
    fallback: 'on, with tcpssl off',
    doc: 'Backends see the address of the client.',
  },
  'server-group-type': {
    kind: word('Instance', 'Ip'),
    fallback: 'Instance',
    doc: 'Backends are machines and interfaces, or plain addresses of pods.',
  },
  'health-check-flag': { kind: onOff, fallback: 'on', doc: 'Health checks.' },
  'health-check-type': { kind: word('tcp', 'http', 'udp'), fallback: 'tcp', doc: 'How backends are checked.' },
  'health-check-uri': clb['health-check-uri'],
  'health-check-domain': {
    kind: textLike('a host name or $SERVER_IP', /^(\$SERVER_IP|[A-Za-z0-9.-]{1,80})$/),
    fallback: '$SERVER_IP',
    doc: 'Host of an http check.',
  },
  'health-check-method': { kind: word('head', 'get'), fallback: 'get', doc: 'Method of an http check.' },
  'health-check-httpcode': clb['health-check-httpcode'],
  'health-check-http-version': {
    kind: word('HTTP1.0', 'HTTP1.1'),
    fallback: 'HTTP1.0',
    doc: 'HTTP version of an http check.',
  },
  'health-check-connect-port': {
    kind: whole(0, 65_535),
    fallback: '0: the port of the backend',
    doc: 'Port that is checked.',
  },
  'health-check-connect-timeout': { kind: whole(1, 300, 'seconds'), fallback: '5', doc: 'How long a check waits.' },
  'health-check-interval': { kind: whole(1, 50, 'seconds'), fallback: '5', doc: 'Time between checks.' },
  'healthy-threshold': { ...clb['healthy-threshold'], fallback: '2' },
  'unhealthy-threshold': { ...clb['unhealthy-threshold'], fallback: '2' },
  'vgroup-port': {
    kind: list('pairs group:port with commas between them', groupPort),
    fallback: '-',
    doc: 'Server groups of the user, which backends of a port go into.',
  },
  weight: clb.weight,
  'default-weight': clb['default-weight'],
  'ignore-weight-update': clb['ignore-weight-update'],
  'backend-label': clb['backend-label'],
  'remove-unscheduled-backend': clb['remove-unscheduled-backend'],
  'backend-ip-version': clb['backend-ip-version'],
  'graceful-shutdown': clb['graceful-shutdown'],
  'backend-type': clb['backend-type'],
})

export type NlbValues = Values<typeof nlbAnnotations>

export interface Zone {
  readonly zone: string
  readonly vswitch: string
  readonly address: string
  readonly eip: string
}

function zoneMaps() {
  const form =
    'from 2 to 10 entries zone:vswitch, zone:vswitch:address or zone:vswitch:address:eip, with commas between them'
  const all = list(form, zoneOf, 10)
  return {
    form,
    parse: (text: string): readonly Zone[] | undefined => {
      const zones = all.parse(text)
      return zones === undefined || zones.length < 2 || new Set(zones.map(({ zone }) => zone)).size !== zones.length
        ? undefined
        : zones
    },
  }
}

function zoneOf(item: string): Zone | undefined {
  const match = /^([A-Za-z0-9-]+):([A-Za-z0-9-]+)(?::(\d+\.\d+\.\d+\.\d+)?(?::([A-Za-z0-9-]+))?)?$/.exec(item)
  if (match === null) return undefined
  const [, zone = '', vswitch = '', address = '', eip = ''] = match
  return { zone, vswitch, address, eip }
}

function protocolPort(
  item: string,
): { readonly protocol: (typeof nlbProtocols)[number]; readonly port: number } | undefined {
  const [name = '', number = '', ...more] = item.split(':')
  const protocol = nlbProtocols.find((one) => one === name)
  const found = port(number)
  return protocol === undefined || found === undefined || more.length > 0 ? undefined : { protocol, port: found }
}

function portRange(item: string): { readonly from: number; readonly to: number; readonly port: number } | undefined {
  const match = /^(\d{1,5})-(\d{1,5}):(\d{1,5})$/.exec(item)
  const [from, to, target] = [match?.[1], match?.[2], match?.[3]].map((text) => port(text ?? ''))
  if (from === undefined || to === undefined || target === undefined || from >= to) return undefined
  return { from, to, port: target }
}
