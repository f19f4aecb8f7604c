import { monotonic_msec } from 'resty.core.time'
import type { RateLimit } from '../model/features.js'
import { takeIn } from '../request/leaky-bucket.js'
import type { Counted } from '../request/port.js'
import { acquire } from './locks.js'
import { refuse } from './refused.js'

/**
 * Counters of requests, one for all workers: `RATE CLIENT` is the moment at which that bucket will be empty, in
 * milliseconds of the machine's monotonic clock, and goes away by itself when it is. docs/design/limits.md.
 */

function dictionary(): SharedDictionary {
  return ngx.shared.fairlead_limits
}

/** Read, decided and written under a lock, so that no two workers give away the same place. */
export function countRequest(client: string, rates: readonly RateLimit[]): Counted {
  const lock = `l ${client}`
  const problem = acquire('fairlead_limits', dictionary(), lock)
  if (problem !== undefined) return refuse(problem)
  const counted = rates.length === 1 ? countOne(client, rates[0]) : countAll(client, rates)
  dictionary().delete(lock)
  return counted
}

/** The usual case makes no list. */
function countOne(client: string, rate: RateLimit | undefined): Counted {
  if (rate === undefined) return 'within'
  const name = nameOf(client, rate)
  const now = monotonic_msec()
  const next = takeIn(dictionary().get(name) as number | undefined, now, rate) // only this file writes here
  if (next === undefined) return 'over'
  const problem = write(name, next, now)
  return problem === undefined ? 'within' : refuse(problem)
}

/** All buckets take it or none does: what is refused uses up nothing. */
function countAll(client: string, rates: readonly RateLimit[]): Counted {
  const now = monotonic_msec()
  const levels: number[] = []
  for (const rate of rates) {
    const next = takeIn(dictionary().get(nameOf(client, rate)) as number | undefined, now, rate) // as above
    if (next === undefined) return 'over'
    levels.push(next)
  }
  for (let i = 0; i < rates.length; i++) {
    const rate = rates[i]
    const problem = rate === undefined ? undefined : write(nameOf(client, rate), levels[i] ?? now, now)
    if (problem !== undefined) return refuse(problem)
  }
  return 'within'
}

function nameOf(client: string, { seconds }: RateLimit): string {
  return `${seconds} ${client}`
}

/** Gone a little after it is empty: an empty bucket and none are the same. */
function write(name: string, emptyAt: number, now: number): string | undefined {
  const seconds = (emptyAt - now) / 1000 + 0.1
  const [ok, reason] = dictionary().safe_set(name, emptyAt, seconds)
  return ok === true ? undefined : (reason ?? 'unknown')
}
