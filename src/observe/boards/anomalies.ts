import type { Measured } from './panel.js'

/** A value that does not fit to those before it. */
export interface Anomaly {
  readonly index: number
  /** How many robust standard deviations away; negative: below. */
  readonly score: number
  /** What would have been usual: the median of the window. */
  readonly usual: number
}

/** How many values before one are looked at, how few are too few, and from which score on one is unusual. */
const WINDOW = 30
const LEAST = 10
const UNUSUAL = 5
/** 1 / the median absolute deviation of a normal distribution with a standard deviation of 1. */
const NORMAL = 1.4826
/** A curve that hardly moves would make everything unusual: so much of the usual value is no deviation. */
const LEAST_DEVIATION = 0.05

/**
 * Marks values by a robust z-score: the distance from the median of the values before, in deviations that a few unusual values among
 * them do not move. `least`: a distance that is never unusual, in the unit of the values.
 */
export function findAnomalies(values: readonly Measured[], least = 0): readonly Anomaly[] {
  const found: Anomaly[] = []
  for (const [index, value] of values.entries()) {
    if (value === null) continue
    const before = values.slice(Math.max(0, index - WINDOW), index).filter((one) => one !== null)
    if (before.length < LEAST) continue
    const usual = median(before)
    const deviation = NORMAL * median(before.map((one) => Math.abs(one - usual)))
    const score =
      (value - usual) / Math.max(deviation, LEAST_DEVIATION * Math.abs(usual), least / UNUSUAL, Number.MIN_VALUE)
    if (Math.abs(score) >= UNUSUAL && Math.abs(value - usual) > least) found.push({ index, score, usual })
  }
  return found
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? 0
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2
}
