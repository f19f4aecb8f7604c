/**
 * A quantile from the buckets of a histogram, not cumulative, as Prometheus' histogram_quantile estimates it: evenly
 * spread within a bucket; above the last bound it is that bound. null: nothing was observed.
 */
export function quantileOf(share: number, bounds: readonly number[], buckets: ArrayLike<number>): number | null {
  let count = 0
  for (let i = 0; i < buckets.length; i++) count += buckets[i] ?? 0
  if (count <= 0) return null
  const wanted = share * count
  let below = 0
  for (let i = 0; i < bounds.length; i++) {
    const inside = buckets[i] ?? 0
    const end = bounds[i] ?? 0
    if (inside > 0 && below + inside >= wanted) {
      const begin = i === 0 ? 0 : (bounds[i - 1] ?? 0)
      return begin + ((end - begin) * (wanted - below)) / inside
    }
    below += inside
  }
  return bounds.at(-1) ?? null
}
