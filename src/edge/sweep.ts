import { monotonic_msec } from 'resty.core.time'

/** So many entries go at a time. */
const MOST = 10_000
/** It walks all entries while other workers wait, so no flood may have it done for each of its requests. */
const PAUSE_MILLISECONDS = 250

const swept: Record<string, number | undefined> = {}

/**
 * Frees what is over in a dictionary that is full. NGINX itself looks at the two entries only that were not used for
 * longest, and goes no further than one which is not over.
 *
 * @returns whether it has looked: not so soon after the last time
 */
export function sweep(name: string, dictionary: SharedDictionary): boolean {
  const now = monotonic_msec()
  const before = swept[name]
  if (before !== undefined && now - before < PAUSE_MILLISECONDS) return false
  dictionary.flush_expired(MOST)
  swept[name] = monotonic_msec()
  return true
}
