import { monotonic_msec } from 'resty.core.time'
import type { Counted } from '../request/port.js'

/** Fails closed where a request cannot be counted for its limit. */
export function refuse(problem: string): Counted {
  tellRefused('it cannot be counted for its limit', problem)
  return 'full'
}

/** A request is refused for want of something of ours: said to the log now and then, and to whoever asks for the status. */
export function tellRefused(why: string, problem: string): void {
  ngx.shared.fairlead_state.incr(UNCOUNTED, 1, 0)
  tell(`a request is refused because ${why}: `, problem)
}

const LOG_SECONDS = 10
const said: Record<string, number | undefined> = {}

/**
 * An error that every request or handshake may meet again, and so one line every ten seconds in each worker.
 *
 * @param what one of few texts, whatever clients send
 */
export function tell(what: string, problem: string): void {
  const now = monotonic_msec()
  const before = said[what]
  if (before !== undefined && now - before <= LOG_SECONDS * 1000) return
  said[what] = now
  ngx.log(ngx.ERR, what, problem)
}

/** Requests that were refused for want of memory to count them in, or of what a check needs. */
export function uncounted(): number {
  return (ngx.shared.fairlead_state.get(UNCOUNTED) as number | undefined) ?? 0 // only this file writes it
}

const UNCOUNTED = 'uncounted'
