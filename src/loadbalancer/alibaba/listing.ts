import type { Fields } from './answer.js'

/** A list that many Services look into is read once for all of them. */
export interface Listing {
  read(): Promise<readonly Fields[]>
  /** Something was changed, or is being changed. */
  forget(): void
}

/** How old it may be: it is only for Services that were in order, and are looked at closer anyway. */
const FRESH_MILLISECONDS = 10_000

/** Those who ask at one time share a reading; one that failed is not kept. */
export function createListing(read: () => Promise<readonly Fields[]>, now: () => number): Listing {
  let last: { readonly at: number; readonly found: Promise<readonly Fields[]> } | undefined
  return {
    read() {
      if (last !== undefined && now() - last.at < FRESH_MILLISECONDS) return last.found
      const mine = { at: now(), found: read() }
      last = mine
      mine.found.catch(() => {
        if (last === mine) last = undefined
      })
      return mine.found
    },
    forget() {
      last = undefined
    },
  }
}
