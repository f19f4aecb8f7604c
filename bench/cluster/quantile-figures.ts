import type { Figure, Goal } from '../figure.js'
import { quantile, spreadOf } from '../statistics.js'

/** p50, p90 and p99 of times in milliseconds; the goal is that of p90. */
export function quantileFigures(id: string, what: string, milliseconds: readonly number[], goal?: Goal): Figure[] {
  return ([0.5, 0.9, 0.99] as const).map((share) => ({
    id: `${id}-p${share * 100}`,
    what: `${what}, p${share * 100} of ${milliseconds.length}`,
    unit: 'ms',
    value: quantile(milliseconds, share),
    ...(share === 0.5 ? { spread: spreadOf(milliseconds) } : {}),
    goal: share === 0.9 ? goal : undefined,
  }))
}
