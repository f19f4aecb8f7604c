/**
 * IP addresses as ranges that do not touch, in the order of their addresses: each range is its first and last address in
 * lower-case hexadecimal digits, 8 each for IPv4 and 32 each for IPv6, one range behind the other. A text needs no decoding
 * and can be searched where it lies (`request/cidr.ts`). An absent member holds no address.
 */
export interface AddressRanges {
  readonly v4?: string
  readonly v6?: string
}
