/** The string operations of shared code over Lua's string library; `model/bytes.ts` says what each does. */

export function byteAt(text: string, index: number): number {
  return string.byte(text, index + 1)
}

export function slice(text: string, from: number, to: number): string {
  return string.sub(text, from + 1, to)
}

export function find(text: string, part: string, from: number): number {
  const [start] = string.find(text, part, from + 1, true)
  return start === undefined ? -1 : start - 1
}

export function lower(text: string): string {
  return string.lower(text)
}

export function hex(byte: number): string {
  return string.format('%02X', byte)
}

export function fromByte(byte: number): string {
  return string.char(byte)
}
