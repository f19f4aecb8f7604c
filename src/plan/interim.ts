import type { Document, HostDocument, Paths, RegexPath, Route, SettingsDocument } from '../model/documents.js'
import type { HostFeatures, RouteFeatures } from '../model/features.js'
import { lengthsOf } from '../model/prefix-lengths.js'

/** Whether every worker has a profile that may get requests. */
export type IsReady = (profile: string) => boolean

/**
 * What may go out of a document now: itself, unless routes of it wait for their profiles.
 *
 * @param running JSON of the document that runs; undefined: there is none; empty: it is not known, and then a host
 * waits as a whole
 */
export function admitDocument(document: Document, running: string | undefined, isReady: IsReady): Document | undefined {
  if ('unsizedProfile' in document) return admitSettings(document, running, isReady)
  if (!('paths' in document)) return document
  const waiting = routesOf(document).filter((route) => !isReadyFor(route, isReady))
  if (waiting.length === 0) return document
  if (running === '') return undefined
  if (running !== undefined) return interimHost(document, JSON.parse(running) as HostDocument, isReady)
  // Until now a wildcard host may have answered for it, and goes on to do so unless somebody is to be kept out.
  const isGuarded = waiting.some(keepsSomebodyOut) || hostChecksOf(document) !== undefined
  return isGuarded ? interimHost(document, { ...document, ...NOTHING }, isReady) : undefined
}

/** The profile of bodies of unknown length is that of every host. */
function admitSettings(
  document: SettingsDocument,
  running: string | undefined,
  isReady: IsReady,
): SettingsDocument | undefined {
  const { unsizedProfile, ...others } = document
  if (unsizedProfile === undefined || isReady(unsizedProfile)) return document
  if (running === undefined || running === '') return undefined
  const { unsizedProfile: before } = JSON.parse(running) as SettingsDocument
  return before === undefined ? others : { ...others, unsizedProfile: before }
}

const NOTHING: Pick<HostDocument, 'paths' | 'root'> = {
  paths: { kind: 'literal', exact: {}, prefix: {}, lengths: [] },
  root: { path: '/', match: 'implicit', action: { kind: 'answer', status: 404, label: '' } },
}

/**
 * What may be live of a host while some of its routes wait for their profiles (make before break): those go on as they
 * run, and who may come in does not wait. Where a route leads to what it led to before, its checks are those it will
 * have; where it leads elsewhere, what runs keeps its checks and gets the new ones besides, and is closed where both
 * cannot be. Everything else is as desired. A path that is new is not there yet, and closed where it will keep somebody
 * out: until now another path may have answered for it.
 */
export function interimHost(desired: HostDocument, running: HostDocument, isReady: IsReady): HostDocument {
  const before = routesByPath(running)
  let isElsewhere = false
  const route = (wanted: Route): Route | undefined => {
    if (isReadyFor(wanted, isReady)) return wanted
    const old = oldOf(wanted, before)
    if (old === undefined) return keepsSomebodyOut(wanted) ? closed(wanted) : undefined
    if (leadsAsBefore(wanted, old)) return guardedAs(wanted, old)
    isElsewhere = true
    return guardedTwice(wanted, old)
  }
  const interim = { paths: pathsOf(desired.paths, route), root: route(desired.root) ?? running.root }
  return { ...withChecksOf(desired, isElsewhere ? running : desired), ...interim }
}

function isReadyFor({ profile }: Route, isReady: IsReady): boolean {
  return profile === undefined || isReady(profile)
}

/** What a check or a limit needs is in the table, not in the profile; `inspected` is of the profile. */
export const GUARDS = ['limits', 'denied', 'allowed', 'basic', 'digest', 'externalAuth', 'satisfyAny'] as const

/** Of these two that differ are not to be had together; of two limits the one that runs holds. */
const CHECKS = GUARDS.filter((name) => name !== 'limits')

type Guards = Partial<Pick<RouteFeatures, (typeof GUARDS)[number]>>

function leadsAsBefore(wanted: Route, old: Route): boolean {
  return isSame([wanted.action, wanted.features?.release], [old.action, old.features?.release])
}

/** Both are what the table holds: plain data. */
function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

function guardedAs(wanted: Route, old: Route): Route {
  const { httpsRedirect: _status, httpsPort: _port, httpsKeepsSlash: _slash, ...rest } = old
  return withGuards({ ...rest, ...httpsOf(wanted) }, guardsOf(wanted))
}

function guardedTwice(wanted: Route, old: Route): Route {
  const [own, more] = [guardsOf(old), guardsOf(wanted)]
  const areTogether = CHECKS.every(
    (name) => own[name] === undefined || more[name] === undefined || isSame(own[name], more[name]),
  )
  // One check instead of all is another thing for the checks of the other.
  const isOneEnough = (own.satisfyAny ?? more.satisfyAny) !== undefined && !isSame(own, more)
  if (!areTogether || isOneEnough) return closed(old)
  const https = old.httpsRedirect === undefined ? httpsOf(wanted) : {}
  return withGuards({ ...old, ...https }, { ...more, ...own })
}

function withGuards({ features = {}, ...route }: Route, guards: Guards): Route {
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
  const all: RouteFeatures = { ...others, ...guards }
  return Object.keys(all).length === 0 ? route : { ...route, features: all }
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

/** Certificates of clients are asked for by the host; what runs of it may have been behind them. */
function withChecksOf(desired: HostDocument, running: HostDocument): HostDocument {
  const [wanted, before] = [hostChecksOf(desired), hostChecksOf(running)]
  if (before === undefined || isSame(wanted, before)) return desired
  const checks = wanted === undefined ? before : { forbidden: true as const }
  return { ...desired, features: { ...desired.features, ...checks } }
}

function hostChecksOf({ features }: HostDocument): Pick<HostFeatures, 'clients' | 'forbidden'> | undefined {
  const { clients, forbidden } = features ?? {}
  if (clients === undefined && forbidden === undefined) return undefined
  return { ...(clients === undefined ? {} : { clients }), ...(forbidden === undefined ? {} : { forbidden }) }
}

function keepsSomebodyOut(route: Route): boolean {
  const { limits: _, ...checks } = guardsOf(route)
  return Object.keys(checks).length > 0 || route.features?.inspected === true
}

function closed({ path, match, labels }: Route): Route {
  const action = { kind: 'answer', status: 503, label: '' } as const
  return { path, match, action, ...(labels === undefined ? {} : { labels }) }
}

/** A path may have become a pattern, with others of its host (RW-4), and one with a slash and one without (PATH-6). */
function oldOf({ match, path }: Route, before: ReadonlyMap<string, Route>): Route | undefined {
  if (match === 'exact') return before.get(exactly(path))
  const found = before.get(path) ?? (match === 'regex' ? before.get(exactly(path)) : undefined)
  return found ?? (match === 'regex' ? before.get(path.replace(/\/$/, '')) : undefined)
}

function exactly(path: string): string {
  return `= ${path}`
}

function placeOf({ match, path }: Route): string {
  return match === 'exact' ? exactly(path) : path
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
  // No redirect to a path that is not there.
  const exact = only(paths.exact, (route) =>
    route.match === 'slash' && !(route.path in prefix) ? undefined : of(route),
  )
  return { kind: 'literal', exact, prefix, lengths: lengthsOf(prefix) }
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
