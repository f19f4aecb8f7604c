import * as balancer from 'ngx.balancer'
import type { SettingsDocument } from '../model/documents.js'
import type { Timeouts } from '../model/proxy-features.js'
import type { Chosen } from './route.js'

/** `0` is no limit of its own (PRX-3); one there is, so that endpoints that refuse every request cannot hold a worker. */
const MOST_TRIES = 100

/** Seconds since 1970 leave a double less than a microsecond; the difference of two can be that much too small. */
const ROUNDING = 0.0005

/** At the first try: how many more there may be (RTY-1). */
export function allowTries(chosen: Chosen, settings: SettingsDocument): void {
  chosen.since = ngx.now()
  const tries = chosen.route.features?.retries?.tries ?? settings.tries
  if (tries === 0) balancer.set_more_tries(MOST_TRIES - 1)
  else if (tries > 1) balancer.set_more_tries(tries - 1)
}

/** Before a further try: whether the time for tries is over. The request ends then as the try before it did. */
export function isTooLate(chosen: Chosen, settings: SettingsDocument): boolean {
  const seconds = chosen.route.features?.retries?.seconds ?? settings.retrySeconds ?? 0
  if (seconds === 0) return false
  if (ngx.now() - (chosen.since ?? 0) < seconds - ROUNDING) return false
  const [, status] = balancer.get_last_failure()
  chosen.endedWith = status
  return true
}

/** Those of the route, else of the ConfigMap, else of the frame (PRX-2, PRX-7). */
export function setTimeouts({ route }: Chosen, settings: SettingsDocument): void {
  const timeouts: Timeouts | undefined = route.features?.timeouts ?? settings.timeouts
  if (timeouts !== undefined) balancer.set_timeouts(timeouts.connect, timeouts.send, timeouts.read)
}
