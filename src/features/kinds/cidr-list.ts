import ipaddr from 'ipaddr.js'
import type { AddressRanges, RangeList } from '../../model/address-ranges.js'
import { type Kind, parsed, refused } from './kind.js'

/**
 * Addresses and CIDR ranges with commas between them, IPv4 and IPv6, blanks around them ignored; bits of the host part are
 * masked off (annotations.md section 0.3). Ranges that overlap or touch become one.
 */
export const cidrList: Kind<AddressRanges> = {
  form: 'addresses and CIDR ranges, with commas between them',
  parse: (text) => {
    const v4: Range[] = []
    const v6: Range[] = []
    for (const item of text.split(',')) {
      const range = parseRange(item.trim())
      if (range === undefined)
        return refused(`holds ${JSON.stringify(item.trim())}, which is no IP address or CIDR range`)
      if (range.bits === 32) v4.push(range)
      else v6.push(range)
    }
    return parsed({
      ...(v4.length === 0 ? {} : { v4: packed(v4, 8) }),
      ...(v6.length === 0 ? {} : { v6: packed(v6, 32) }),
    })
  },
}

/** Whether a list names all of IPv4 and all of IPv6: one that takes nothing away. */
export function admitsEverybody({ v4, v6 }: AddressRanges): boolean {
  return isEverything(v4, 8) && isEverything(v6, 32)
}

function isEverything(ranges: RangeList | undefined, width: number): boolean {
  return ranges?.first[0] === '0'.repeat(width) && ranges.last[0] === 'f'.repeat(width)
}

interface Range {
  readonly first: bigint
  readonly last: bigint
  /** Of an address. */
  readonly bits: 32 | 128
}

const MAPPED_FIRST = 0xffff_0000_0000n
const MAPPED_LAST = 0xffff_ffff_ffffn

function parseRange(text: string): Range | undefined {
  const [address = '', length, ...more] = text.split('/')
  if (more.length > 0) return undefined
  const bits = bitsOf(address)
  if (bits === undefined) return undefined
  if (length !== undefined && !/^(0|[1-9]\d{0,2})$/.test(length)) return undefined
  const prefix = length === undefined ? bits : Number(length)
  if (prefix > bits) return undefined
  const whole = ipaddr.parse(address).toByteArray()
  const value = BigInt(`0x${Buffer.from(whole).toString('hex')}`)
  const rest = (1n << BigInt(bits - prefix)) - 1n
  const first = value & ~rest
  const last = first | rest
  // What IPv6 carries of IPv4 is IPv4, also when a client comes that way.
  if (bits === 128 && first >= MAPPED_FIRST && last <= MAPPED_LAST)
    return { first: first - MAPPED_FIRST, last: last - MAPPED_FIRST, bits: 32 }
  return { first, last, bits }
}

/** ipaddr.js alone would take 10.1, 0x7f000001 and zones. */
function bitsOf(address: string): 32 | 128 | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(address) && !/(^|\.)0\d/.test(address)) return 32
  return /^[\da-fA-F:.]+$/.test(address) && address.includes(':') && ipaddr.IPv6.isValid(address) ? 128 : undefined
}

function packed(ranges: readonly Range[], width: number): RangeList {
  const sorted = ranges.toSorted((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0))
  const apart: { first: bigint; last: bigint }[] = []
  for (const { first, last } of sorted) {
    const before = apart.at(-1)
    if (before === undefined || first > before.last + 1n) apart.push({ first, last })
    else if (last > before.last) before.last = last
  }
  const digits = (value: bigint): string => value.toString(16).padStart(width, '0')
  return { first: apart.map(({ first }) => digits(first)), last: apart.map(({ last }) => digits(last)) }
}
