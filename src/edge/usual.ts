import { readingAt } from './cache.js'
import { config } from './config.js'
import type { PlainRoute } from './plain.js'

/**
 * Plain routes by what `$asked` says of a request: one look, and neither name nor path nor settings need be read. Those
 * of earlier tables stay until there is a later one, or there are too many: when a further try of a request begins its
 * route may be gone.
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

/**
 * For a try that does not begin at once: the route that such a request has taken, by the name of the upstream that is
 * written about it. With the table of later the requests of later may go to another Service.
 */
export function earlierUsual(asked: string, label: string | undefined): PlainRoute | undefined {
  const known = routes[asked] ?? before[asked]
  if (known === undefined || known.label === label) return known
  for (const earlier of known.before ?? []) if (earlier.label === label) return earlier
  return undefined
}

/** For the next request, if it is let in by this route whatever its path is, and by these settings whoever sends it. */
export function keepUsual(known: PlainRoute): void {
  const { usual, isWhole, settings, unlogged } = known
  if (usual === undefined || !isWhole || unlogged || config().names === true) return
  const { blocked, strictTransportSecurity, alternative } = settings
  if (blocked !== undefined || strictTransportSecurity === '' || alternative !== undefined) return
  known.usualAt = readingAt()
  const replaced = routes[usual] ?? before[usual]
  if (replaced !== undefined && replaced !== known) known.before = earlierThan(known, replaced)
  if (routes[usual] === undefined) count++
  if (count > LIMIT) {
    before = routes
    routes = {}
    count = 1
  }
  routes[usual] = known
}

/** Services that a host had in turn, of which requests may still wait for an answer. */
const MOST_EARLIER = 8

function earlierThan({ upstream }: PlainRoute, replaced: PlainRoute): PlainRoute[] | undefined {
  const earlier: PlainRoute[] = []
  if (replaced.upstream.key !== upstream.key) earlier.push(replaced)
  for (const one of replaced.before ?? [])
    if (one.upstream.key !== upstream.key && earlier.length < MOST_EARLIER) earlier.push(one)
  replaced.before = undefined
  return earlier.length === 0 ? undefined : earlier
}
