import { isHttp3 } from './http3.js'
import { variables } from './variables.js'

/** What a request says of its body, before any of it is read. */
export type Body = 'fits' | 'too large' | 'of unknown length'

/**
 * Measures the body of a request against a limit in bytes, which is not 0 (PRX-1). One in chunks, and every one over HTTP/2
 * without Content-Length, does not say how long it is: the location that reads it has to look.
 */
export function measureBody(limit: number, isHttp2: boolean): Body {
  const length = variables['content_length']
  if (length !== undefined && length !== '') return (tonumber(length) ?? 0) > limit ? 'too large' : 'fits'
  if (variables['http_transfer_encoding'] !== undefined) return 'of unknown length'
  return isHttp2 || isHttp3() ? 'of unknown length' : 'fits'
}
