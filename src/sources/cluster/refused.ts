/** Since when the API server refuses something, and when it last said so; by the source's clock. */
export interface Refused {
  readonly first: number
  readonly last: number
}

/** When a refusal is the last word. */
export interface RefusalRule {
  /** How long after the first refusal of something another one is taken for the last word. */
  readonly denialMilliseconds: number
  /** When the API server first allowed something, by the source's clock: it knows its roles since then. */
  readonly roles: { knownSince: number | undefined }
}

export function refusedAgain(before: Refused | undefined, now: number): Refused {
  return { first: before?.first ?? now, last: now }
}

/**
 * Whether it may be gone on without. An API server that has just started refuses what it will allow a moment later,
 * because it has not read its roles yet; so it has to refuse again after a while, and after it has allowed something.
 * Of a refusal that nobody asked about again nothing follows, however long ago it was, since attempts may be far apart.
 */
export function isLastWord({ first, last }: Refused, { denialMilliseconds, roles }: RefusalRule): boolean {
  return last - first >= denialMilliseconds && (roles.knownSince === undefined || last >= roles.knownSince)
}
