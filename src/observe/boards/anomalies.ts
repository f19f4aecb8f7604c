import type { Measured } from './panel.js'

/** A value that does not fit to what is usual. */
export interface Anomaly {
  readonly index: number
  /** How many robust standard deviations away; negative: below. */
  readonly score: number
  /** What would have been usual: the median of what it is compared with. */
  readonly usual: number
}

export interface Judgement {
  readonly anomalies: readonly Anomaly[]
  /** For each value what would have been usual; null: there was too little to say. */
  readonly usual: readonly Measured[]
}

/** With what a value is compared: the values before it, or those of the same time on the days before. */
export type Baseline = 'recent' | 'season'

/** How many values before one are looked at, and how few are too few. */
export const WINDOW = 30
export const LEAST = 10
/** The same of days. Values of a season are hours. */
export const DAYS = 14
export const LEAST_DAYS = 4
const HOURS_OF_A_DAY = 24

/** From which score on a value is unusual. */
export const UNUSUAL = 5
/** 1 / the median absolute deviation of a normal distribution with a standard deviation of 1. */
const NORMAL = 1.4826
/** A curve that hardly moves would make everything unusual: so much of the usual value is no deviation. */
const LEAST_DEVIATION: Readonly<Record<Baseline, number>> = { recent: 0.05, season: 0.1 }

/**
 * Judges values by a robust z-score: the distance from the median of what they are compared with, in deviations that a
 * few unusual values among it do not move. `least`: a distance that is never unusual, in the unit of the values.
 */
export function judge(values: readonly Measured[], baseline: Baseline, least = 0): Judgement {
  const samplesOf = baseline === 'recent' ? recentSamples : seasonalSamples
  const enough = baseline === 'recent' ? LEAST : LEAST_DAYS
  const anomalies: Anomaly[] = []
  const usual = values.map((value, index) => {
    const samples = samplesOf(values, index)
    if (samples.length < enough) return null
    const middle = median(samples)
    if (value === null) return middle
    const deviation = NORMAL * median(samples.map((one) => Math.abs(one - middle)))
    const smallest = Math.max(LEAST_DEVIATION[baseline] * Math.abs(middle), least / UNUSUAL, Number.MIN_VALUE)
    const score = (value - middle) / Math.max(deviation, smallest)
    if (Math.abs(score) >= UNUSUAL && Math.abs(value - middle) > least) anomalies.push({ index, score, usual: middle })
    return middle
  })
  return { anomalies, usual }
}

function recentSamples(values: readonly Measured[], index: number): readonly number[] {
  return values.slice(Math.max(0, index - WINDOW), index).filter((one) => one !== null)
}

function seasonalSamples(values: readonly Measured[], index: number): readonly number[] {
  const samples: number[] = []
  for (let day = 1; day <= DAYS; day++) {
    const value = values[index - day * HOURS_OF_A_DAY]
    if (value !== null && value !== undefined) samples.push(value)
  }
  return samples
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? 0
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2
}
