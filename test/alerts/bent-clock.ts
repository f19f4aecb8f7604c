/** A clock that goes on only when it is told to. */
export interface BentClock {
  wall(): number
  after(milliseconds: number, act: () => void): () => void
  /** Lets so much time pass; what is due is called in its order, and what that begins is waited for. */
  pass(milliseconds: number): Promise<void>
}

export function bendClock(begin = Date.UTC(2026, 10, 26)): BentClock {
  let now = begin
  let timers: { readonly at: number; readonly act: () => void }[] = []
  return {
    wall: () => now,
    after(milliseconds, act) {
      const timer = { at: now + milliseconds, act }
      timers.push(timer)
      return () => (timers = timers.filter((each) => each !== timer))
    },
    async pass(milliseconds) {
      const end = now + milliseconds
      for (;;) {
        await settled()
        const [next] = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)
        if (next === undefined) break
        timers = timers.filter((each) => each !== next)
        now = Math.max(now, next.at)
        next.act()
      }
      now = end
    },
  }
}

/** Whatever waits for nothing but promises has gone on. */
async function settled(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve))
}
