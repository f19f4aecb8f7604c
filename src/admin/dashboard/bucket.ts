/** A bucket of tokens: `take` says whether there was one. */
export interface Bucket {
  take(): boolean
}

/** Holds `size` tokens at most, and gets `perSecond` new ones; `now` in milliseconds of a clock that does not jump. */
export function createBucket(size: number, perSecond: number, now: () => number): Bucket {
  let tokens = size
  let at = now()
  return {
    take() {
      const moment = now()
      tokens = Math.min(size, tokens + ((moment - at) * perSecond) / 1000)
      at = moment
      if (tokens < 1) return false
      tokens -= 1
      return true
    },
  }
}
