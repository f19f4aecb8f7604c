import { readingAt } from './cache.js'
import { config } from './config.js'
import type { PlainRoute } from './plain.js'

/**
 * Plain routes by what `$asked` says of a request: one look, and neither name nor path nor settings need be read. Those of earlier tables
 * stay until there is a later one, or there are too many: a further try of a request begins when its route may be gone.
 */
let routes: Record<string, PlainRoute | undefined> = {}
let before: Record<string, PlainRoute | undefined> = {}
let count = 0

/** As many as decoded documents (`cache.ts`), twice: what is kept here is kept from the collector. */
const LIMIT = 20_000

/** undefined: has to be looked at. */
export function recallUsual(asked: string): PlainRoute | undefined {
  const known = routes[asked]
  return known !== undefined && known.usualAt === readingAt() ? known : undefined
}

/** Where such requests went last, whatever the table says now. */
export function latestUsual(asked: string): PlainRoute | undefined {
  return routes[asked] ?? before[asked]
}

/** For the next request, if it is let in by this route whatever its path is, and by these settings whoever sends it. */
export function keepUsual(known: PlainRoute): void {
  const { usual, isWhole, settings, unlogged } = known
  if (usual === undefined || !isWhole || unlogged || config().names === true) return
  const { blocked, strictTransportSecurity, alternative } = settings
  if (blocked !== undefined || strictTransportSecurity === '' || alternative !== undefined) return
  known.usualAt = readingAt()
  if (routes[usual] === undefined) count++
  if (count > LIMIT) {
    before = routes
    routes = {}
    count = 1
  }
  routes[usual] = known
}
