import type { RateLimit } from '../model/features.js'

/** What a sum of fractions may be wrong by, in milliseconds. */
const ROUNDING = 0.001

/** Milliseconds in which one request leaks out. */
export function intervalOf({ requests, seconds }: RateLimit): number {
  return (seconds * 1000) / requests
}

/**
 * Takes a request into a leaky bucket, as `limit_req … nodelay` of NGINX decides (LIM-2): a bucket is one number, the moment
 * at which it will be empty. Over any span of time it takes at most `requests` for each `seconds` of it, and `burst + 1`.
 *
 * All times in milliseconds of one clock that never goes back. Gives the new moment; undefined: the bucket is full, and
 * nothing changes. Source: the generic cell rate algorithm, ITU-T I.371.
 */
export function takeIn(emptyAt: number | undefined, now: number, limit: RateLimit): number | undefined {
  const interval = intervalOf(limit)
  const next = (emptyAt === undefined || emptyAt < now ? now : emptyAt) + interval
  return next - now > (limit.burst + 1) * interval + ROUNDING ? undefined : next
}
