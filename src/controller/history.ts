import type { Happening } from '../apply/frame-change.js'
import type { TimelineEntry } from '../observe/shown.js'

/** The latest things that NGINX was told; bounded, so that a year of changes is no more than a day of them. */
export interface History {
  record(happening: Happening): void
  /** Newest first. */
  entries(): readonly TimelineEntry[]
  count(kind: TimelineEntry['kind']): number
  latest(kind: TimelineEntry['kind']): TimelineEntry | undefined
}

/** Of each of the two: pushes are many, and must not drive out the reloads. */
const KEPT = 200
const DETAILS = 8
const TOGETHER_MILLISECONDS = 1_000

/** `now`: milliseconds since the epoch. Pushes that follow each other within a second are one entry. */
export function createHistory(now: () => number): History {
  const pushes: TimelineEntry[] = []
  const others: TimelineEntry[] = []
  const counts = new Map<TimelineEntry['kind'], number>()

  return {
    record({ kind, text, details }) {
      counts.set(kind, (counts.get(kind) ?? 0) + 1)
      const list = kind === 'push' ? pushes : others
      const last = list.at(-1)
      const at = now()
      if (kind === 'push' && last !== undefined && Math.abs(at - last.at) < TOGETHER_MILLISECONDS) {
        const all = [...new Set([...details, ...last.details])].slice(0, DETAILS)
        list[list.length - 1] = { at: last.at, kind, text, details: all, times: last.times + 1 }
        return
      }
      list.push({ at, kind, text, details: details.slice(0, DETAILS), times: 1 })
      if (list.length > KEPT) list.shift()
    },
    entries: () => [...pushes, ...others].sort((a, b) => b.at - a.at),
    count: (kind) => counts.get(kind) ?? 0,
    latest: (kind) => (kind === 'push' ? pushes : others).findLast((entry) => entry.kind === kind),
  }
}
