import { byteAt, find, slice } from '#bytes'
import type { AddressRanges } from '../model/address-ranges.js'
import type { Action, HostDocument, Route, UpstreamDocument } from '../model/documents.js'
import type { HostFeatures } from '../model/features.js'
import { findHost } from '../model/host.js'
import { findRoute } from '../model/path.js'
import { PLAIN_POOL } from '../model/pool-key.js'
import { findRegexRoute } from '../model/regex-path.js'
import type { Table } from '../model/table.js'
import { isErrorRequest } from './error-answer.js'
import { firstOf } from './first-of.js'
import type { Asked, Passage, Scheme } from './passage.js'
import type { HostPort, RequestPort } from './port.js'
import { queryOf } from './query.js'
import { stepsOf, stepsOfUpstream } from './route-steps.js'
import type { EndpointStep, HostVerdict, Order, RouteStep, Verdict } from './step.js'

const SLASH = 47

/**
 * What becomes of a request. `host` and `route` say why; they are absent where nothing was looked up. `passage` is
 * there where features have a part in it, and `by` names the family that answered, or is `pattern` where a match
 * failed. A proxy decision also carries the upstream that was chosen: a request keeps it, whatever is pushed meanwhile,
 * until a try fails.
 */
export type Decision =
  | ProxyDecision
  | {
      readonly kind: 'redirect'
      readonly host: HostDocument
      readonly route?: Route
      readonly status: number
      readonly location: string
      readonly label: string
      readonly passage?: Passage | undefined
      readonly by?: string
    }
  | {
      readonly kind: 'answer'
      readonly host?: HostDocument
      readonly route?: Route
      readonly status: number
      readonly label: string
      readonly passage?: Passage | undefined
      readonly by?: string
      /** Plain text; absent: NGINX's own page. */
      readonly body?: string | undefined
      /** In place of a backend, as its answer would be: only for whom limits and access let in (`check`). */
      readonly checked?: true
    }
  | { readonly kind: 'status'; readonly host: HostDocument; readonly allow: AddressRanges }

export interface ProxyDecision {
  readonly kind: 'proxy'
  readonly host: HostDocument
  readonly route: Route
  readonly upstream: UpstreamDocument
  readonly pool: string
  readonly passage?: Passage | undefined
}

/** Whether every request to the route is decided like this, as long as host and upstream are these documents. */
export function isTheSameForAll(decision: Decision): decision is ProxyDecision {
  if (decision.kind !== 'proxy' || decision.passage !== undefined) return false
  const { host, route } = decision
  return host.features === undefined && host.builtins === undefined && route.httpsRedirect === undefined
}

/**
 * Decides where a request goes; the one function behind NGINX, `explain` and every test of routing.
 *
 * `name` is the host as NGINX understood it and `path` the normalised path (`normalise` gives both); `target` is the path
 * and query as the client sent them. A route without features is decided without a look at `order`.
 * Order: annotations.md section 0.4, steps 5 to 8.
 */
export function decide(
  table: Table,
  order: Order,
  request: HostPort,
  scheme: Scheme,
  name: string,
  path: string,
  target: string,
): Decision {
  return decideAsked(table, order, request, name, path, {
    scheme: () => scheme,
    target: () => target,
    host: (known) => known,
  })
}

/** What most requests are decided without; inside NGINX each costs a look-up. */
export interface RequestLine {
  readonly scheme: (this: void) => Scheme
  readonly target: (this: void) => string
  /** The name that a client knows the host `name` by (SSL-5). */
  readonly host: (this: void, name: string) => string
}

/**
 * Better than MTLS-7: where certificates are asked for, a header that says the client used TLS does not stand for the
 * TLS in which they are shown; whoever sends it would get around them.
 */
function lacksCertificate({ features }: HostDocument, name: string, request: HostPort): boolean {
  const clients = features?.clients
  return clients !== undefined && clients.verify === 'on' && request.presented(name, clients).kind === 'plain'
}

/** The same for NGINX. Arguments are positional because this runs for every request. */
export function decideAsked(
  table: Table,
  order: Order,
  request: HostPort,
  name: string,
  path: string,
  line: RequestLine,
): Decision {
  const host = findHost(table, name, request)
  if (host === undefined) return { kind: 'answer', status: 503, label: '' }
  if (host.builtins !== undefined) {
    const builtin = findBuiltin(host, path)
    if (builtin !== undefined) return fromBuiltin(host, builtin)
  }
  if (host.features !== undefined) {
    const answer = askHost(order, request, host, host.features, askedOf(name, path, line))
    if (answer !== undefined) {
      if (answer.kind !== 'page') return answer
      return decidePage(table, order, request, name, answer.target, line)
    }
  }
  const { paths } = host
  let route: Route
  let captures: readonly string[] | undefined
  if (paths.kind === 'literal') route = findRoute(host, paths, path)
  else {
    const found = findRegexRoute(host, paths, path, request.match)
    route = found.route
    if (found.kind === 'failed') return { kind: 'answer', host, route, status: 503, label: '', by: 'pattern' }
    captures = found.captures
  }
  const { action, features } = route
  let passage: Passage | undefined
  if (features !== undefined) {
    passage = newPassage(askedOf(name, path, line), host, route)
    if (captures !== undefined) passage.captures = captures
    const decision = firstOf(stepsOf(order, route).path, askPath, passage, request, table, undefined)
    if (decision !== undefined) return decision
  }
  if (action.kind === 'redirect') {
    const location = `${line.scheme()}://${line.host(name)}${action.path}${queryOf(line.target())}`
    return { kind: 'redirect', host, route, status: action.status, location, label: '' }
  }
  if (route.httpsRedirect !== undefined && (line.scheme() === 'http' || lacksCertificate(host, name, request))) {
    const target = line.target()
    const port = route.httpsPort === undefined ? '' : `:${route.httpsPort}`
    const location = `https://${line.host(name)}${port}${route.httpsKeepsSlash === true ? target : withoutFinalSlash(target)}`
    const label = labelOf(table, action)
    return { kind: 'redirect', host, route, status: route.httpsRedirect, location, label, passage }
  }
  if (action.kind === 'status') return { kind: 'status', host, allow: action.allow }
  if (action.kind === 'answer') {
    return { kind: 'answer', host, route, status: action.status, label: action.label, passage }
  }
  const upstream = table.upstream(action.upstream)
  if (upstream === undefined) return { kind: 'answer', host, route, status: 503, label: '', passage }
  // A release serves from its other Service where one has no endpoint.
  const isRelease = features !== undefined && features.release !== undefined
  if (upstream.addresses.length === 0 && !isRelease)
    return withoutEndpoint(table, request, host, route, upstream, passage)
  if (upstream.features === undefined && !isRelease)
    return { kind: 'proxy', host, route, upstream, pool: action.pool, passage }
  passage = passage ?? newPassage(askedOf(name, path, line), host, route)
  const chosen = chooseUpstream(table, order, request, passage, upstream)
  passage.upstream = chosen
  if (chosen.addresses.length === 0) return withoutEndpoint(table, request, host, route, upstream, passage)
  return { kind: 'proxy', host, route, upstream: chosen, pool: action.pool, passage }
}

/**
 * SVC-5, unless the Ingress has a default-backend with endpoints (ERR-5, ERR-6); not in place of the global one, and
 * not where requests are inspected: it is asked in another location (docs/design/waf.md).
 */
function withoutEndpoint(
  table: Table,
  request: RequestPort,
  host: HostDocument,
  route: Route,
  upstream: UpstreamDocument,
  passage: Passage | undefined,
): Decision {
  const { label, emptyStatus } = upstream
  // DEF-1: the built-in backend, whose `/` has the annotations of an Ingress like any other (GEN-16).
  if (emptyStatus !== undefined)
    return { kind: 'answer', host, route, status: emptyStatus, label, passage, checked: true }
  const { features } = route
  const key = features?.inspected === true ? undefined : features?.errors?.backend
  const standIn = key === undefined ? undefined : table.upstream(key)
  const isThere = standIn !== undefined && standIn.addresses.length > 0
  if (passage === undefined || !isThere || isErrorRequest(request)) {
    return { kind: 'answer', host, route, status: 503, label, passage }
  }
  passage.standIn = true
  return { kind: 'proxy', host, route, upstream: standIn, pool: PLAIN_POOL, passage }
}

/** What the features of the host say, whatever the path. */
function askHost(
  order: Order,
  request: HostPort,
  host: HostDocument,
  features: HostFeatures,
  asked: Asked,
): Decision | Extract<HostVerdict, { kind: 'page' }> | undefined {
  for (const { family: by, run } of order.host) {
    const verdict = features[by] === undefined ? undefined : run(features, asked, request)
    if (verdict === undefined) continue
    if (verdict.kind === 'page') return verdict
    if (verdict.kind === 'answer')
      return { kind: 'answer', host, status: verdict.status, label: '', by, body: verdict.body }
    return { kind: 'redirect', host, status: verdict.status, location: verdict.location, label: '', by }
  }
  return undefined
}

/** The host has been asked, and has another path and query in place of what was asked for. */
function decidePage(
  table: Table,
  order: Order,
  request: HostPort,
  name: string,
  target: string,
  { scheme, host: knownAs }: RequestLine,
): Decision {
  const { path: steps, endpoint, choice, entry, access, proxy, end, response } = order
  const rest: Order = { host: [], path: steps, endpoint, choice, entry, access, proxy, end, response }
  const question = find(target, '?', 0)
  const path = question < 0 ? target : slice(target, 0, question)
  const line: RequestLine = { scheme, host: knownAs, target: () => target }
  const decision = decideAsked(table, rest, request, name, path, line)
  if (decision.kind !== 'proxy') return decision
  const { host, route, upstream, pool } = decision
  const passage = decision.passage ?? newPassage(askedOf(name, path, line), host, route)
  passage.upstreamPath = passage.upstreamPath ?? path
  passage.page = { query: question < 0 ? '' : slice(target, question + 1, target.length) }
  return { kind: 'proxy', host, route, upstream, pool, passage }
}

function askPath(
  { family, run }: RouteStep<RequestPort, Verdict | undefined>,
  passage: Passage,
  request: RequestPort,
  table: Table,
): Decision | undefined {
  const verdict = run(passage, request)
  return verdict === undefined ? undefined : conclude(table, passage, verdict, family)
}

/** With members that most get sooner or later: a table that grows is made anew. */
function newPassage(asked: Asked, host: HostDocument, route: Route): Passage {
  return { asked, host, route, awaited: false, standIn: false }
}

function askedOf(name: string, path: string, line: RequestLine): Asked {
  return { scheme: line.scheme, name: line.host(name), routed: name, path, target: line.target }
}

/** A family answered. */
function conclude(table: Table, passage: Passage, verdict: Verdict, by: string): Decision {
  const { host, route } = passage
  const label = labelOf(table, route.action)
  if (verdict.kind === 'redirect') {
    return { kind: 'redirect', host, route, status: verdict.status, location: verdict.location, label, passage, by }
  }
  return { kind: 'answer', host, route, status: verdict.status, label, passage, by }
}

function chooseUpstream(
  table: Table,
  order: Order,
  request: RequestPort,
  passage: Passage,
  upstream: UpstreamDocument,
): UpstreamDocument {
  return (
    firstOf(stepsOf(order, passage.route).endpoint, askEndpoint, passage, upstream, request, table) ??
    firstOf(stepsOfUpstream(order, upstream).endpoint, askEndpoint, passage, upstream, request, table) ??
    upstream
  )
}

function askEndpoint(
  { run }: EndpointStep,
  passage: Passage,
  upstream: UpstreamDocument,
  request: RequestPort,
  table: Table,
): UpstreamDocument | undefined {
  return run(passage, upstream, request, table)
}

function fromBuiltin(host: HostDocument, action: Action): Decision {
  if (action.kind === 'status') return { kind: 'status', host, allow: action.allow }
  return { kind: 'answer', host, status: action.kind === 'answer' ? action.status : 503, label: '' }
}

function findBuiltin(host: HostDocument, path: string): Action | undefined {
  for (const builtin of host.builtins ?? []) {
    if (slice(path, 0, builtin.prefix.length) === builtin.prefix) return builtin.action
  }
  return undefined
}

function labelOf(table: Table, action: Action): string {
  if (action.kind === 'answer') return action.label
  return action.kind === 'proxy' ? (table.upstream(action.upstream)?.label ?? '') : ''
}

/** SSL-4: one final slash of the URI, query included, is not repeated. */
function withoutFinalSlash(target: string): string {
  const last = target.length - 1
  return last >= 0 && byteAt(target, last) === SLASH ? slice(target, 0, last) : target
}
