import type { Value } from './family.js'
import { printBound, type Labels } from './text.js'

/** A histogram with one label, few values of it, and few observations: what the controller measures of itself. */
export interface Distribution {
  observe(of: string, value: number): void
  samples(): readonly Value[]
}

export function createDistribution(label: string, bounds: readonly number[]): Distribution {
  const all = new Map<string, { readonly buckets: number[]; sum: number }>()
  return {
    observe(of, value) {
      const one = all.get(of) ?? { buckets: [...bounds, 0].map(() => 0), sum: 0 }
      all.set(of, one)
      const place = bounds.findIndex((bound) => value <= bound)
      const at = place < 0 ? bounds.length : place
      one.buckets[at] = (one.buckets[at] ?? 0) + 1
      one.sum += value
    },
    samples: () =>
      [...all].flatMap(([of, { buckets, sum }]) => {
        const labels: Labels = [[label, of]]
        let count = 0
        const ends = [...bounds.map(printBound), '+Inf'].map((le, i): Value => {
          count += buckets[i] ?? 0
          return { suffix: '_bucket', labels: [...labels, ['le', le]], value: count }
        })
        return [...ends, { suffix: '_sum', labels, value: sum }, { suffix: '_count', labels, value: count }]
      }),
  }
}
