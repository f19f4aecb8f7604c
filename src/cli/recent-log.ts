import type { Level, Log } from './log.js'

export interface LogEntry {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly level: Level
  readonly message: string
}

const KEPT = 500
const LONGEST = 2_000

/** The same log, of which the last lines are kept for `fairlead diagnose`. */
export function keepRecent(log: Log): { readonly log: Log; recent(): readonly LogEntry[] } {
  const entries: LogEntry[] = []
  return {
    log(level, message) {
      log(level, message)
      entries.push({ at: Date.now(), level, message: message.slice(0, LONGEST) })
      if (entries.length > KEPT) entries.shift()
    },
    recent: () => [...entries],
  }
}
