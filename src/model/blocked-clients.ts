import type { AddressRanges } from './address-ranges.js'

/** Whom no host answers (configmap.md, "Security policy"); an absent member refuses nobody. */
export interface BlockedClients {
  readonly addresses?: AddressRanges
  readonly userAgents?: readonly HeaderTest[]
  readonly referers?: readonly HeaderTest[]
}

/** What the value of a header is compared with: byte by byte, or by a search with a PCRE2 pattern. */
export interface HeaderTest {
  readonly test: 'equals' | 'pattern' | 'caseless pattern'
  readonly value: string
}
