import type { Document, HostDocument, Paths, RegexPath, Route } from '../model/documents.js'
import type { RouteFeatures } from '../model/features.js'
import { lengthsOf } from '../model/prefix-lengths.js'

/** Whether every worker has a profile that may get requests. */
export type IsReady = (profile: string) => boolean

/**
 * What may go out of a document now: itself, unless it is a host of which routes wait for their profiles.
 *
 * @param running JSON of the document that runs; undefined or empty: there is none, or it is not known. Then such a host waits as a whole
 */
export function admitDocument(document: Document, running: string | undefined, isReady: IsReady): Document | undefined {
  if (!('paths' in document)) return document
  if (routesOf(document).every((route) => isReadyFor(route, isReady))) return document
  if (running === undefined || running === '') return undefined
  return interimHost(document, JSON.parse(running) as HostDocument, isReady)
}

/**
 * What may be live of a host while some of its routes wait for their profiles (make before break): those stay as they run, but who may
 * come in is what they will say; everything else is as desired. A path that is new is not there yet, and closed where it will keep
 * somebody out: until now another path may have answered for it.
 */
export function interimHost(desired: HostDocument, running: HostDocument, isReady: IsReady): HostDocument {
  const before = routesByPath(running)
  const route = (wanted: Route): Route | undefined => {
    if (isReadyFor(wanted, isReady)) return wanted
    const old = before.get(placeOf(wanted))
    if (old !== undefined) return guardedAs(wanted, old)
    return keepsSomebodyOut(wanted) ? closed(wanted) : undefined
  }
  return { ...desired, paths: pathsOf(desired.paths, route), root: route(desired.root) ?? running.root }
}

function isReadyFor({ profile }: Route, isReady: IsReady): boolean {
  return profile === undefined || isReady(profile)
}

/** What a check or a limit needs is in the table, not in the profile; `inspected` is of the profile. */
export const GUARDS = ['limits', 'denied', 'allowed', 'basic', 'digest', 'externalAuth', 'satisfyAny'] as const

type Guards = Partial<Pick<RouteFeatures, (typeof GUARDS)[number]>>

function guardedAs(wanted: Route, old: Route): Route {
  const { httpsRedirect: _status, httpsPort: _port, httpsKeepsSlash: _slash, features = {}, ...rest } = old
  const {
    limits: _l,
    denied: _d,
    allowed: _a,
    basic: _b,
    digest: _g,
    externalAuth: _e,
    satisfyAny: _s,
    ...others
  } = features
  const all: RouteFeatures = { ...others, ...guardsOf(wanted) }
  return {
    ...rest,
    ...httpsOf(wanted),
    ...(Object.keys(all).length === 0 ? {} : { features: all }),
  }
}

function guardsOf({ features = {} }: Route): Guards {
  return Object.fromEntries(GUARDS.flatMap((name) => (features[name] === undefined ? [] : [[name, features[name]]])))
}

function httpsOf({ httpsRedirect, httpsPort, httpsKeepsSlash }: Route): Partial<Route> {
  return {
    ...(httpsRedirect === undefined ? {} : { httpsRedirect }),
    ...(httpsPort === undefined ? {} : { httpsPort }),
    ...(httpsKeepsSlash === undefined ? {} : { httpsKeepsSlash }),
  }
}

function keepsSomebodyOut(route: Route): boolean {
  const { limits: _, ...checks } = guardsOf(route)
  return Object.keys(checks).length > 0 || route.features?.inspected === true
}

function closed({ path, match, labels }: Route): Route {
  const action = { kind: 'answer', status: 503, label: '' } as const
  return { path, match, action, ...(labels === undefined ? {} : { labels }) }
}

/** A path may have become a pattern, with others of its host (RW-4). */
function placeOf({ match, path }: Route): string {
  return match === 'exact' ? `= ${path}` : path
}

function routesByPath(host: HostDocument): ReadonlyMap<string, Route> {
  // The redirect to a slash is nothing that anybody declares.
  const declared = routesOf(host).filter(({ match }) => match !== 'slash')
  return new Map(declared.map((route) => [placeOf(route), route]))
}

function routesOf({ paths, root }: HostDocument): readonly Route[] {
  if (paths.kind === 'regex') return [...paths.patterns.map(({ route }) => route), root]
  return [...Object.values(paths.exact), ...Object.values(paths.prefix), root]
}

function pathsOf(paths: Paths, of: (route: Route) => Route | undefined): Paths {
  if (paths.kind === 'regex') {
    const patterns = paths.patterns.flatMap((pattern): readonly RegexPath[] => {
      const route = of(pattern.route)
      return route === undefined ? [] : [{ ...pattern, route }]
    })
    return { kind: 'regex', patterns }
  }
  const prefix = only(paths.prefix, of)
  return { kind: 'literal', exact: only(paths.exact, of), prefix, lengths: lengthsOf(prefix) }
}

function only(
  routes: Readonly<Record<string, Route>>,
  of: (route: Route) => Route | undefined,
): Readonly<Record<string, Route>> {
  const kept = Object.entries(routes).flatMap(([path, wanted]) => {
    const route = of(wanted)
    return route === undefined ? [] : [[path, route] as const]
  })
  return Object.fromEntries(kept)
}
