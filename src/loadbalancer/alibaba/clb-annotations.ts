import { declare, type Values } from './declare.js'
import { anyText, hostName, id, ipAddress, list, onOff, pairs, port, textLike, uriPath, whole, word } from './kinds.js'

const clbProtocols = ['tcp', 'udp', 'http', 'https'] as const

/** Annotations of a Classic Load Balancer. @source loadbalancer.md section 3 */
export const clbAnnotations = declare({
  'address-type': {
    kind: word('internet', 'intranet'),
    fallback: 'internet',
    doc: 'Whether the instance has a public address or one of its VPC; fixed when it is created.',
  },
  id: { kind: id, fallback: '-', doc: 'Uses an instance that exists instead of creating one; it is never deleted.' },
  'force-override-listeners': {
    kind: word('true', 'false'),
    fallback: 'false',
    doc: 'Listeners of an instance that is used are written too, those on the same port overwritten.',
  },
  name: {
    kind: textLike('a name of 1 to 80 letters, digits and -/._', /^[\p{L}0-9][\p{L}0-9\-/._]{0,79}$/u),
    fallback: 'made of the uid',
    doc: 'Name of the instance.',
  },
  'vswitch-id': { kind: id, fallback: 'that of the cluster', doc: 'VSwitch of an intranet instance.' },
  'network-type': { kind: word('classic', 'vpc'), fallback: 'vpc', doc: 'Network of an intranet instance.' },
  ip: { kind: ipAddress, fallback: '-', doc: 'A fixed address of an intranet instance.' },
  'ip-version': { kind: word('ipv4', 'ipv6'), fallback: 'ipv4', doc: 'IP version of the address.' },
  'master-zoneid': {
    kind: id,
    fallback: 'chosen by the cloud',
    doc: 'Zone of the instance; together with slave-zoneid.',
  },
  'slave-zoneid': { kind: id, fallback: 'chosen by the cloud', doc: 'Zone that takes over.' },
  'resource-group-id': {
    kind: id,
    fallback: 'the default group',
    doc: 'Resource group; fixed when the instance is created.',
  },
  'instance-charge-type': {
    kind: word('PayBySpec', 'PayByCLCU'),
    fallback: 'PayByCLCU, or PayBySpec with a spec',
    doc: 'How the instance is paid for; from PayByCLCU there is no way back.',
  },
  spec: {
    kind: textLike('a specification such as slb.s1.small', /^slb\.[a-z0-9]{1,8}\.[a-z0-9]{1,12}$/),
    fallback: 'slb.s1.small when PayBySpec',
    doc: 'Size of an instance that is paid by specification.',
  },
  'charge-type': {
    kind: word('paybytraffic', 'paybybandwidth'),
    fallback: 'paybytraffic',
    doc: 'How traffic of an internet instance is paid for.',
  },
  bandwidth: { kind: whole(1, 5120, 'Mbit/s'), fallback: '50', doc: 'Bandwidth that is paid for with paybybandwidth.' },
  'additional-resource-tags': { kind: pairs, fallback: '-', doc: 'More tags of an instance that was created here.' },
  'delete-protection': {
    kind: onOff,
    fallback: 'on',
    doc: 'Protects the instance against being deleted by others; it is switched off before it is deleted here.',
  },
  'modification-protection': {
    kind: word('ConsoleProtection', 'NonProtection'),
    fallback: 'ConsoleProtection',
    doc: 'Protects the instance against changes in the console.',
  },
  'preserve-lb-on-delete': {
    kind: anyText,
    fallback: '-',
    doc: 'The instance stays when the Service goes: its tags and protections are taken off.',
  },
  'external-ip-type': {
    kind: word('eip'),
    fallback: '-',
    doc: 'The status shows the EIP that is bound to an intranet instance.',
  },
  hostname: { kind: hostName, fallback: '-', doc: 'The status shows this name instead of the address.' },
  'protocol-port': {
    kind: list('pairs protocol:port with commas between them, protocols tcp, udp, http, https', protocolPort),
    fallback: 'the protocol of the Service port',
    doc: 'Protocols of listeners.',
  },
  'cert-id': {
    kind: textLike('an id of a server certificate', /^[A-Za-z0-9_-]{1,128}$/),
    fallback: '-',
    doc: 'Certificate of https listeners.',
  },
  'domain-extensions': {
    kind: list('pairs domain:certificate with commas between them', domainExtension),
    fallback: '-',
    doc: 'More certificates of https listeners, by server name.',
  },
  'tls-cipher-policy': {
    kind: word(
      'tls_cipher_policy_1_0',
      'tls_cipher_policy_1_1',
      'tls_cipher_policy_1_2',
      'tls_cipher_policy_1_2_strict',
      'tls_cipher_policy_1_2_strict_with_1_3',
    ),
    fallback: 'tls_cipher_policy_1_0',
    doc: 'TLS versions and ciphers of https listeners.',
  },
  'http2-enabled': { kind: onOff, fallback: 'on', doc: 'HTTP/2 on https listeners.' },
  'forward-port': {
    kind: list('pairs from:to of ports with commas between them', portPair),
    fallback: '-',
    doc: 'An http listener redirects to the https listener of the other port.',
  },
  'xforwardedfor-proto': { kind: onOff, fallback: 'off', doc: 'X-Forwarded-Proto on http and https listeners.' },
  'xforwardedfor-slbport': { kind: onOff, fallback: 'off', doc: 'X-Forwarded-Port on http and https listeners.' },
  'xforwardedfor-clientsrcport': {
    kind: onOff,
    fallback: 'off',
    doc: 'X-Forwarded-Client-srcport on http and https listeners.',
  },
  'idle-timeout': {
    kind: whole(1, 60, 'seconds'),
    fallback: '15',
    doc: 'How long http and https connections are kept idle.',
  },
  'request-timeout': {
    kind: whole(1, 180, 'seconds'),
    fallback: '60',
    doc: 'How long an http or https request may take.',
  },
  'established-timeout': {
    kind: whole(10, 900, 'seconds'),
    fallback: '900',
    doc: 'How long a tcp connection may be idle.',
  },
  scheduler: { kind: word('rr', 'wrr', 'wlc', 'sch', 'tch', 'qch'), fallback: 'rr', doc: 'How backends are chosen.' },
  'persistence-timeout': {
    kind: whole(0, 3600, 'seconds'),
    fallback: '0: off',
    doc: 'How long a client address stays with its backend, on tcp listeners.',
  },
  'sticky-session': {
    kind: onOff,
    fallback: 'off',
    doc: 'Sessions of http and https listeners stay with their backend.',
  },
  'sticky-session-type': {
    kind: word('insert', 'server'),
    fallback: 'insert',
    doc: 'Who sets the cookie of the session.',
  },
  'cookie-timeout': { kind: whole(1, 86_400, 'seconds'), fallback: '-', doc: 'How long an inserted cookie lives.' },
  cookie: {
    kind: textLike('a name of a cookie, at most 200 characters', /^[A-Za-z0-9_!#%&'*+.^`|~-]{1,200}$/),
    fallback: '-',
    doc: 'Name of the cookie that the server sets.',
  },
  'connection-drain': {
    kind: onOff,
    fallback: 'off',
    doc: 'Connections to backends that go are kept for a while, on tcp and udp listeners.',
  },
  'connection-drain-timeout': { kind: whole(10, 900, 'seconds'), fallback: '300', doc: 'For how long.' },
  'proxy-protocol': {
    kind: onOff,
    fallback: 'off',
    doc: 'Sends the PROXY protocol, version 2, on tcp and udp listeners; backends have to expect it.',
  },
  'acl-status': { kind: onOff, fallback: 'off', doc: 'Uses a list of addresses on all listeners.' },
  'acl-id': {
    kind: textLike('an id of an access control list', /^[A-Za-z0-9_-]{1,128}$/),
    fallback: '-',
    doc: 'The list.',
  },
  'acl-type': { kind: word('white', 'black'), fallback: '-', doc: 'Whether the list allows or refuses.' },
  'health-check-switch': { kind: onOff, fallback: 'on', doc: 'Health checks of tcp and udp listeners.' },
  'health-check-flag': { kind: onOff, fallback: 'off', doc: 'Health checks of http and https listeners.' },
  'health-check-type': { kind: word('tcp', 'http'), fallback: 'tcp', doc: 'How tcp listeners check.' },
  'health-check-uri': { kind: uriPath, fallback: '/', doc: 'What an http check asks for.' },
  'health-check-domain': {
    kind: textLike('a host name or $_ip', /^(\$_ip|[A-Za-z0-9.-]{1,80})$/),
    fallback: 'the address of the backend',
    doc: 'Host of an http check.',
  },
  'health-check-method': { kind: word('head', 'get'), fallback: 'head', doc: 'Method of an http check.' },
  'health-check-httpcode': {
    kind: textLike(
      'http_2xx, http_3xx, http_4xx, http_5xx with commas between them',
      /^http_[2-5]xx(,http_[2-5]xx){0,3}$/,
    ),
    fallback: 'http_2xx',
    doc: 'Answers that count as healthy.',
  },
  'health-check-connect-port': {
    kind: whole(1, 65_535),
    fallback: 'the port of the backend',
    doc: 'Port that is checked.',
  },
  'health-check-interval': { kind: whole(1, 50, 'seconds'), fallback: '2', doc: 'Time between checks.' },
  'health-check-connect-timeout': {
    kind: whole(1, 300, 'seconds'),
    fallback: '5',
    doc: 'How long a check of a tcp or udp listener waits.',
  },
  'health-check-timeout': {
    kind: whole(1, 300, 'seconds'),
    fallback: '5',
    doc: 'How long an http check waits; at least the interval.',
  },
  'healthy-threshold': { kind: whole(2, 10), fallback: '3', doc: 'Good checks until a backend counts as healthy.' },
  'unhealthy-threshold': { kind: whole(2, 10), fallback: '3', doc: 'Bad checks until it does not.' },
  'vgroup-port': {
    kind: list('pairs group:port with commas between them', groupPort),
    fallback: '-',
    doc: 'Groups of an instance that is used, which backends of a port go into.',
  },
  weight: { kind: whole(0, 100), fallback: '-', doc: 'Weight that all backends of a used group share.' },
  'default-weight': { kind: whole(0, 100), fallback: '100', doc: 'Weight of a backend.' },
  'ignore-weight-update': { kind: onOff, fallback: 'off', doc: 'Weights that were changed by hand stay.' },
  'backend-label': { kind: pairs, fallback: '-', doc: 'Only nodes with all of these labels are backends.' },
  'remove-unscheduled-backend': {
    kind: onOff,
    fallback: 'off',
    doc: 'Nodes that nothing is scheduled on are no backends.',
  },
  'backend-ip-version': { kind: word('ipv4', 'ipv6'), fallback: 'ipv4', doc: 'IP version of pod addresses.' },
  'graceful-shutdown': {
    kind: word('true'),
    fallback: '-',
    doc: 'Pods that end and still serve stay with weight 0, with backend-type eni.',
  },
  'backend-type': {
    kind: word('eni', 'ecs'),
    fallback: 'as the controller was told',
    doc: 'Whether backends are pods (eni) or nodes (ecs).',
    name: 'service.beta.kubernetes.io/backend-type',
  },
})

export type ClbValues = Values<typeof clbAnnotations>

function protocolPort(
  item: string,
): { readonly protocol: (typeof clbProtocols)[number]; readonly port: number } | undefined {
  const [name = '', number = '', ...more] = item.split(':')
  const protocol = clbProtocols.find((one) => one === name)
  const found = port(number)
  return protocol === undefined || found === undefined || more.length > 0 ? undefined : { protocol, port: found }
}

function domainExtension(item: string): { readonly domain: string; readonly certificate: string } | undefined {
  const match = /^((?:\*\.)?[A-Za-z0-9.-]{1,253}):([A-Za-z0-9_-]{1,128})$/.exec(item)
  return match === null ? undefined : { domain: match[1] ?? '', certificate: match[2] ?? '' }
}

function portPair(item: string): { readonly from: number; readonly to: number } | undefined {
  const [first = '', second = '', ...more] = item.split(':')
  const [from, to] = [port(first), port(second)]
  return from === undefined || to === undefined || more.length > 0 ? undefined : { from, to }
}

export function groupPort(item: string): { readonly group: string; readonly port: number } | undefined {
  const match = /^([A-Za-z0-9_-]{1,128}):(\d{1,5})$/.exec(item)
  const found = port(match?.[2] ?? '')
  return match === null || found === undefined ? undefined : { group: match[1] ?? '', port: found }
}
