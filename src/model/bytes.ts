/**
 * The string operations of shared code, for Node. A string here is bytes: one character per byte (latin1).
 * The edge has the same functions over Lua's string library (`edge/bytes.ts`); both are imported as `#bytes`.
 */

/** The byte at `index`, which must be inside the text; indexes count from 0. */
export function byteAt(text: string, index: number): number {
  return text.charCodeAt(index)
}

/** The bytes from `from` up to, not including, `to`. */
export function slice(text: string, from: number, to: number): string {
  return text.substring(from, to)
}

/** Where `part`, at least one byte, is found at or after `from`; -1 when it is not. */
export function find(text: string, part: string, from: number): number {
  return text.indexOf(part, from)
}

/** Upper-case ASCII letters become lower case; other bytes stay. */
export function lower(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}

/** Where the first byte below 0x21, or from 0x7f on, is found; -1 when there is none. */
export function findUnprintable(text: string): number {
  return text.search(/[^!-~]/)
}

/** Where the first control byte but a tab is found; -1 when there is none. */
export function findControl(text: string): number {
  return text.search(/[^\t -~\u0080-\u00ff]/)
}

/** Two upper-case hexadecimal digits. */
export function hex(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, '0')
}

/** Eight lower-case hexadecimal digits: those of the four bytes from `from` on, which must be inside the text. */
export function hexOfFour(text: string, from: number): string {
  return Buffer.from(text.substring(from, from + 4), 'latin1').toString('hex')
}

/** The string of one byte. */
export function fromByte(byte: number): string {
  return String.fromCharCode(byte)
}
