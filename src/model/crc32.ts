import { byteAt } from '#bytes'

/**
 * CRC-32 as in zlib, and as in NGINX's `hash … consistent`: from 0 to 2^32 - 1.
 *
 * `state` is a checksum under way: from `beginCrc`, through `addText` and `addNumber`, to `endCrc`. It is a number of 32 bits
 * with sign, which is what the bit operations of both runtimes give.
 */
export function crc32(text: string): number {
  return endCrc(addText(beginCrc(), text))
}

export function beginCrc(): number {
  return -1
}

export function addText(state: number, text: string): number {
  let sum = state
  for (let i = 0; i < text.length; i++) sum = step(sum, byteAt(text, i))
  return sum
}

/** The four bytes of a number of 32 bits, lowest first. */
export function addNumber(state: number, value: number): number {
  let sum = step(state, value & 0xff)
  sum = step(sum, (value >>> 8) & 0xff)
  sum = step(sum, (value >>> 16) & 0xff)
  return step(sum, (value >>> 24) & 0xff)
}

export function endCrc(state: number): number {
  const sum = state ^ -1
  // `>>> 0` takes the sign away in JavaScript only.
  return sum < 0 ? sum + 4294967296 : sum
}

function step(sum: number, byte: number): number {
  return (REMAINDERS[(sum ^ byte) & 0xff] ?? 0) ^ (sum >>> 8)
}

/** What each byte leaves when it is divided by the polynomial, bits reversed. */
const REMAINDERS = divideBytes()

function divideBytes(): readonly number[] {
  const remainders: number[] = []
  for (let byte = 0; byte < 256; byte++) {
    let rest = byte
    for (let bit = 0; bit < 8; bit++) rest = (rest & 1) === 1 ? 0xedb88320 ^ (rest >>> 1) : rest >>> 1
    remainders[byte] = rest
  }
  return remainders
}
