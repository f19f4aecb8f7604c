/** Classes of ASCII bytes that RFC 3986 names, as far as NGINX asks for them. */

export function isDigit(byte: number): boolean {
  return byte >= 48 && byte <= 57
}

export function isLetter(byte: number): boolean {
  return (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122)
}

/** Control bytes: below the blank, and DEL. */
export function isControl(byte: number): boolean {
  return byte < 0x20 || byte === 0x7f
}

/** RFC 3986, 2.3: letters, digits, `-` `.` `_` `~`. */
export function isUnreserved(byte: number): boolean {
  return isLetter(byte) || isDigit(byte) || byte === 45 || byte === 46 || byte === 95 || byte === 126
}

/** RFC 3986, 2.2: `!` `$` `&` `'` `(` `)` `*` `+` `,` `;` `=`. */
export function isSubDelimiter(byte: number): boolean {
  if (byte >= 38 && byte <= 44) return true
  return byte === 33 || byte === 36 || byte === 59 || byte === 61
}

/** Value of a hexadecimal digit; -1 for any other byte. */
export function hexValue(byte: number): number {
  if (isDigit(byte)) return byte - 48
  if (byte >= 65 && byte <= 70) return byte - 55
  if (byte >= 97 && byte <= 102) return byte - 87
  return -1
}
