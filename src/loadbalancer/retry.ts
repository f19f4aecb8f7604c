import type { Failure } from './provider.js'

const FIRST_MILLISECONDS = 5_000
const LONGEST_MILLISECONDS = 300_000
/** What is busy is mostly not so the next time. */
const EVENT_FROM = 3

export interface Retry {
  readonly milliseconds: number
  /** Whether it is to be told as an event. */
  readonly tell: boolean
}

/** Section 1.3: 5 s, 10 s, … 300 s for each Service. `count`: failures in a row, this one included. */
export function retryAfter(failure: Failure, count: number): Retry {
  const grown = Math.min(LONGEST_MILLISECONDS, FIRST_MILLISECONDS * 2 ** Math.min(count - 1, 10))
  const milliseconds = failure.kind === 'slow' ? LONGEST_MILLISECONDS : grown
  return {
    milliseconds: Math.max(milliseconds, failure.retryAfterMilliseconds ?? 0),
    tell: failure.kind !== 'busy' || count >= EVENT_FROM,
  }
}
