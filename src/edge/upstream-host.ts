import { byteAt, find, lower, slice } from '#bytes'
import { withoutFinalDot } from '../model/host.js'
import { config } from './config.js'
import { askedHost } from './http3.js'
import { variables } from './variables.js'

const CLOSE_BRACKET = 93

/**
 * The backend gets the Host header as the client sent it, unless that is not what the request was routed by: an absolute
 * request target counts before the header (RFC 9112, 3.2.2), and HTTP/1.0 need not send one.
 *
 * @returns whether it gets another one
 */
export function setUpstreamHost(name: string): boolean {
  const other = forwardedHost() ?? nameUnlessSent(name)
  if (other === undefined) return false
  variables['upstream_host'] = other
  // Of a request that was sent on it is not made of the other one any more (`sent-on.ts`).
  if (ngx.req.is_internal()) variables['backend_host'] = other
  return true
}

function nameUnlessSent(name: string): string | undefined {
  const sent = askedHost()
  if (sent === name) return undefined
  return sent === undefined || hostOf(sent) !== name ? name : undefined
}

/** SSL-5: the name that the client knows the host by, without port, where a proxy says so. */
export function forwardedName(): string | undefined {
  const forwarded = forwardedHost()
  return forwarded === undefined ? undefined : hostOf(forwarded)
}

/** The first value of X-Forwarded-Host where it is believed; what cannot be a host counts as nothing. */
function forwardedHost(): string | undefined {
  const name = config().forwarded_host
  const header = name === undefined ? undefined : variables[name]
  if (header === undefined || header === '') return undefined
  const comma = find(header, ',', 0)
  const [first] = string.match(comma < 0 ? header : slice(header, 0, comma), '^%s*([%w%.%-_%[%]:]+)%s*$')
  return first
}

function hostOf(header: string): string {
  const text = lower(header)
  const colon = lastColon(text)
  return withoutFinalDot(colon < 0 ? text : slice(text, 0, colon))
}

/** The colon before a port; not one inside an IPv6 address. */
function lastColon(text: string): number {
  for (let i = text.length - 1; i >= 0; i--) {
    const byte = byteAt(text, i)
    if (byte === 58) return i
    if (byte === CLOSE_BRACKET) return -1
  }
  return -1
}
