import { readingAt } from './cache.js'
import { config } from './config.js'
import type { PlainRoute } from './plain.js'

/**
 * Plain routes by what `$asked` says of a request: one look, and neither name nor path nor settings need be read. Of one table: with
 * the next one hosts come here anew, as they are asked for.
 */
let routes: Record<string, PlainRoute | undefined> = {}
let revision = -1
let count = 0

/** As many as decoded documents (`cache.ts`): what is kept here is kept from the collector. */
const LIMIT = 20_000

/** undefined: has to be looked at. */
export function recallUsual(asked: string): PlainRoute | undefined {
  return revision === readingAt() ? routes[asked] : undefined
}

/** For the next request, if it is let in by this route whatever its path is, and by these settings whoever sends it. */
export function keepUsual(known: PlainRoute): void {
  const { usual, isWhole, settings, unlogged } = known
  if (usual === undefined || !isWhole || unlogged || config().names === true) return
  const { blocked, strictTransportSecurity, alternative } = settings
  if (blocked !== undefined || strictTransportSecurity === '' || alternative !== undefined) return
  if (revision !== readingAt() || count >= LIMIT) {
    routes = {}
    revision = readingAt()
    count = 0
  }
  routes[usual] = known
  count++
}
