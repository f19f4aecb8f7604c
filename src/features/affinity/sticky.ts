import { findOwnerOf, type Ring } from '../../model/ring.js'
import type { RequestPort } from '../../request/port.js'

/** An endpoint for a client that is bound anew, with the key for its cookie. */
export interface Pick {
  readonly position: number
  readonly key: string
}

/** With two endpoints one of which has failed, all of these miss once in a million. */
const ATTEMPTS = 20

/**
 * Balanced mode: keys are made until one falls to an endpoint that need not be avoided; after 20 attempts the last one
 * counts. `makeKey` gives another text for each attempt, from 1 on. It is no function that is made for the call, hence
 * `port`.
 */
export function pickBalanced(
  ring: Ring,
  avoid: (this: void, position: number) => boolean,
  makeKey: (this: void, attempt: number, port: RequestPort) => string,
  port: RequestPort,
): Pick {
  const key = makeKey(1, port)
  const position = findOwnerOf(ring, port.crc32(key))
  return avoid(position) ? pickAgain(ring, avoid, makeKey, port) : { position, key }
}

function pickAgain(
  ring: Ring,
  avoid: (this: void, position: number) => boolean,
  makeKey: (this: void, attempt: number, port: RequestPort) => string,
  port: RequestPort,
): Pick {
  let attempt = 1
  let key: string
  let position: number
  do {
    attempt++
    key = makeKey(attempt, port)
    position = findOwnerOf(ring, port.crc32(key))
  } while (attempt < ATTEMPTS && avoid(position))
  return { position, key }
}

/**
 * Persistent mode: a random one of the endpoints that need not be avoided; of all where all must. `keys[i]` is that of
 * endpoint `i`.
 */
export function pickPersistent(
  keys: readonly string[],
  avoid: (this: void, position: number) => boolean,
  random: RequestPort['random'],
): Pick {
  const position = random(keys.length) - 1
  if (!avoid(position)) return { position, key: keys[position] ?? '' }
  const left: number[] = []
  for (let i = 0; i < keys.length; i++) if (!avoid(i)) left.push(i)
  const chosen = left.length === 0 ? position : (left[random(left.length) - 1] ?? position)
  return { position: chosen, key: keys[chosen] ?? '' }
}
