import { parseHostName } from '../../request/host-name.js'
import type { Passage } from '../../request/passage.js'
import type { RequestPort } from '../../request/port.js'

/**
 * The Host header as it was sent, with its port, by which the request was routed: what an auth service judges by, and
 * where a browser comes back to (EXT-1, EXT-3). Not X-Forwarded-Host, with which a client would choose the host that it
 * is judged for.
 */
export function hostSent({ asked }: Passage, variable: RequestPort['variable']): string {
  return withPort(variable('http_host'), asked.routed)
}

/** `$best_http_host`, where somebody asks for it by name: the same, or as a proxy in front that is believed says it. */
export function hostKnown({ asked }: Passage, variable: RequestPort['variable']): string {
  return withPort(variable('upstream_host') ?? variable('http_host'), asked.name)
}

/**
 * The name alone where the request was routed by another one (an absolute target, HTTP/1.0), or where what stands
 * behind the name is no port: a URL with `a.test:x@evil.test` leads elsewhere.
 */
function withPort(sent: string | undefined, name: string): string {
  if (sent === undefined || sent === name) return name
  return parseHostName(sent, true) === name ? sent : name
}
