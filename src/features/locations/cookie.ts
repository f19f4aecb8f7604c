import { byteAt, find, lower, slice } from '#bytes'
import type { Replacement } from '../../model/proxy-features.js'

const BLANK = 32
const DOT = 46

/**
 * A Set-Cookie value with the attributes Domain and Path replaced where they are those that are meant (PRX-6, RFC 6265,
 * 4.1).
 */
export function rewriteCookie(cookie: string, domain: Replacement | undefined, path: Replacement | undefined): string {
  let end = find(cookie, ';', 0)
  if (end < 0) return cookie
  let result = slice(cookie, 0, end)
  while (end < cookie.length) {
    const next = find(cookie, ';', end + 1)
    const stop = next < 0 ? cookie.length : next
    result = `${result};${rewriteAttribute(slice(cookie, end + 1, stop), domain, path)}`
    end = stop
  }
  return result
}

function rewriteAttribute(attribute: string, domain: Replacement | undefined, path: Replacement | undefined): string {
  let begin = 0
  while (begin < attribute.length && byteAt(attribute, begin) === BLANK) begin++
  const equals = find(attribute, '=', begin)
  if (equals < 0) return attribute
  const name = lower(slice(attribute, begin, equals))
  const value = slice(attribute, equals + 1, attribute.length)
  const head = slice(attribute, 0, equals + 1)
  if (name === 'domain' && domain !== undefined) return `${head}${rewriteDomain(value, domain)}`
  if (name === 'path' && path !== undefined && slice(value, 0, path.from.length) === path.from) {
    return `${head}${path.to}${slice(value, path.from.length, value.length)}`
  }
  return attribute
}

/** The whole domain, in any case; a dot before it stays. */
function rewriteDomain(value: string, { from, to }: Replacement): string {
  const dotted = value.length > 0 && byteAt(value, 0) === DOT
  const domain = dotted ? slice(value, 1, value.length) : value
  if (lower(domain) !== lower(from)) return value
  return dotted ? `.${to}` : to
}
