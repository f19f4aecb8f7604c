import { byteAt, find, slice } from '#bytes'
import { isDigit, isLetter } from './byte-class.js'
import { isAddressText } from './host-name.js'

const HYPHEN = 45
const DOT = 46
const PLUS = 43

/** A request target such as `http://shop.example.com:8080/cart?x`, in parts. */
export interface AbsoluteForm {
  /** Host and port as written. */
  readonly authority: string
  /** The host alone; NGINX before 1.29.4 looks at no more of the authority than this. */
  readonly host: string
  /** What `$request_uri` has: path and query; `/` if neither is there, the query alone if the path is missing. */
  readonly rest: string
}

/** Takes an absolute request target apart (RFC 9112, 3.2.2) as NGINX reads it. undefined: malformed, answered with 400. */
export function parseAbsoluteForm(target: string): AbsoluteForm | undefined {
  const colon = find(target, ':', 0)
  if (colon < 1 || !isScheme(slice(target, 0, colon)) || slice(target, colon + 1, colon + 3) !== '//') return undefined
  const from = colon + 3
  const end = authorityEnd(target, from)
  const authority = slice(target, from, end)
  const host = hostOf(authority)
  if (host === undefined || !isPortOrNothing(slice(authority, host.length, authority.length))) return undefined
  return { authority, host, rest: end === target.length ? '/' : slice(target, end, target.length) }
}

function isScheme(text: string): boolean {
  if (!isLetter(byteAt(text, 0))) return false
  for (let i = 1; i < text.length; i++) {
    const byte = byteAt(text, i)
    if (!isLetter(byte) && !isDigit(byte) && byte !== PLUS && byte !== HYPHEN && byte !== DOT) return false
  }
  return true
}

/** A `#` does not end an authority for NGINX; it makes it malformed. */
function authorityEnd(target: string, from: number): number {
  const slash = find(target, '/', from)
  const end = slash < 0 ? target.length : slash
  const mark = find(target, '?', from)
  return mark < 0 || mark > end ? end : mark
}

/** Stricter than a Host header: letters, digits, `.` and `-`, or a bracketed address. */
function hostOf(authority: string): string | undefined {
  if (slice(authority, 0, 1) === '[') {
    const close = find(authority, ']', 0)
    return close > 0 && isAddressText(slice(authority, 1, close)) ? slice(authority, 0, close + 1) : undefined
  }
  const colon = find(authority, ':', 0)
  const host = colon < 0 ? authority : slice(authority, 0, colon)
  for (let i = 0; i < host.length; i++) {
    const byte = byteAt(host, i)
    if (!isLetter(byte) && !isDigit(byte) && byte !== HYPHEN && byte !== DOT) return undefined
  }
  return host
}

function isPortOrNothing(text: string): boolean {
  if (text === '') return true
  if (slice(text, 0, 1) !== ':') return false
  for (let i = 1; i < text.length; i++) {
    if (!isDigit(byteAt(text, i))) return false
  }
  return true
}
