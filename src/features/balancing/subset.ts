import { createRing, findOwner, type Ring } from '../../model/ring.js'
import type { RequestPort } from '../../request/port.js'

/** Endpoints in sets of one size, on a ring. Set `i` holds the positions `i * size` to `i * size + size - 1`, going round. */
export interface Subsets {
  readonly ring: Ring
  readonly size: number
}

/**
 * Divides `count` endpoints into sets of `size` (LB-3); the last set is filled up with the first endpoints. Sets are called
 * `set1`, `set2` and so on upon the ring, so that keys fall as in ingress-nginx.
 */
export function createSubsets(count: number, size: number): Subsets {
  const names: string[] = []
  for (let first = 0; first < count; first = first + size) names.push(`set${names.length + 1}`)
  return { ring: createRing(names), size }
}

/** The position of a random member of the set that `key` falls to. `random`: a whole number from 1 to `most`. */
export function findInSubset(
  { ring, size }: Subsets,
  count: number,
  key: string,
  random: RequestPort['random'],
): number {
  return (findOwner(ring, key) * size + random(size) - 1) % count
}
