/** IP addresses. An absent member holds no address. */
export interface AddressRanges {
  readonly v4?: RangeList
  readonly v6?: RangeList
}

/**
 * Ranges that do not touch, in the order of their addresses: `first[i]` and `last[i]` belong together. Addresses are
 * lower-case hexadecimal digits, 8 for IPv4 and 32 for IPv6, so that they sort as texts.
 */
export interface RangeList {
  readonly first: readonly string[]
  readonly last: readonly string[]
}
