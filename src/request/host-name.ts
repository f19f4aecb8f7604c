import { byteAt, find, lower, slice } from '#bytes'
import { isControl, isDigit, isSubDelimiter, isUnreserved } from './byte-class.js'

const BLANK = 32
const PERCENT = 37
const DOT = 46
const SLASH = 47
const COLON = 58
const OPEN_BRACKET = 91

/**
 * What NGINX makes of a Host header, of `:authority`, or of the authority in an absolute request target: lower case,
 * without port and final dot (HOST-2). undefined: it answers 400.
 *
 * `strict` is NGINX from 1.29.4 on: the host is a name or a bracketed address of RFC 3986 (any escapes, no other bytes),
 * the port a number up to 65535. Before, every byte was taken but controls, blank and slash.
 */
export function parseHostName(text: string, strict: boolean): string | undefined {
  if (strict ? !isStrict(text) : !isLenient(text)) return undefined
  let lastDot = -1
  for (let i = 0; i < text.length; i++) {
    if (byteAt(text, i) !== DOT) continue
    if (i > 0 && lastDot === i - 1) return undefined
    lastDot = i
  }
  const end = hostEnd(text)
  const name = slice(text, 0, end > 0 && lastDot === end - 1 ? end - 1 : end)
  return name === '' ? undefined : lower(name)
}

/** Where the port, or what is taken for one, begins. A bracket that is never closed makes all of the text the host. */
function hostEnd(text: string): number {
  if (text !== '' && byteAt(text, 0) === OPEN_BRACKET) {
    const close = find(text, ']', 0)
    return close < 0 ? text.length : close + 1
  }
  const colon = find(text, ':', 0)
  return colon < 0 ? text.length : colon
}

function isLenient(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const byte = byteAt(text, i)
    if (isControl(byte) || byte === BLANK || byte === SLASH) return false
  }
  return true
}

function isStrict(text: string): boolean {
  const end = hostEnd(text)
  if (!isPort(slice(text, end, text.length))) return false
  if (end > 0 && byteAt(text, 0) === OPEN_BRACKET) return isAddress(slice(text, 0, end))
  for (let i = 0; i < end; i++) {
    const byte = byteAt(text, i)
    if (!isUnreserved(byte) && !isSubDelimiter(byte) && byte !== PERCENT) return false
  }
  return true
}

/** `[...]` with what an IPv6 address or a later form of one may be written with (RFC 3986, 3.2.2). */
function isAddress(text: string): boolean {
  if (text.length < 2 || slice(text, text.length - 1, text.length) !== ']') return false
  return isAddressText(slice(text, 1, text.length - 1))
}

/** What may stand between the brackets; NGINX does not ask whether it is an address. */
export function isAddressText(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const byte = byteAt(text, i)
    if (!isUnreserved(byte) && !isSubDelimiter(byte) && byte !== COLON) return false
  }
  return true
}

/** Nothing, or a colon and a number up to 65535, or the colon alone. */
function isPort(text: string): boolean {
  if (text === '') return true
  if (byteAt(text, 0) !== COLON) return false
  let port = 0
  for (let i = 1; i < text.length; i++) {
    const byte = byteAt(text, i)
    if (!isDigit(byte)) return false
    port = port * 10 + byte - 48
    if (port > 65535) return false
  }
  return true
}
