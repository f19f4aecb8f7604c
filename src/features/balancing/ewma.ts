import type { RequestPort } from '../../request/port.js'

/** After this time without a request a score has fallen to 1/e. */
const DECAY_SECONDS = 10

/** The score of an endpoint whose last request ended `elapsed` seconds ago with `score` (BAL-0). */
export function decayed(score: number, elapsed: number): number {
  return score * weightAfter(elapsed)
}

/** The score after a request that took `seconds`; `elapsed` and `score` as for `decayed`. */
export function observed(score: number, elapsed: number, seconds: number): number {
  const weight = weightAfter(elapsed)
  return score * weight + seconds * (1 - weight)
}

function weightAfter(elapsed: number): number {
  return elapsed > 0 ? Math.exp(-elapsed / DECAY_SECONDS) : 1
}

/**
 * Two endpoints at random, of them the one with the lower score (BAL-0), `count` being at least one. Those to `avoid`
 * are left out as long as others remain.
 */
export function chooseByScore(
  count: number,
  avoid: (this: void, position: number) => boolean,
  random: RequestPort['random'],
  scoreOf: (this: void, position: number) => number,
): number {
  if (count === 1) return 0
  const first = random(count) - 1
  const second = other(first, count, random)
  if (!avoid(first) && !avoid(second)) return lower(first, second, scoreOf)
  const left = positionsWithout(count, avoid)
  if (left.length === 0) return lower(first, second, scoreOf)
  const one = random(left.length) - 1
  if (left.length === 1) return left[0] ?? 0
  return lower(left[one] ?? 0, left[other(one, left.length, random)] ?? 0, scoreOf)
}

function other(first: number, count: number, random: RequestPort['random']): number {
  const place = random(count - 1) - 1
  return place < first ? place : place + 1
}

function lower(first: number, second: number, scoreOf: (this: void, position: number) => number): number {
  return scoreOf(second) < scoreOf(first) ? second : first
}

function positionsWithout(count: number, avoid: (this: void, position: number) => boolean): readonly number[] {
  const positions: number[] = []
  for (let i = 0; i < count; i++) if (!avoid(i)) positions.push(i)
  return positions
}
