import ipaddr from 'ipaddr.js'
import { isAddress } from '../../snapshot/address.js'
import type { IpFamily } from '../views.js'

/** Addresses of one family from the first to the last, as numbers. */
export interface AddressRange {
  readonly family: IpFamily
  readonly from: bigint
  readonly to: bigint
}

/** The family and number of an address; undefined: it is none. */
export function parseIp(text: string): { readonly family: IpFamily; readonly number: bigint } | undefined {
  if (!isAddress(text)) return undefined
  const address = ipaddr.parse(text)
  const number = address.toByteArray().reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
  return { family: address.kind() === 'ipv4' ? 'IPv4' : 'IPv6', number }
}

/** As Kubernetes writes it: four decimal parts, or IPv6 in its short form. */
export function printIp(family: IpFamily, number: bigint): string {
  const length = family === 'IPv4' ? 4 : 16
  const bytes = Array.from({ length }, (_, index) => Number((number >> BigInt(8 * (length - 1 - index))) & 0xffn))
  return ipaddr.fromByteArray(bytes).toString()
}

/** The same address in its usual form; undefined: it is none. */
export function usualForm(text: string): string | undefined {
  const ip = parseIp(text)
  return ip === undefined ? undefined : printIp(ip.family, ip.number)
}

/** `192.0.2.10-192.0.2.20`, `192.0.2.0/28`, `2001:db8::/120` or one address; undefined: none of these. */
export function parseRange(text: string): AddressRange | undefined {
  const [first = '', last, ...more] = text.split('-').map((word) => word.trim())
  if (more.length > 0) return undefined
  if (last !== undefined) return rangeBetween(first, last)
  const [start = '', bits, ...rest] = first.split('/')
  if (rest.length > 0) return undefined
  const ip = parseIp(start)
  if (ip === undefined) return undefined
  if (bits === undefined) return { family: ip.family, from: ip.number, to: ip.number }
  const width = ip.family === 'IPv4' ? 32 : 128
  if (!/^\d{1,3}$/.test(bits) || Number(bits) > width) return undefined
  const size = 1n << BigInt(width - Number(bits))
  const from = ip.number - (ip.number % size)
  return { family: ip.family, from, to: from + size - 1n }
}

export function contains(range: AddressRange, address: string): boolean {
  const ip = parseIp(address)
  return ip !== undefined && ip.family === range.family && ip.number >= range.from && ip.number <= range.to
}

export function overlap(a: AddressRange, b: AddressRange): boolean {
  return a.family === b.family && a.from <= b.to && b.from <= a.to
}

function rangeBetween(first: string, last: string): AddressRange | undefined {
  const [from, to] = [parseIp(first), parseIp(last)]
  if (from === undefined || to === undefined || from.family !== to.family || from.number > to.number) return undefined
  return { family: from.family, from: from.number, to: to.number }
}
