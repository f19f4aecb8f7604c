const WINDOW = 32
const BASE = 4_294_967_296

/**
 * Which counts of a nonce were used, in one number: the highest, and which of the 32 up to it (RFC 2617, 3.2.2: `nc`).
 * Clients send requests side by side, so that counts arrive in any order.
 *
 * Gives the number with `count`, from 1 to 2^20, added; undefined: it was used, or is too far behind.
 */
export function addUse(uses: number | undefined, count: number): number | undefined {
  if (uses === undefined) return count * BASE + 1
  const highest = Math.floor(uses / BASE)
  const seen = uses - highest * BASE
  if (count > highest) {
    const moved = count - highest < WINDOW ? (seen * 2 ** (count - highest)) % BASE : 0
    return count * BASE + moved + 1
  }
  const behind = highest - count
  if (behind >= WINDOW) return undefined
  const bit = 2 ** behind
  return Math.floor(seen / bit) % 2 === 1 ? undefined : uses + bit
}
