import type { Applier } from '../apply/applier.js'
import type { SortedMap } from '../collections/sorted-map.js'
import type { Document } from '../model/documents.js'
import { reasonOf } from '../apply/state-folder.js'

interface BesideReloadParts {
  readonly applier: Pick<Applier, 'isReloading' | 'pushMeanwhile'>
  /** The table as it should be now; undefined: that cannot be told without a pass. */
  documents(): SortedMap<Document> | undefined
  log(level: 'warn', message: string): void
}

/**
 * A pass may wait for a reload, for seconds; what changes of the table meanwhile need not. To be called after each
 * change; those that come while one is pushed are one.
 */
export function createBesideReload({ applier, documents, log }: BesideReloadParts): () => void {
  let isPushing = false
  let isWanted = false

  async function work(): Promise<void> {
    while (isWanted && applier.isReloading()) {
      isWanted = false
      const desired = documents()
      if (desired !== undefined) await applier.pushMeanwhile(desired)
    }
  }

  return () => {
    isWanted = true
    if (isPushing) return
    isPushing = true
    work()
      .catch((cause: unknown) => {
        log('warn', `a change could not be pushed beside a reload, and is with the next pass: ${reasonOf(cause)}`)
      })
      .finally(() => {
        isPushing = false
      })
  }
}
