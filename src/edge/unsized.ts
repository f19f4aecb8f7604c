import { withoutId, wordsOfUnsized } from './asked-words.js'
import { readAsked } from './asked.js'
import { config } from './config.js'
import type { PlainRoute } from './plain.js'
import { readRaw, writeRaw } from './raw-variables.js'
import { earlierUsual, keepUsual, recallUsual } from './usual.js'

/**
 * Usual requests of HTTP/2 (over TLS), of which nobody knows whether they have a body: they are known by what they
 * would ask for over HTTP/1, and answered in a location that limits the body. Only those that read, as nearly all are:
 * what else comes may have a long body indeed, and is carried all the way.
 */

const { get_method } = ngx.req

/** undefined: has to be looked at. */
export function recallUnsized(asked: string): PlainRoute | undefined {
  if (!config().usual_headers) return undefined
  const words = wordsOfUnsized(asked)
  if (words === undefined) return undefined
  const method = get_method()
  if (method !== 'GET' && method !== 'HEAD') return undefined
  return recallUsual(words)
}

/** For the next request, if what makes this one other than the usual ones is HTTP/2. */
export function keepUnsized(known: PlainRoute, asked: string): void {
  if (config().usual_headers && wordsOfUnsized(asked) === known.usual) keepUsual(known)
}

let profile: string | undefined
let location: string | undefined

/** undefined: there is no limit, or this frame does not have the profile. */
export function locationFor({ settings: { unsizedProfile } }: PlainRoute): string | undefined {
  if (unsizedProfile === profile) return location
  profile = unsizedProfile
  location = profile !== undefined && profile in config().profiles ? `@${profile}_usual` : undefined
  return location
}

/**
 * In place of a number that is good for one entry (`handover.ts`): nothing is handed over. NGINX may read a body before
 * the balancer is asked, and the route is found by what the request is.
 */
const TICKET = 'usual'

export function giveUnsized(): void {
  writeRaw('route', TICKET, TICKET.length)
}

/**
 * For the first try, or for the end of a request that came to none. Where metrics are on, whose it was is in `ngx.ctx`
 * from then on.
 *
 * undefined: the request was not sent here by us, and no check of its route was made; or its route was forgotten while
 * its body was awaited (`usual.ts`).
 */
export function takeUnsized(): PlainRoute | undefined {
  if (readRaw('route') !== TICKET) return undefined
  writeRaw('route', '', 0)
  const known = findUsual()
  if (known !== undefined && config().metrics !== undefined) ngx.ctx = known
  return known
}

/** The route by which a request was let in that carries none, over either protocol. */
export function findUsual(): PlainRoute | undefined {
  const asked = withoutId(readAsked())
  return earlierUsual(wordsOfUnsized(asked) ?? asked, readRaw('label'))
}
