import { contains } from '../../model/numbers.js'
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
 * Two endpoints at random, of them the one with the lower score (BAL-0), `count` being at least one. Positions that were
 * `tried` are left out as long as others remain. `random`: a whole number from 1 to `most`.
 */
export function chooseByScore(
  count: number,
  tried: readonly number[],
  random: RequestPort['random'],
  scoreOf: (this: void, position: number) => number,
): number {
  if (count === 1) return 0
  const untried = tried.length === 0 ? undefined : positionsWithout(count, tried)
  const choices = untried === undefined || untried.length === 0 ? count : untried.length
  const at = (place: number): number => (untried === undefined || untried.length === 0 ? place : (untried[place] ?? 0))
  const first = random(choices) - 1
  if (choices === 1) return at(first)
  const other = random(choices - 1) - 1
  const second = other < first ? other : other + 1
  return scoreOf(at(second)) < scoreOf(at(first)) ? at(second) : at(first)
}

function positionsWithout(count: number, tried: readonly number[]): readonly number[] {
  const positions: number[] = []
  for (let i = 0; i < count; i++) if (!contains(tried, i)) positions.push(i)
  return positions
}
