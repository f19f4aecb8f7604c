import { byteAt, find, lower, slice } from '#bytes'
import type { AnswerRewriting, Replacement } from '../../model/proxy-features.js'
import type { Passage } from '../../request/passage.js'
import type { ResponsePort } from '../../request/port.js'
import { routeStep } from '../../request/step.js'
import { rewriteCookie } from './cookie.js'

const SLASH = 47

/** Puts Location, Refresh and Set-Cookie of a backend right (PRX-5, PRX-6). What NGINX answers itself is not touched. */
export const rewriting = routeStep('rewriting', rewrite)

function rewrite(settings: AnswerRewriting, passage: Passage, port: ResponsePort): void {
  const endpoint = port.variable('upstream_addr')
  if (endpoint === undefined) return
  if (settings.endpointLocation === true) {
    const address = lastOf(endpoint)
    rewriteLocation({ from: `http://${address}/`, to: '/' }, passage, port)
    rewriteLocation({ from: `https://${address}/`, to: '/' }, passage, port)
  } else if (settings.location !== undefined) rewriteLocation(settings.location, passage, port)
  const { cookieDomain, cookiePath } = settings
  if (cookieDomain === undefined && cookiePath === undefined) return
  const cookies = port.answered('Set-Cookie')
  if (cookies === undefined) return
  if (typeof cookies === 'string') {
    port.answer('Set-Cookie', rewriteCookie(cookies, cookieDomain, cookiePath))
    return
  }
  const rewritten: string[] = []
  for (const cookie of cookies) rewritten.push(rewriteCookie(cookie, cookieDomain, cookiePath))
  port.answer('Set-Cookie', rewritten)
}

/** The endpoint that answered: the last one of a list. */
function lastOf(endpoints: string): string {
  let last = endpoints
  for (let comma = find(last, ', ', 0); comma >= 0; comma = find(last, ', ', 0))
    last = slice(last, comma + 2, last.length)
  return last
}

function rewriteLocation(replacement: Replacement, { asked }: Passage, port: ResponsePort): void {
  const base = `${asked.scheme()}://${asked.name}`
  const location = port.answered('Location')
  if (typeof location === 'string' && startsWith(location, replacement.from)) {
    port.answer('Location', replaced(location, 0, replacement, base))
  }
  const refresh = port.answered('Refresh')
  if (typeof refresh !== 'string') return
  const at = find(lower(refresh), 'url=', 0)
  if (at >= 0 && startsWith(slice(refresh, at + 4, refresh.length), replacement.from)) {
    port.answer('Refresh', `${slice(refresh, 0, at + 4)}${replaced(refresh, at + 4, replacement, base)}`)
  }
}

/** What follows from `at` on, in its new form; a path becomes a whole URL, as in NGINX. */
function replaced(text: string, at: number, { from, to }: Replacement, base: string): string {
  const whole = `${to}${slice(text, at + from.length, text.length)}`
  return whole.length > 0 && byteAt(whole, 0) === SLASH ? `${base}${whole}` : whole
}

function startsWith(text: string, beginning: string): boolean {
  return slice(text, 0, beginning.length) === beginning
}
