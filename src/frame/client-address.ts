import { simple, variable, withVariables, type Argument, type Directive } from '../nginx/directive.js'
import { headerVariable } from '../model/backend-headers.js'
import type { ClientAddress, FrameSettings } from '../model/frame-settings.js'
import { map } from './map.js'

/** Sections 8 and 9 of routing.md; ngx_http_realip_module. */
export function clientAddress({ clientAddress: from }: FrameSettings): readonly Directive[] {
  return [...realAddress(from), ...schemes(from), ...ports(from), ...forwardedFor(from)]
}

function realAddress({ source, trusted }: ClientAddress): readonly Directive[] {
  if (source === 'connection') return []
  return [
    ...trusted.map((cidr) => simple('set_real_ip_from', cidr)),
    simple('real_ip_header', source === 'PROXY' ? 'proxy_protocol' : source.header),
    simple('real_ip_recursive', 'on'),
  ]
}

/** IPA-3: the port that the client asked for says what the connection in front was. */
function schemes({ forwarded, proxyProtocol }: ClientAddress): readonly Directive[] {
  const connection = proxyProtocol ? 'proxied_scheme' : 'scheme'
  const named = forwarded ? [or('http_x_forwarded_proto', 'pass_scheme', variable(connection))] : []
  if (!proxyProtocol) return named
  const name = forwarded ? 'proxied_scheme' : 'pass_scheme'
  return [map('proxy_protocol_server_port', name, variable('scheme'), [['443', 'https']]), ...named]
}

function ports({ forwarded, proxyProtocol }: ClientAddress): readonly Directive[] {
  const names = [
    ...(proxyProtocol ? ['proxy_protocol_server_port'] : []),
    ...(forwarded ? ['http_x_forwarded_port'] : []),
  ]
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
