import { find, slice } from '#bytes'
import type { RequestPort } from './port.js'

/** What a session cookie says. */
export interface Session {
  /** Finds the endpoint: a digest of it (persistent), or text that is hashed onto the endpoints (balanced). */
  readonly key: string
  /** Which upstream the client is bound to; absent in cookies of old. */
  readonly backend?: string
}

/**
 * Reads the value `<key>|<backend key>` of a session cookie; without `|` all of it is the key (AFF-2). undefined: there
 * is no key.
 */
export function parseSession(value: string | undefined): Session | undefined {
  if (value === undefined) return undefined
  const bar = find(value, '|', 0)
  const key = bar < 0 ? value : slice(value, 0, bar)
  if (key === '') return undefined
  if (bar < 0) return { key }
  const next = find(value, '|', bar + 1)
  return { key, backend: slice(value, bar + 1, next < 0 ? value.length : next) }
}

/**
 * The second half of a cookie's value: which upstream it is of. `label` is the name in the access log, as in
 * ingress-nginx.
 */
export function backendKeyOf(label: string, md5: RequestPort['md5']): string {
  return md5(md5(label) + label)
}

/** The key of an endpoint in persistent mode (AFF-2); the address of IPv6 in brackets. */
export function endpointKeyOf(label: string, address: string, port: number, md5: RequestPort['md5']): string {
  return md5(`${label}${address}:${port}`)
}

/** Whether a client is bound to an upstream (CAN-7, AFF-10). */
export function isBoundTo(session: Session | undefined, backendKey: string): boolean {
  return session !== undefined && session.backend === backendKey
}
