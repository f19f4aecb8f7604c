/** Value below which the given share (0..1) of the sorted values lies, linear between neighbours; NaN when there are none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (sorted.length - 1) * share
  const low = sorted[Math.floor(at)] ?? Number.NaN
  const high = sorted[Math.ceil(at)] ?? Number.NaN
  return low + (high - low) * (at - Math.floor(at))
}

/** The middle and the quarters beside it. */
export interface Spread {
  readonly median: number
  readonly lower: number
  readonly upper: number
}

export function spreadOf(values: readonly number[]): Spread {
  return { median: quantile(values, 0.5), lower: quantile(values, 0.25), upper: quantile(values, 0.75) }
}

/**
 * Quotients of values that were measured in the same round, so that what slows a whole round down falls out of them. A round
 * that one side lacks is left out.
 */
export function pairedRatios(over: readonly number[], under: readonly number[]): readonly number[] {
  return over.flatMap((value, round) => {
    const other = under[round]
    return other === undefined || other === 0 ? [] : [value / other]
  })
}

/** The items in the order of a round: each begins one further on, and every second goes backwards. */
export function rotated<T>(items: readonly T[], round: number): readonly T[] {
  const start = items.length === 0 ? 0 : round % items.length
  const turned = [...items.slice(start), ...items.slice(0, start)]
  return round % 2 === 0 ? turned : turned.toReversed()
}
