/** Time as an argument, so that tests can bend it. */
export interface Clock {
  /** Milliseconds that never go back and go on while the process is stopped (CLOCK_MONOTONIC). */
  now(): number
  /** Milliseconds since the epoch; may be wrong or jump. */
  wall(): number
  /** Calls once, later; gives what calls it off. Does not keep the process alive. */
  after(milliseconds: number, act: () => void): () => void
}

export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  after(milliseconds, act) {
    const timer = setTimeout(act, milliseconds)
    timer.unref()
    return () => clearTimeout(timer)
  },
}
