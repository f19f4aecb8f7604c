import { byteAt, find, fromByte, slice } from '#bytes'
import { hexValue } from './byte-class.js'

const SLASH = 47

/** A path, or why NGINX refuses it with 400. */
export type PathResult =
  | { readonly kind: 'ok'; readonly path: string }
  | { readonly kind: 'refused'; readonly reason: string }

/**
 * `$uri` of an origin-form target (`/path?query#fragment`): what stands before the first `?` or `#`, decoded, with
 * several slashes merged into one and `.` and `..` resolved (PATH-3; NGINX's merge_slashes on).
 *
 * Escapes are decoded before the path is divided, so `%2F` divides and `%2e%2e` climbs, while `%3F` and `%23` end nothing.
 */
export function uriPath(target: string): PathResult {
  const decoded = decode(pathOf(target))
  return decoded.kind === 'refused' ? decoded : resolveSegments(decoded.path)
}

/** What stands before the query and the fragment. */
function pathOf(target: string): string {
  const query = find(target, '?', 0)
  const path = query < 0 ? target : slice(target, 0, query)
  const fragment = find(path, '#', 0)
  return fragment < 0 ? path : slice(path, 0, fragment)
}

function decode(text: string): PathResult {
  let decoded = ''
  let from = 0
  for (;;) {
    const percent = find(text, '%', from)
    if (percent < 0) return { kind: 'ok', path: decoded + slice(text, from, text.length) }
    const byte = escapedByte(text, percent)
    if (byte < 0) return { kind: 'refused', reason: 'the path has a "%" without two hexadecimal digits after it' }
    if (byte === 0) return { kind: 'refused', reason: 'the path has a zero byte ("%00")' }
    decoded = decoded + slice(text, from, percent) + fromByte(byte)
    from = percent + 3
  }
}

/** The byte that the escape at `percent` stands for; -1 when it is none. */
function escapedByte(text: string, percent: number): number {
  if (percent + 2 >= text.length) return -1
  const high = hexValue(byteAt(text, percent + 1))
  const low = hexValue(byteAt(text, percent + 2))
  return high < 0 || low < 0 ? -1 : high * 16 + low
}

/** Element by element; until the last one, `resolved` ends with a slash. */
export function resolveSegments(path: string): PathResult {
  let resolved = '/'
  let from = 1
  while (from <= path.length) {
    const slash = find(path, '/', from)
    const end = slash < 0 ? path.length : slash
    const element = slice(path, from, end)
    if (element === '..') {
      if (resolved === '/') return { kind: 'refused', reason: 'the path climbs above "/" with ".."' }
      resolved = parentOf(resolved)
    } else if (element !== '' && element !== '.') {
      resolved = resolved + element + (slash < 0 ? '' : '/')
    }
    from = end + 1
  }
  return { kind: 'ok', path: resolved }
}

/** `/a/` for `/a/b/`; the path must have an element. */
function parentOf(path: string): string {
  let end = path.length - 1
  while (byteAt(path, end - 1) !== SLASH) end--
  return slice(path, 0, end)
}
