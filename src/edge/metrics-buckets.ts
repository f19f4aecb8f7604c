import { MOST_BUCKETS } from '../model/request-metrics.js'

/** Upper bounds of buckets, rising, with infinite ones up to a power of two; positions count from 1. */
export interface Bounds {
  readonly list: LuaTable<number, number>
  /** A power of two, half as many as there are places. */
  readonly half: number
}

/** @param scale by which values are larger than the bounds were written */
export function padded(bounds: readonly number[], scale: number): Bounds {
  let places = 2
  while (places <= bounds.length && places <= MOST_BUCKETS) places = places * 2
  const list = new LuaTable<number, number>()
  for (let i = 0; i < places; i++) {
    const bound = bounds[i]
    // Values are whole: one is above 2.5 if it is above 2.
    list.set(i + 1, bound === undefined ? math.huge : math.floor(bound * scale + 1e-6))
  }
  return { list, half: places / 2 }
}

/**
 * How many bounds a whole value is above, and so its bucket, from 0. A binary search without branches: each of them
 * would be a trace of its own for LuaJIT, times those of the other histograms.
 */
export function bucketOf({ list, half }: Bounds, value: number): number {
  let below = 0
  if (half === 32) below = 32 * math.min(math.max(value - list.get(32), 0), 1)
  if (half >= 16) below = below + 16 * math.min(math.max(value - list.get(below + 16), 0), 1)
  if (half >= 8) below = below + 8 * math.min(math.max(value - list.get(below + 8), 0), 1)
  if (half >= 4) below = below + 4 * math.min(math.max(value - list.get(below + 4), 0), 1)
  if (half >= 2) below = below + 2 * math.min(math.max(value - list.get(below + 2), 0), 1)
  return below + math.min(math.max(value - list.get(below + 1), 0), 1)
}
