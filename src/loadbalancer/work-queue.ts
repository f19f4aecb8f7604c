import type { Clock } from '../kubernetes/clock.js'

/** Keys that wait to be worked on: each at most once at a time, so many at once. */
export interface WorkQueue {
  /** As soon as there is room. A key that is being worked on comes once more after that. */
  add(key: string): void
  /** What is under way ends; nothing is begun any more. */
  stop(): Promise<void>
  /** Keys that wait for room or are worked on; those that wait for a time are not among them. */
  size(): number
}

export interface WorkQueueParts {
  readonly clock: Clock
  readonly limit: number
  /** Gives the milliseconds after which the key comes again by itself; undefined: it does not. Must not throw. */
  act(key: string): Promise<number | undefined>
}

export function createWorkQueue({ clock, limit, act }: WorkQueueParts): WorkQueue {
  const waiting = new Set<string>()
  const active = new Map<string, Promise<void>>()
  const again = new Set<string>()
  const timers = new Map<string, () => void>()
  let stopped = false

  function add(key: string): void {
    if (stopped) return
    timers.get(key)?.()
    timers.delete(key)
    if (active.has(key)) again.add(key)
    else waiting.add(key)
    drain()
  }

  function drain(): void {
    for (const key of waiting) {
      if (active.size >= limit || stopped) return
      waiting.delete(key)
      active.set(key, work(key))
    }
  }

  async function work(key: string): Promise<void> {
    // What is asked for while it goes on may not be in what it has seen.
    again.delete(key)
    const after = await act(key)
    active.delete(key)
    if (stopped) return
    if (again.delete(key)) waiting.add(key)
    else if (after !== undefined)
      timers.set(
        key,
        clock.after(after, () => add(key)),
      )
    drain()
  }

  return {
    add,
    async stop() {
      stopped = true
      for (const cancel of timers.values()) cancel()
      timers.clear()
      waiting.clear()
      await Promise.all(active.values())
    },
    size: () => waiting.size + active.size,
  }
}
