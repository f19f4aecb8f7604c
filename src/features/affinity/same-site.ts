import { byteAt, find } from '#bytes'
import { isDigit } from '../../request/byte-class.js'

/**
 * Whether a browser takes `SameSite=None` for what it means (AFF-8). Chrome 4x to 6x, all of iOS 12 and Safari on macOS 10.14
 * do not: they drop the cookie, or read it as Strict. No User-Agent counts as able.
 */
export function understandsSameSiteNone(userAgent: string | undefined): boolean {
  if (userAgent === undefined) return true
  if (hasOldVersion(userAgent, 'Chrome/') || hasOldVersion(userAgent, 'CriOS/')) return false
  if (has(userAgent, 'iPhone OS 12_') || has(userAgent, 'iPad; CPU OS 12_')) return false
  return !has(userAgent, 'Mac OS X 10_14') || !has(userAgent, 'Safari/') || has(userAgent, 'Chrome/')
}

function has(text: string, part: string): boolean {
  return find(text, part, 0) >= 0
}

/** 40 to 69 after the name, and no third digit. */
function hasOldVersion(text: string, name: string): boolean {
  const at = find(text, name, 0)
  const first = at + name.length
  if (at < 0 || first + 1 >= text.length) return false
  const tens = byteAt(text, first)
  if (tens < 52 || tens > 54 || !isDigit(byteAt(text, first + 1))) return false
  return first + 2 === text.length || !isDigit(byteAt(text, first + 2))
}
