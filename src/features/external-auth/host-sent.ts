import { parseHostName } from '../../request/host-name.js'
import type { Passage } from '../../request/passage.js'
import type { RequestPort } from '../../request/port.js'

/**
 * The Host header as it was sent, or as a proxy in front that is believed says it, with its port, for a URL that an auth service or a browser believes. The name alone where
 * the request was routed by another one (an absolute target, HTTP/1.0), or where what stands behind the name is no port: a
 * URL with `a.test:x@evil.test` leads elsewhere.
 */
export function hostSent({ asked }: Passage, variable: RequestPort['variable']): string {
  const sent = variable('upstream_host') ?? variable('http_host')
  if (sent === undefined || sent === asked.name) return asked.name
  return parseHostName(sent, true) === asked.name ? sent : asked.name
}
