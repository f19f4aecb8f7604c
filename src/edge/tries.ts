import { get_last_failure, set_more_tries, set_timeouts } from 'ngx.balancer'
import { monotonic_msec } from 'resty.core.time'
import type { SettingsDocument } from '../model/documents.js'
import type { Timeouts } from '../model/proxy-features.js'
import type { Passage } from '../request/passage.js'
import type { Chosen } from './chosen.js'

/** `0` is no limit of its own (PRX-3); one there is, so that endpoints that refuse every request cannot hold a worker. */
const MOST_TRIES = 100

/** At the first try: how many more there may be (RTY-1). */
export function allowTries(chosen: Chosen, settings: SettingsDocument): void {
  // The clock of NGINX's timers: by another one, a try that took its whole time can seem a millisecond shorter.
  if (hasTimeLimit(chosen.passage, settings)) chosen.since = monotonic_msec()
  setTries(chosen.passage?.route.features?.retries?.tries ?? settings.tries)
}

/** Likewise, for a route that says nothing of it. */
export function setTries(tries: number): void {
  if (tries === 0) set_more_tries(MOST_TRIES - 1)
  else if (tries > 1) set_more_tries(tries - 1)
}

/** Before a further try: whether the time for tries is over. The request ends then as the try before it did. */
export function isTooLate(chosen: Chosen, settings: SettingsDocument): boolean {
  const seconds = secondsFor(chosen.passage, settings)
  const { since = 0 } = chosen
  // A limit that came with a push after the first try is for other requests.
  if (seconds === 0 || since === 0) return false
  if (monotonic_msec() - since < seconds * 1000) return false
  const [, status] = get_last_failure()
  chosen.endedWith = status
  return true
}

/** Whether all tries together may take only so long. */
export function hasTimeLimit(passage: Passage | undefined, settings: SettingsDocument): boolean {
  return secondsFor(passage, settings) !== 0
}

/** What all tries together may take (RTY-1), in seconds; 0: as long as they take. */
function secondsFor(passage: Passage | undefined, settings: SettingsDocument): number {
  return passage?.route.features?.retries?.seconds ?? settings.retrySeconds ?? 0
}

/** Those of the route, else of the ConfigMap, else of the frame (PRX-2, PRX-7). */
export function setTimeouts(passage: Passage | undefined, settings: SettingsDocument): void {
  const timeouts: Timeouts | undefined = passage?.route.features?.timeouts ?? settings.timeouts
  if (timeouts !== undefined) set_timeouts(timeouts.connect, timeouts.send, timeouts.read)
}
