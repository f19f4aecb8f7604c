/**
 * The string operations of shared code over Lua's string library; `model/bytes.ts` says what each does. Each gives back
 * a value that has a name: a call in its place would be a tail call, and LuaJIT compiles no trace with more than
 * fifteen of them (docs/design/request-cost.md).
 */

export function byteAt(text: string, index: number): number {
  const byte = string.byte(text, index + 1)
  return byte
}

export function slice(text: string, from: number, to: number): string {
  const part = string.sub(text, from + 1, to)
  return part
}

export function find(text: string, part: string, from: number): number {
  const [start] = string.find(text, part, from + 1, true)
  return start === undefined ? -1 : start - 1
}

export function lower(text: string): string {
  const lowered = string.lower(text)
  return lowered
}

export function findUnprintable(text: string): number {
  const [start] = string.find(text, '[^!-~]')
  return start === undefined ? -1 : start - 1
}

export function findControl(text: string): number {
  const [start] = string.find(text, '[%z\u{1}-\u{8}\u{a}-\u{1f}\u{7f}]')
  return start === undefined ? -1 : start - 1
}

export function hex(byte: number): string {
  const digits = string.format('%02X', byte)
  return digits
}

export function hexOfFour(text: string, from: number): string {
  const digits = string.format('%02x%02x%02x%02x', ...string.byte(text, from + 1, from + 4))
  return digits
}

export function fromByte(byte: number): string {
  const text = string.char(byte)
  return text
}
