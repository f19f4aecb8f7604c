import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { RateLimit } from '../model/features.js'
import { takeIn } from './leaky-bucket.js'

const limits = fc.record<RateLimit>({
  requests: fc.integer({ min: 1, max: 1000 }),
  seconds: fc.constantFrom(1, 60),
  burst: fc.integer({ min: 0, max: 100 }),
})
/** Pauses between requests, in intervals of the rate. */
const pauses = fc.array(fc.oneof(fc.constant(0), fc.double({ min: 0, max: 3, noNaN: true })), { maxLength: 300 })

/** Times in whole milliseconds, as NGINX's clock has them. */
function timesOf({ requests, seconds }: RateLimit, gaps: readonly number[]): readonly number[] {
  let now = 4_000_000_000
  return gaps.map((gap) => Math.round((now += (gap * seconds * 1000) / requests)))
}

function decide(limit: RateLimit, times: readonly number[]): readonly boolean[] {
  let emptyAt: number | undefined
  return times.map((now) => {
    const next = takeIn(emptyAt, now, limit)
    emptyAt = next ?? emptyAt
    return next !== undefined
  })
}

describe('a leaky bucket (LIM-2)', () => {
  test('the first and the whole burst go at once, one more does not', () => {
    const limit = { requests: 10, seconds: 1, burst: 5 }
    expect(decide(limit, [0, 0, 0, 0, 0, 0, 0, 99, 100, 100])).toEqual([
      ...Array.from({ length: 6 }, () => true),
      false,
      false,
      true,
      false,
    ])
  })

  test('in no span of time are more than rate times time, burst and one admitted', () => {
    fc.assert(
      fc.property(limits, pauses, (limit, gaps) => {
        const times = timesOf(limit, gaps)
        const decisions = decide(limit, times)
        const admitted = times.filter((_, i) => decisions[i] === true)
        for (let from = 0; from < admitted.length; from++) {
          for (let to = from; to < admitted.length; to++) {
            const seconds = ((admitted[to] ?? 0) - (admitted[from] ?? 0)) / 1000
            const most = (limit.requests / limit.seconds) * seconds + limit.burst + 1
            if (to - from + 1 > most + 0.01) throw new Error(`${to - from + 1} in ${seconds} s`)
          }
        }
      }),
    )
  })

  test('whoever keeps to the rate is never refused', () => {
    fc.assert(
      fc.property(limits, fc.array(fc.double({ min: 1, max: 3, noNaN: true })), (limit, gaps) => {
        let now = 4_000_000_000
        const times = gaps.map((gap) => (now += (gap * limit.seconds * 1000) / limit.requests))
        expect(decide(limit, times)).not.toContain(false)
      }),
    )
  })

  test("98 of 100 decisions are those of NGINX's integer arithmetic", () => {
    let same = 0
    let all = 0
    for (const [limit, gaps] of fc.sample(fc.tuple(limits, pauses), 300)) {
      const times = timesOf(limit, gaps)
      const ours = decide(limit, times)
      const theirs = decideAsNginx(limit, times)
      all += times.length
      same += ours.filter((one, i) => one === theirs[i]).length
    }
    expect(same / all).toBeGreaterThan(0.98)
  })
})

/** What the documentation of limit_req says, in thousandths of requests; its rate has that resolution. */
function decideAsNginx({ requests, seconds, burst }: RateLimit, times: readonly number[]): readonly boolean[] {
  const rate = Math.floor((requests * 1000) / seconds)
  let excess: number | undefined
  let last = 0
  return times.map((now) => {
    const next = excess === undefined ? 0 : Math.max(0, excess - Math.floor((rate * (now - last)) / 1000) + 1000)
    if (next > burst * 1000) return false
    excess = next
    last = now
    return true
  })
}
