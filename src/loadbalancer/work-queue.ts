import type { Clock } from '../kubernetes/clock.js'

/** Keys that wait to be worked on: each at most once at a time, so many at once. */
export interface WorkQueue {
  /** As soon as there is room. A key that is being worked on comes once more after that. */
  add(key: string): void
  /**
   * A key that waits for its time does so no longer than that; one that is worked on, afterwards. Of others nothing
   * comes.
   */
  addWithin(key: string, milliseconds: number): void
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
  const timers = new Map<string, { readonly due: number; cancel(): void }>()
  const within = new Map<string, number>()
  let stopped = false

  function add(key: string): void {
    if (stopped) return
    dropTimer(key)
    if (active.has(key)) again.add(key)
    else waiting.add(key)
    drain()
  }

  function dropTimer(key: string): void {
    timers.get(key)?.cancel()
    timers.delete(key)
  }

  function addAfter(key: string, milliseconds: number): void {
    dropTimer(key)
    timers.set(key, { due: clock.now() + milliseconds, cancel: clock.after(milliseconds, () => add(key)) })
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
    within.delete(key)
    const after = await act(key)
    active.delete(key)
    if (stopped) return
    if (again.delete(key)) waiting.add(key)
    else if (after !== undefined) addAfter(key, Math.min(after, within.get(key) ?? after))
    drain()
  }

  return {
    add,
    addWithin(key, milliseconds) {
      const { due = 0 } = timers.get(key) ?? {}
      if (stopped) return
      if (active.has(key)) within.set(key, milliseconds)
      else if (due > clock.now() + milliseconds) addAfter(key, milliseconds)
    },
    async stop() {
      stopped = true
      for (const { cancel } of timers.values()) cancel()
      timers.clear()
      waiting.clear()
      await Promise.all(active.values())
    },
    size: () => waiting.size + active.size,
  }
}
