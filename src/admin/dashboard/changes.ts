/** Says that something has changed, to whoever waits. */
export interface Changes {
  mark(): void
  /** Counts the marks. */
  count(): number
  /** Resolves when the count is another one than `seen`, or after so many milliseconds, or when `signal` ends it. */
  wait(seen: number, milliseconds: number, signal: AbortSignal): Promise<void>
}

export function createChanges(): Changes {
  let marks = 0
  const waiting = new Set<() => void>()
  return {
    mark() {
      marks += 1
      for (const wake of waiting) wake()
    },
    count: () => marks,
    wait(seen, milliseconds, signal) {
      if (marks !== seen || signal.aborted) return Promise.resolve()
      return new Promise((resolve) => {
        const wake = (): void => {
          waiting.delete(wake)
          clearTimeout(timer)
          signal.removeEventListener('abort', wake)
          resolve()
        }
        const timer = setTimeout(wake, milliseconds)
        timer.unref()
        signal.addEventListener('abort', wake, { once: true })
        waiting.add(wake)
      })
    },
  }
}
