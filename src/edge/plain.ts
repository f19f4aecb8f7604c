import { findRoute } from '../model/path.js'
import type { Route } from '../model/documents.js'
import { isTheSameForAll, type Decision, type ProxyDecision } from '../request/decide.js'
import { table } from './table.js'

/**
 * What was decided about plain routes, which is the same for every request: kept on the route, and so gone with its document.
 * What `decide` makes of a route is found again without asking anew what it has none of, and without a new table per request.
 */
interface KnownRoute extends Route {
  known?: ProxyDecision
}

/** undefined: has to be decided. */
export function recall(name: string, path: string): ProxyDecision | undefined {
  const host = table.host(name)
  if (host === undefined || host.paths.kind === 'regex') return undefined
  const { known }: KnownRoute = findRoute(host, host.paths, path)
  return known !== undefined && table.upstream(known.upstream.key) === known.upstream ? known : undefined
}

/** For the next request. */
export function remember(decision: Decision): void {
  if (!isTheSameForAll(decision)) return
  const route: KnownRoute = decision.route
  route.known = decision
}
