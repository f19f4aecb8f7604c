import type { Route } from '../model/documents.js'
import type { MatchPattern } from '../model/match.js'
import type { Decision } from '../request/decide.js'
import type { HostCell } from './host.js'
import { type Declared, declaredAt } from './reference.js'
import { shownBytes } from './shown-bytes.js'

/** A path that could have got a request, and why it did not. */
export interface Competitor extends Declared {
  readonly path: string
  readonly why: string
}

/** Paths of the host that could have matched, each with why it did not get the request. */
export function competitorsOf(
  cell: HostCell,
  winner: Route | undefined,
  path: string,
  match: MatchPattern,
  decision: Decision,
): readonly Competitor[] {
  const older = cell.shadowed
    .filter((one) => one.path === winner?.path)
    .map((one) => ({
      ...declaredAt(one.origin),
      path: shownBytes(one.path),
      why: 'an older Ingress declares the same path (ORD-1, ORD-2)',
    }))
  const shorter = [...cell.origins].flatMap(([route, origin]) => {
    if (route === winner || !couldMatch(cell, route, path, match)) return []
    return [
      {
        ...declaredAt(origin),
        path: shownBytes(route.path),
        why: winner === undefined ? whyNone(decision) : whyNot(route, winner),
      },
    ]
  })
  return [...older, ...shorter]
}

function couldMatch({ document: { paths } }: HostCell, route: Route, path: string, match: MatchPattern): boolean {
  if (paths.kind === 'regex') {
    const pattern = paths.patterns.find((one) => one.route === route)?.pattern
    return pattern === undefined || match(pattern, path, 'caseless').kind === 'match'
  }
  if (route.match === 'exact') return route.path === path
  const prefix = route.path.endsWith('/') ? route.path : `${route.path}/`
  return path === route.path || path.startsWith(prefix)
}

/** The host itself answers, before a path is looked for. */
function whyNone(decision: Decision): string {
  const by = decision.kind === 'answer' ? decision.by : undefined
  if (by === 'forbidden') return 'the host is closed, whatever the path'
  if (by === 'clients') return 'the host asks for a client certificate before a path is looked for'
  return 'the host answers before a path is looked for'
}

function whyNot(route: Route, winner: Route): string {
  if (winner.match === 'exact') return 'an Exact path goes before every Prefix (PATH-4)'
  if (winner.match === 'regex') return 'a regular expression of longer text matches (PATH-5)'
  return route.match === 'implicit' ? 'only used when no path matches (DEF-3)' : 'a longer Prefix matches (PATH-4)'
}
