/** One value of DER (ITU-T X.690): tag, and the bytes with and without tag and length. */
export interface DerValue {
  readonly tag: number
  readonly content: Buffer
  readonly whole: Buffer
}

/** The values that follow each other in `bytes`; undefined where they are not DER, as far as it is used in X.509. */
export function readValues(bytes: Buffer): readonly DerValue[] | undefined {
  const values: DerValue[] = []
  for (let at = 0; at < bytes.length; ) {
    const value = readAt(bytes, at)
    if (value === undefined) return undefined
    values.push(value)
    at += value.whole.length
  }
  return values
}

/** The values in a value of this tag; empty where it is another, or absent. */
export function valuesIn(value: DerValue | undefined, tag: number): readonly DerValue[] {
  return value?.tag === tag ? (readValues(value.content) ?? []) : []
}

/** An object identifier in its dotted form; empty where it is something else. */
export function identifierOf(value: DerValue | undefined): string {
  if (value?.tag !== OBJECT_IDENTIFIER) return ''
  const numbers: number[] = []
  let number = 0
  for (const byte of value.content) {
    number = number * 128 + (byte & 0x7f)
    if (byte < 0x80) {
      numbers.push(number)
      number = 0
    }
  }
  const [first = 0, ...rest] = numbers
  const root = Math.min(Math.floor(first / 40), 2)
  return [root, first - root * 40, ...rest].join('.')
}

/** A GeneralizedTime as milliseconds since the epoch (RFC 5280, 4.1.2.5.2); undefined where it is something else. */
export function timeOf(value: DerValue | undefined): number | undefined {
  if (value?.tag !== GENERALIZED_TIME) return undefined
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.\d+)?Z$/.exec(value.content.toString('latin1'))
  if (parts === null) return undefined
  const [year, month, day, hour, minute, second] = parts.slice(1)
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  return Number.isNaN(time) ? undefined : time
}

export const SEQUENCE = 0x30
export const INTEGER = 0x02
export const OCTET_STRING = 0x04
export const BIT_STRING = 0x03
export const ENUMERATED = 0x0a
const OBJECT_IDENTIFIER = 0x06
const GENERALIZED_TIME = 0x18

/** Lengths of more than four bytes, and tags of more than one, are in nothing that is read here. */
function readAt(bytes: Buffer, at: number): DerValue | undefined {
  const tag = bytes[at]
  const first = bytes[at + 1]
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f || first === 0x80 || first > 0x84)
    return undefined
  const more = first < 0x80 ? 0 : first - 0x80
  const begin = at + 2 + more
  if (begin > bytes.length) return undefined
  const length = more === 0 ? first : bytes.readUIntBE(at + 2, more)
  if (begin + length > bytes.length) return undefined
  return { tag, content: bytes.subarray(begin, begin + length), whole: bytes.subarray(at, begin + length) }
}
