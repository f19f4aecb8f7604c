import { byteAt, findControl, findUnprintable, fromByte, hex } from '#bytes'
import { isControl, isUnreserved } from './byte-class.js'

/**
 * Makes text safe for a header or for a variable that a directive copies into one: bytes below 0x21, and from 0x7f on,
 * become %XX. NGINX copies a decoded CR LF from a variable as it is, so whatever Lua or the translation puts where a
 * client or a backend reads a header passes through here.
 */
export function escapeForHeader(text: string): string {
  // Most texts are safe as they are, and looking is much cheaper than writing.
  if (findUnprintable(text) < 0) return text
  let escaped = ''
  for (let i = 0; i < text.length; i++) {
    const byte = byteAt(text, i)
    escaped = escaped + (byte < 0x21 || byte >= 0x7f ? `%${hex(byte)}` : fromByte(byte))
  }
  return escaped
}

/** Text as a part of a query, or wherever it may not mean anything: all but unreserved characters of RFC 3986 become %XX. */
export function escapeComponent(text: string): string {
  let escaped = ''
  for (let i = 0; i < text.length; i++) {
    const byte = byteAt(text, i)
    escaped = escaped + (isUnreserved(byte) ? fromByte(byte) : `%${hex(byte)}`)
  }
  return escaped
}

/** Text for the value of a header: line ends and other control bytes, but for tabs, become %XX. */
export function escapeControls(text: string): string {
  if (findControl(text) < 0) return text
  let escaped = ''
  for (let i = 0; i < text.length; i++) {
    const byte = byteAt(text, i)
    escaped = escaped + (isControl(byte) && byte !== TAB ? `%${hex(byte)}` : fromByte(byte))
  }
  return escaped
}

/** A path in bytes as it stands in a URI: what `escapeForHeader` escapes, and what would end or change the path. */
export function escapePath(path: string): string {
  let escaped = ''
  for (let i = 0; i < path.length; i++) {
    const byte = byteAt(path, i)
    escaped = escaped + (isPathByte(byte) ? fromByte(byte) : `%${hex(byte)}`)
  }
  return escaped
}

const TAB = 0x09
const QUOTE = 0x22
const HASH = 0x23
const PERCENT = 0x25
const LESS = 0x3c
const GREATER = 0x3e
const QUESTION = 0x3f
const BACKSLASH = 0x5c
const CARET = 0x5e
const BACKTICK = 0x60

function isPathByte(byte: number): boolean {
  if (byte < 0x21 || byte >= 0x7f) return false
  if (byte === QUOTE || byte === HASH || byte === PERCENT || byte === LESS || byte === GREATER) return false
  if (byte === QUESTION || byte === BACKSLASH || byte === CARET || byte === BACKTICK) return false
  return byte < 0x7b || byte === 0x7e
}
