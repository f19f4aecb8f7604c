import { contains } from '../../model/numbers.js'
import { findOwner, type Ring } from '../../model/ring.js'
import type { RequestPort } from '../../request/port.js'

/** An endpoint for a client that is bound anew, with the key for its cookie. */
export interface Pick {
  readonly position: number
  readonly key: string
}

/** With two endpoints one of which has failed, all of these miss once in a million. */
const ATTEMPTS = 20

/**
 * Balanced mode: keys are made until one falls to an endpoint that has not failed; after 20 attempts the last one counts.
 * `makeKey` gives another text for each attempt, from 1 on.
 */
export function pickBalanced(
  ring: Ring,
  failed: readonly number[],
  makeKey: (this: void, attempt: number) => string,
): Pick {
  let key = makeKey(1)
  let position = findOwner(ring, key)
  for (let attempt = 2; attempt <= ATTEMPTS && contains(failed, position); attempt++) {
    key = makeKey(attempt)
    position = findOwner(ring, key)
  }
  return { position, key }
}

/** Persistent mode: a random one of the endpoints that have not failed; of all where all have. `keys[i]` is that of endpoint `i`. */
export function pickPersistent(
  keys: readonly string[],
  failed: readonly number[],
  random: RequestPort['random'],
): Pick {
  let left = 0
  for (let i = 0; i < keys.length; i++) if (!contains(failed, i)) left++
  let nth = random(left === 0 ? keys.length : left)
  for (let i = 0; i < keys.length; i++) {
    if (left === 0 || !contains(failed, i)) nth--
    if (nth === 0) return { position: i, key: keys[i] ?? '' }
  }
  return { position: 0, key: keys[0] ?? '' }
}
