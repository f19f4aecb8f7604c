import { headerVariable } from '../model/backend-headers.js'
import type { ClientAddress, FrameSettings } from '../model/frame-settings.js'
import { simple, variable, withVariables, type Argument, type Directive } from '../nginx/directive.js'
import { map } from './map.js'

/** Sections 8 and 9 of routing.md; ngx_http_realip_module, ngx_http_geo_module. */
export function clientAddress({ clientAddress: from }: FrameSettings): readonly Directive[] {
  return [...realAddress(from), ...peers(from), ...schemes(from), ...ports(from), ...forwardedFor(from)]
}

function realAddress({ source, trusted }: ClientAddress): readonly Directive[] {
  if (source === 'connection') return []
  return [
    ...trusted.map((cidr) => simple('set_real_ip_from', cidr)),
    simple('real_ip_header', source === 'PROXY' ? 'proxy_protocol' : source.header),
    simple('real_ip_recursive', 'on'),
  ]
}

/** Where a word about the connection in front is taken from; names of variables, each empty where it is not believed. */
interface Words {
  readonly proto: string
  readonly port: string
  readonly host: string
  /** The port of the PROXY header. */
  readonly proxied: string
}

const OF_EVERYBODY: Words = {
  proto: 'http_x_forwarded_proto',
  port: 'http_x_forwarded_port',
  host: 'http_x_forwarded_host',
  proxied: 'proxy_protocol_server_port',
}

const OF_THE_TRUSTED: Words = {
  proto: 'trusted_proto',
  port: 'trusted_port',
  host: 'trusted_host',
  proxied: 'trusted_proxied_port',
}

function wordsOf({ checksPeer }: ClientAddress): Words {
  return checksPeer ? OF_THE_TRUSTED : OF_EVERYBODY
}

/** The variable of X-Forwarded-Host as it is believed; undefined: not at all. */
export function forwardedHostVariable(from: ClientAddress): string | undefined {
  return from.forwarded ? wordsOf(from).host : undefined
}

/**
 * Better than IPA-2: what is said of scheme, host and port counts from those who are trusted, where it is said who they
 * are. Who speaks PROXY is the peer; who sends headers behind that is who PROXY says it is, and it was believed by
 * then.
 */
function peers({ checksPeer, trusted, forwarded, proxyProtocol }: ClientAddress): readonly Directive[] {
  if (!checksPeer) return []
  const believe = (by: string, words: readonly (keyof Words)[]): readonly Directive[] =>
    words.map((word) => map(by, OF_THE_TRUSTED[word], '', [['1', variable(OF_EVERYBODY[word])]]))
  const isTrusted = (address: string, to: string): Directive => ({
    name: 'geo',
    args: [variable(address), variable(to)],
    block: { otherwise: '0', cases: trusted.map((cidr) => [cidr, '1'] as const) },
  })
  const peer = 'realip_remote_addr'
  return [
    ...(proxyProtocol ? [isTrusted(peer, 'by_trusted_peer'), ...believe('by_trusted_peer', ['proxied'])] : []),
    ...(forwarded
      ? [
          isTrusted(proxyProtocol ? 'remote_addr' : peer, 'by_trusted_sender'),
          ...believe('by_trusted_sender', ['proto', 'port', 'host']),
        ]
      : []),
  ]
}

/** IPA-3: the port that the client asked for says what the connection in front was. */
function schemes(from: ClientAddress): readonly Directive[] {
  const { forwarded, proxyProtocol } = from
  const words = wordsOf(from)
  const connection = proxyProtocol ? 'proxied_scheme' : 'scheme'
  const named = forwarded ? [or(words.proto, 'pass_scheme', variable(connection))] : []
  if (!proxyProtocol) return named
  const name = forwarded ? 'proxied_scheme' : 'pass_scheme'
  return [map(words.proxied, name, variable('scheme'), [['443', 'https']]), ...named]
}

function ports(from: ClientAddress): readonly Directive[] {
  const words = wordsOf(from)
  const names = [...(from.proxyProtocol ? [words.proxied] : []), ...(from.forwarded ? [words.port] : [])]
  const last = names.length
  const to = (step: number): string => (step === last ? 'pass_port' : `port_${step}`)
  return [
    map('https', to(0), variable('server_port'), [['on', '443']]),
    ...names.map((name, i) => or(name, to(i + 1), variable(to(i)))),
  ]
}

function forwardedFor({ appends, forHeader }: ClientAddress): readonly Directive[] {
  if (!appends) return []
  const header = headerVariable(forHeader)
  const both = withVariables`${header}, ${'realip_remote_addr'}`
  return [map(header, 'full_x_forwarded_for', both, [['', variable('realip_remote_addr')]])]
}

/** `to` is the variable `from`, and where that has no value the other. */
function or(from: string, to: string, otherwise: Argument): Directive {
  return map(from, to, variable(from), [['', otherwise]])
}
