import { hexOfFour } from '#bytes'
import type { AddressRanges, RangeList } from '../model/address-ranges.js'

/**
 * Whether ranges hold an address, given as the 4 or 16 bytes of `$binary_remote_addr`; any other length is no address. An
 * IPv4 address that IPv6 carries (`::ffff:192.0.2.1`) counts as IPv4, as in NGINX's own `allow`.
 */
export function includesAddress(ranges: AddressRanges, address: string): boolean {
  if (address.length === 4) return holds(ranges.v4, hexOfFour(address, 0))
  if (address.length !== 16) return false
  const front = hexOfFour(address, 0) + hexOfFour(address, 4)
  const middle = hexOfFour(address, 8)
  const back = hexOfFour(address, 12)
  // Digits, and not the bytes: what is no ASCII in a source is other bytes in Lua.
  if (front === '0000000000000000' && middle === '0000ffff') return holds(ranges.v4, back)
  return holds(ranges.v6, front + middle + back)
}

/** By halving: 14 steps for 10,000 ranges. */
function holds(ranges: RangeList | undefined, digits: string): boolean {
  if (ranges === undefined) return false
  const { first, last } = ranges
  let low = 0
  let high = first.length
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if ((first[middle] ?? '') > digits) high = middle
    else low = middle + 1
  }
  // The one before the first that begins behind the address.
  return low > 0 && (last[low - 1] ?? '') >= digits
}
