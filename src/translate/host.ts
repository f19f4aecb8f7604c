import type { Action, Builtin, HostDocument, Route } from '../model/documents.js'
import type { PathContext } from '../features/declare.js'
import type { HostFeatures } from '../model/features.js'
import { DEFAULT_HOST, hostKey, wildcardKey } from '../model/keys.js'
import { poolKey } from '../model/pool-key.js'
import type { Problem } from '../problems/problem.js'
import type { Ingress } from '../snapshot/objects.js'
import { escapePath } from '../request/escape.js'
import { digestOf } from './digest.js'
import type { DeclaredBackend, DeclaredIngress, DeclaredPath, DeclaredRule } from './ingress.js'
import { problemOf, referenceOf } from './reference.js'
import { describeObject } from '../problems/problem.js'
import { DEFAULT_BACKEND } from './upstream.js'

/** A rule of an Ingress for some host. */
export interface Contribution {
  readonly declared: DeclaredIngress
  readonly rule: DeclaredRule
}

/** Everything a host document is made from; equal inputs give the same document. */
export interface HostInput {
  /** `shop.example.com`, `*.example.com` or `_`. */
  readonly name: string
  /** Oldest first. */
  readonly contributions: readonly Contribution[]
  /** DEF-2: the oldest Ingress that has a default backend and no rules; only for `_`. */
  readonly catchAll: DeclaredIngress | undefined
  readonly certificate: string | undefined
  readonly httpsRedirect: number | undefined
  readonly builtins: readonly Builtin[] | undefined
  /** Ingresses of this host (`namespace/name`) whose profile cannot be had: their paths answer 503. */
  readonly closed: ReadonlySet<string>
}

/** Where a route comes from. */
export interface Origin {
  readonly ingress: Ingress
  readonly field: string
  /** As written; undefined for a default backend. */
  readonly pathType: DeclaredPath['pathType'] | undefined
  readonly backend: DeclaredBackend
}

/** A path that lost to an older one (ORD-2). */
export interface Shadowed {
  readonly path: string
  readonly match: 'exact' | 'prefix'
  readonly origin: Origin
  readonly winner: Origin
}

/** A host as translated, with what `explain` needs to say why. */
export interface HostCell {
  /** Name of the document in the table. */
  readonly tableKey: string
  readonly input: HostInput
  readonly document: HostDocument
  /** Where each route comes from; the built-in default backend is in no Ingress and so not in here. */
  readonly origins: ReadonlyMap<Route, Origin>
  readonly shadowed: readonly Shadowed[]
  readonly problems: readonly Problem[]
}

const PLAIN_HTTP = poolKey({ protocol: 'http/1', tls: undefined }, digestOf)

/** Merges the rules of a host into its document (HOST-1, HOST-4, ORD-2, PATH-2). `previous` is kept if nothing changed. */
export function translateHost(input: HostInput, previous: HostCell | undefined): HostCell {
  if (previous !== undefined && isSameInput(previous.input, input)) return previous
  const origins = new Map<Route, Origin>()
  const shadowed: Shadowed[] = []
  const exact: Record<string, Route> = {}
  const prefix: Record<string, Route> = {}
  const catchAllRoute = translateCatchAll(input, origins)
  if (catchAllRoute !== undefined) prefix['/'] = catchAllRoute
  for (const { declared, rule } of input.contributions) {
    for (const path of rule.paths) {
      const origin = { ingress: declared.ingress, field: path.field, pathType: path.pathType, backend: path.backend }
      const taken = path.match === 'exact' ? exact : prefix
      const older = taken[path.path]
      const winner = older === undefined ? undefined : origins.get(older)
      if (winner !== undefined) {
        shadowed.push({ path: path.path, match: path.match, origin, winner })
        continue
      }
      const route = createRoute(input, path.path, path.match, proxyTo(input, path.backend, declared), declared)
      taken[path.path] = route
      origins.set(route, origin)
    }
  }
  const root = prefix['/'] ?? translateImplicitRoot(input, origins)
  delete prefix['/']
  addSlashRedirects(exact, prefix)
  const document: HostDocument = {
    name: input.name,
    paths: { kind: 'literal', exact: inOrder(exact), prefix: inOrder(prefix), longest: longestKey(prefix) },
    root,
    ...(input.certificate === undefined ? {} : { certificate: input.certificate }),
    ...(input.builtins === undefined ? {} : { builtins: input.builtins }),
    ...hostFeatures(input),
  }
  return {
    tableKey: tableKeyOf(input.name),
    input,
    document,
    origins,
    shadowed,
    problems: shadowed.map(shadowedProblem),
  }
}

/** For each family, the oldest Ingress that has something to say (ORD-3). */
function hostFeatures({ contributions }: HostInput): Pick<HostDocument, 'features'> {
  const features: HostFeatures = Object.assign(
    {},
    ...contributions.map(({ declared }) => declared.features.host).toReversed(),
  )
  return Object.keys(features).length === 0 ? {} : { features }
}

function tableKeyOf(host: string): string {
  return host.startsWith('*.') ? wildcardKey(host.slice(2)) : hostKey(host)
}

function isSameInput(a: HostInput, b: HostInput): boolean {
  return (
    a.certificate === b.certificate &&
    a.httpsRedirect === b.httpsRedirect &&
    a.catchAll === b.catchAll &&
    a.builtins === b.builtins &&
    isSameSet(a.closed, b.closed) &&
    a.contributions.length === b.contributions.length &&
    a.contributions.every((one, i) => one.rule === b.contributions[i]?.rule)
  )
}

function isSameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a === b || (a.size === b.size && [...a].every((one) => b.has(one)))
}

function createRoute(
  input: HostInput,
  path: string,
  match: PathContext['match'],
  action: Action,
  declared: DeclaredIngress | undefined,
): Route {
  // A closed path answers 503 and nothing else.
  const open = declared === undefined || isClosed(input, declared) ? undefined : declared
  const features = open?.features.route({ path, match })
  return {
    path,
    match: match === 'catch-all' ? 'prefix' : match,
    action,
    ...(input.httpsRedirect === undefined ? {} : { httpsRedirect: input.httpsRedirect }),
    ...(open?.profile === undefined ? {} : { profile: open.profile.name }),
    ...(features === undefined ? {} : { features }),
  }
}

function isClosed({ closed }: HostInput, { closed: itself, ingress }: DeclaredIngress): boolean {
  return itself || closed.has(`${ingress.namespace}/${ingress.name}`)
}

function proxyTo(input: HostInput, backend: DeclaredBackend, declared: DeclaredIngress): Action {
  if (isClosed(input, declared)) return { kind: 'answer', status: 503, label: '' }
  return { kind: 'proxy', upstream: backend.key, pool: PLAIN_HTTP }
}

/** DEF-2: it beats a rule for `/` without host. */
function translateCatchAll(input: HostInput, origins: Map<Route, Origin>): Route | undefined {
  const { catchAll } = input
  if (catchAll?.defaultBackend === undefined) return undefined
  return defaultRoute(input, catchAll, catchAll.defaultBackend, 'catch-all', origins)
}

/** HOST-4 and DEF-3: the default backend of the Ingress that declared the host first, else the global one (DEF-1). */
function translateImplicitRoot(input: HostInput, origins: Map<Route, Origin>): Route {
  const first = input.contributions[0]?.declared
  if (input.name !== DEFAULT_HOST && first?.defaultBackend !== undefined) {
    return defaultRoute(input, first, first.defaultBackend, 'implicit', origins)
  }
  const action: Action = { kind: 'proxy', upstream: DEFAULT_BACKEND, pool: PLAIN_HTTP }
  const route = createRoute(input, '/', 'implicit', action, first)
  return input.name === DEFAULT_HOST ? { ...route, unlogged: true } : route
}

function defaultRoute(
  input: HostInput,
  declared: DeclaredIngress,
  backend: DeclaredBackend,
  match: 'catch-all' | 'implicit',
  origins: Map<Route, Origin>,
): Route {
  const route = createRoute(input, '/', match, proxyTo(input, backend, declared), declared)
  origins.set(route, { ingress: declared.ingress, field: backend.field, pathType: undefined, backend })
  return route
}

/** PATH-2: a Prefix written as `/aaa/` answers `/aaa` with a redirect, unless somebody declared that path. */
function addSlashRedirects(exact: Record<string, Route>, prefix: Readonly<Record<string, Route>>): void {
  for (const path of Object.keys(prefix)) {
    if (!path.endsWith('/')) continue
    const bare = path.slice(0, -1)
    if (exact[bare] !== undefined || prefix[bare] !== undefined) continue
    exact[bare] = { path, match: 'slash', action: { kind: 'redirect', status: 301, path: escapePath(path) } }
  }
}

function longestKey(paths: Readonly<Record<string, Route>>): number {
  return Object.keys(paths).reduce((longest, path) => Math.max(longest, path.length), 0)
}

/** Same keys in byte order, so that the order of the input leaves no trace in the bytes. */
function inOrder(paths: Readonly<Record<string, Route>>): Record<string, Route> {
  const keys = Object.keys(paths)
  if (keys.length < 2) return paths
  return Object.fromEntries(keys.sort().flatMap((key) => (paths[key] === undefined ? [] : [[key, paths[key]]])))
}

function shadowedProblem({ path, match, origin, winner }: Shadowed): Problem {
  const kind = match === 'exact' ? 'Exact' : 'Prefix'
  const message = `${describeObject(referenceOf(winner.ingress))} (${winner.field}) declares the ${kind} path ${JSON.stringify(path)} of this host and is processed first, so this one is not used.`
  return problemOf('path/shadowed', origin.ingress, origin.field, message)
}
