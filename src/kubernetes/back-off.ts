/** How long to wait before trying again. */
export interface BackOff {
  /** Milliseconds after one more failure. */
  next(): number
  /** The same, but 0 the first time: for ends that are no mistake, unless they come in a row. */
  nextAfterEnd(): number
  reset(): void
  /** Failures and ends since the last reset. */
  readonly count: number
}

/**
 * Doubles from `first` to `most` milliseconds. Each wait is between half and all of that, so that many clients of a
 * server which comes back do not all ask in the same moment.
 */
export function createBackOff(first: number, most: number, random: () => number): BackOff {
  let count = 0
  const step = (): number => Math.min(most, first * 2 ** Math.min(count - 1, 30)) * (0.5 + random() / 2)
  return {
    next() {
      count += 1
      return step()
    },
    nextAfterEnd() {
      count += 1
      return count === 1 ? 0 : step()
    },
    reset() {
      count = 0
    },
    get count() {
      return count
    },
  }
}
