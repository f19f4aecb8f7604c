import type { Clock } from '../../src/kubernetes/clock.js'

/** A clock that goes only when it is told to. */
export interface ManualClock extends Clock {
  /** Lets so much time pass; timers are called in their order, and what they begin may go on before the next. */
  pass(milliseconds: number): Promise<void>
  /** Milliseconds until each timer that waits, the next one first. */
  waiting(): readonly number[]
}

interface Timer {
  readonly at: number
  readonly act: () => void
}

/**
 * `settle`: resolves when nothing is under way that goes on without the clock. `epoch`: what the wall clock says at the
 * beginning.
 */
export function createManualClock(settle: () => Promise<void> = quiet, epoch = 1_700_000_000_000): ManualClock {
  let time = 0
  const timers = new Set<Timer>()
  const next = (until: number): Timer | undefined =>
    [...timers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0]
  return {
    now: () => time,
    wall: () => epoch + time,
    after(milliseconds, act) {
      const timer = { at: time + milliseconds, act }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    async pass(milliseconds) {
      const end = time + milliseconds
      for (let timer = next(end); timer !== undefined; timer = next(end)) {
        timers.delete(timer)
        time = Math.max(time, timer.at)
        timer.act()
        await settle()
      }
      time = end
      await settle()
    },
    waiting: () => [...timers].map(({ at }) => at - time).sort((a, b) => a - b),
  }
}

/** What follows without a timer has followed: everything in these tests answers within a few turns. */
export async function quiet(): Promise<void> {
  for (let turn = 0; turn < 30; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}
