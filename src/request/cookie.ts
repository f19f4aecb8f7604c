import { byteAt, find, lower, slice } from '#bytes'

const BLANK = 32

/**
 * One cookie of a Cookie header, as `$cookie_NAME` of NGINX 1.30 reads it (1.26 takes a comma for a separator as well):
 * the first of that name in any case, with blanks around `=` passed over, its value up to the next `;`. undefined:
 * there is none.
 */
export function readCookie(header: string | undefined, name: string): string | undefined {
  if (header === undefined || name === '') return undefined
  const first = skipBlanks(header, 0)
  // As most clients send it: LuaJIT compiles no request that goes through the loop.
  const value = first + name.length + 1
  if (slice(header, first, value) === `${name}=`) return valueAt(header, skipBlanks(header, value))
  return searchCookie(header, lower(name), first)
}

function searchCookie(header: string, wanted: string, first: number): string | undefined {
  let from = first
  while (from < header.length) {
    const end = from + wanted.length
    let looked = from
    if (lower(slice(header, from, end)) === wanted) {
      const sign = skipBlanks(header, end)
      if (slice(header, sign, sign + 1) === '=') return valueAt(header, skipBlanks(header, sign + 1))
      // NGINX passes over what stands there instead, even if that is a semicolon.
      looked = sign + 1
    }
    from = skipBlanks(header, afterSemicolon(header, looked))
  }
  return undefined
}

function valueAt(header: string, from: number): string {
  const semicolon = find(header, ';', from)
  return slice(header, from, semicolon < 0 ? header.length : semicolon)
}

function afterSemicolon(header: string, from: number): number {
  const semicolon = find(header, ';', from)
  return semicolon < 0 ? header.length : semicolon + 1
}

function skipBlanks(text: string, from: number): number {
  let at = from
  while (at < text.length && byteAt(text, at) === BLANK) at++
  return at
}

/** A cookie to be set. Texts must be free of `;` and control bytes: whoever takes them from a user checks or escapes them. */
export interface NewCookie extends CookieAttributes {
  readonly name: string
  readonly value: string
}

export interface CookieAttributes {
  /** An HTTP date (`httpDate`). */
  readonly expires?: string | undefined
  readonly maxAgeSeconds?: number | undefined
  readonly domain?: string | undefined
  readonly path?: string | undefined
  readonly secure: boolean
  readonly httpOnly: boolean
  readonly sameSite?: string | undefined
}

/** The value of a Set-Cookie header (RFC 6265, 4.1). */
export function writeCookie(cookie: NewCookie): string {
  return `${cookie.name}=${cookie.value}${writeAttributes(cookie)}`
}

/** What stands behind the name and value of a cookie. */
export function writeAttributes(cookie: CookieAttributes): string {
  const { expires, maxAgeSeconds, domain, path, sameSite } = cookie
  const times = `${expires === undefined ? '' : `; Expires=${expires}`}${maxAgeSeconds === undefined ? '' : `; Max-Age=${maxAgeSeconds}`}`
  const place = `${domain === undefined ? '' : `; Domain=${domain}`}${path === undefined ? '' : `; Path=${path}`}`
  const secure = `${cookie.secure ? '; Secure' : ''}${cookie.httpOnly ? '; HttpOnly' : ''}`
  return `${times}${place}${secure}${sameSite === undefined ? '' : `; SameSite=${sameSite}`}`
}
