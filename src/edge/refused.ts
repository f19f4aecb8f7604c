import { monotonic_msec } from 'resty.core.time'
import type { Counted } from '../request/port.js'

const LOG_SECONDS = 10
let said = 0

/** Fails closed, and says so: to the log now and then, and to whoever asks for the status. */
export function refuse(problem: string): Counted {
  ngx.shared.fairlead_state.incr(UNCOUNTED, 1, 0)
  const now = monotonic_msec()
  if (said === 0 || now - said > LOG_SECONDS * 1000) {
    said = now
    ngx.log(ngx.ERR, 'a request is refused because it cannot be counted for its limit: ', problem)
  }
  return 'full'
}

/** Requests that were refused for want of memory to count them in. */
export function uncounted(): number {
  return (ngx.shared.fairlead_state.get(UNCOUNTED) as number | undefined) ?? 0 // only refuse writes it
}

const UNCOUNTED = 'uncounted'
