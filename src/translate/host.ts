import type { Action, Builtin, HostDocument, LiteralPaths, Paths, Route } from '../model/documents.js'
import type { PathContext, ServicePair } from '../features/declare.js'
import type { HostFeatures, TlsSettings } from '../model/features.js'
import { DEFAULT_BACKEND, DEFAULT_HOST, hostKey, patternHostKey, wildcardKey } from '../model/keys.js'
import { PLAIN_POOL } from '../model/pool-key.js'
import type { Problem } from '../problems/problem.js'
import type { PatternVerdicts } from '../nginx/pattern.js'
import { changeInOrder } from './age.js'
import { type HttpsRedirects, httpsRedirectOf } from './https-redirect.js'
import type { DeclaredBackend, DeclaredIngress, DeclaredRule } from './ingress.js'
import { lengthsOf } from '../model/prefix-lengths.js'
import { addSlashRedirects, inOrder } from './literal-paths.js'
import { openOverHttp } from './open-over-http.js'
import type { Origin, Shadowed, Winner } from './path-origin.js'
import { refusedPattern, shadowedProblem, unjudgedPattern } from './path-problems.js'
import { labelsOf } from './route-labels.js'
import { bindVariables, type PathNames } from './path-variables.js'
import { patternsOf } from './regex-paths.js'
import { wantsRegex } from './wants-regex.js'

/** A rule of an Ingress for some host. */
export interface Contribution {
  readonly declared: DeclaredIngress
  readonly rule: DeclaredRule
}

/** Everything a host document is made from; equal inputs give the same document. */
export interface HostInput {
  /** `shop.example.com`, `*.example.com` or `_`; after `~`, for the names that match a pattern of it. */
  readonly name: string
  /** Oldest first. */
  readonly contributions: readonly Contribution[]
  /** DEF-2: the oldest Ingress that has a default backend and no rules; only for `_`. */
  readonly catchAll: DeclaredIngress | undefined
  readonly certificate: string | undefined
  readonly otherCertificates: readonly string[]
  /** An Ingress with TLS has a rule for the host (SSL-1). */
  readonly secure: boolean
  readonly httpsRedirects: HttpsRedirects
  /** What is known of patterns. */
  readonly verdicts: PatternVerdicts
  readonly builtins: readonly Builtin[] | undefined
  /** Names are tried against patterns before they have this host; only for `_`. */
  readonly asksPatterns: boolean
  /** Requests that its implicit `/` answers are logged (DEF-6); only for `_`. */
  readonly logsDefault: boolean
  /** Ingresses of this host (`namespace/name`) whose profile cannot be had: their paths answer 503. */
  readonly closed: ReadonlySet<string>
  /** Routes say whose they are, for metrics. */
  readonly labelled: boolean
  readonly annotationsPrefix: string
  /** What of it is open over plain HTTP is said of it, and not of another name. */
  readonly tellsOpen: boolean
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
  /** What of it is open over plain HTTP although it asks for certificates. */
  readonly open: readonly Problem[]
  /** Its patterns of which nothing is known yet. */
  readonly unjudged: readonly string[]
}

/**
 * Merges the rules of a host into its document (HOST-1, HOST-4, ORD-2, PATH-2). One path that is a regular expression makes
 * all of them such (RW-4). `previous` is kept if nothing changed.
 */
export function translateHost(input: HostInput, previous: HostCell | undefined): HostCell {
  if (previous !== undefined && isSameInput(previous, input)) return previous
  const origins = new Map<Route, Origin>()
  const { winners, shadowed } = choosePaths(input)
  const declaredRoot = winners.find(({ path, match }) => path === '/' && match !== 'exact')
  const root = declaredRoot === undefined ? translateImplicitRoot(input, origins) : createRoute(input, declaredRoot)
  if (declaredRoot !== undefined) origins.set(root, declaredRoot.origin)
  const others = winners.filter((one) => one !== declaredRoot)
  const isRegex =
    winners.some((one) => wantsRegex(one, one.declared.features)) || (declaredRoot === undefined && impliesRegex(input))
  const { paths, problems, unjudged } = isRegex
    ? translateRegexPaths(input, others, origins)
    : { paths: translateLiteralPaths(input, others, origins), problems: [], unjudged: [] }
  const document: HostDocument = {
    name: input.name,
    paths,
    root,
    ...certificatesOf(input),
    ...(input.builtins === undefined ? {} : { builtins: input.builtins }),
    ...(input.asksPatterns ? { asksPatterns: true } : {}),
    ...hostFeatures(input),
    ...tlsOf(input),
  }
  return {
    tableKey: tableKeyOf(input.name),
    input,
    document,
    origins,
    shadowed,
    problems: [...shadowed.map(shadowedProblem), ...problems],
    open: input.tellsOpen
      ? openOverHttp(document, origins.keys(), ingressesOf(input), {
          annotationsPrefix: input.annotationsPrefix,
          exempt: input.httpsRedirects.exempt,
        })
      : [],
    unjudged,
  }
}

/** Whose paths the host may have. */
export function ingressesOf({ contributions, catchAll }: HostInput): readonly DeclaredIngress[] {
  const declared = contributions.map((one) => one.declared)
  return catchAll === undefined ? declared : [...declared, catchAll]
}

/** ORD-2: of two paths of one kind, the older one. DEF-2: a catch-all beats a rule for `/` without host. */
function choosePaths({ name, catchAll, contributions }: HostInput): {
  readonly winners: readonly Winner[]
  readonly shadowed: readonly Shadowed[]
} {
  const taken = new Map<string, Winner>()
  const shadowed: Shadowed[] = []
  if (catchAll?.defaultBackend !== undefined) {
    taken.set('prefix /', defaultWinner(catchAll, catchAll.defaultBackend, 'catch-all'))
  }
  for (const { declared, rule } of contributions) {
    for (const { path, match, field, pathType, backend } of rule.paths) {
      const origin = { ingress: declared.ingress, field, pathType, backend }
      const key = `${match} ${path}`
      const older = taken.get(key)
      if (older === undefined) taken.set(key, { path, match, declared, backend, origin })
      else if (isPair(older, declared, backend))
        taken.set(key, { ...older, pair: pairOf(name, older.backend, backend) })
      else shadowed.push({ path, match, origin, winner: older.origin })
    }
  }
  return { winners: [...taken.values()], shadowed }
}

/** The first path of an Ingress with a second Service for it; further ones count no more than with others. */
function isPair(
  { declared: older, backend: first, pair }: Winner,
  declared: DeclaredIngress,
  backend: DeclaredBackend,
): boolean {
  return older === declared && declared.features.pairs && pair === undefined && first.key !== backend.key
}

function pairOf(host: string, main: DeclaredBackend, alternative: DeclaredBackend): ServicePair {
  return {
    host,
    main: { service: main.service, key: main.key },
    alternative: { service: alternative.service, key: alternative.key },
  }
}

function defaultWinner(declared: DeclaredIngress, backend: DeclaredBackend, match: 'catch-all' | 'implicit'): Winner {
  const origin = { ingress: declared.ingress, field: backend.field, pathType: undefined, backend }
  return { path: '/', match, declared, backend, origin }
}

function translateLiteralPaths(
  input: HostInput,
  winners: readonly Winner[],
  origins: Map<Route, Origin>,
): LiteralPaths {
  const exact: Record<string, Route> = {}
  const prefix: Record<string, Route> = {}
  for (const winner of winners) {
    const route = createRoute(input, winner)
    const of = winner.match === 'exact' ? exact : prefix
    of[winner.path] = route
    origins.set(route, winner.origin)
  }
  addSlashRedirects(exact, prefix)
  return { kind: 'literal', exact: inOrder(exact), prefix: inOrder(prefix), lengths: lengthsOf(prefix) }
}

/** For each family, the oldest Ingress that has something to say (ORD-3). */
function hostFeatures({ name, contributions, catchAll }: HostInput): Pick<HostDocument, 'features'> {
  const rules = contributions.map(({ declared }) => ({ declared, said: declared.features.host }))
  const caught = catchAll === undefined ? [] : [{ declared: catchAll, said: protectionOf(catchAll) }]
  const inAge = changeInOrder(rules, new Set(), caught)
  const { passthrough, ...others }: HostFeatures = Object.assign({}, ...inAge.map(({ said }) => said).toReversed())
  // The default server is everybody's.
  const features = passthrough === undefined || name === DEFAULT_HOST ? others : { ...others, passthrough }
  return Object.keys(features).length === 0 ? {} : { features }
}

/** ORD-3. */
function tlsOf({ contributions }: HostInput): Pick<HostDocument, 'tls'> {
  const tls: TlsSettings = Object.assign({}, ...contributions.map(({ declared }) => declared.features.tls).toReversed())
  return Object.keys(tls).length === 0 ? {} : { tls }
}

/** GEN-17: a catch-all leads nobody elsewhere, but what it asks of clients holds. */
function protectionOf({ features: { host } }: DeclaredIngress): HostFeatures {
  const { clients, forbidden } = host ?? {}
  return { ...(clients === undefined ? {} : { clients }), ...(forbidden === undefined ? {} : { forbidden }) }
}

/** What a host says of its certificates: nothing where it has none of its own. */
export function certificatesOf({
  certificate,
  otherCertificates,
}: HostInput): Pick<HostDocument, 'certificate' | 'otherCertificates'> {
  if (certificate === undefined) return {}
  return otherCertificates.length === 0 ? { certificate } : { certificate, otherCertificates }
}

function tableKeyOf(host: string): string {
  if (host.startsWith('~')) return patternHostKey(host.slice(1))
  return host.startsWith('*.') ? wildcardKey(host.slice(2)) : hostKey(host)
}

function isSameInput({ input: a, unjudged }: HostCell, b: HostInput): boolean {
  return (
    a.certificate === b.certificate &&
    a.otherCertificates.join(' ') === b.otherCertificates.join(' ') &&
    a.secure === b.secure &&
    a.httpsRedirects === b.httpsRedirects &&
    a.catchAll === b.catchAll &&
    a.builtins === b.builtins &&
    a.asksPatterns === b.asksPatterns &&
    a.logsDefault === b.logsDefault &&
    a.labelled === b.labelled &&
    a.tellsOpen === b.tellsOpen &&
    isSameSet(a.closed, b.closed) &&
    (a.verdicts === b.verdicts || unjudged.length === 0) &&
    a.contributions.length === b.contributions.length &&
    a.contributions.every((one, i) => one.rule === b.contributions[i]?.rule)
  )
}

function isSameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a === b || (a.size === b.size && [...a].every((one) => b.has(one)))
}

/** `text`: of the path as a pattern; absent: as it is written. */
function createRoute(input: HostInput, { path, match, declared, backend, pair }: Winner, text?: string): Route {
  const shown = text ?? path
  const kind = match === 'catch-all' ? 'prefix' : match
  return {
    path: shown,
    match: text === undefined ? kind : 'regex',
    action: isClosed(input, declared) ? CLOSED : proxyTo(backend.key),
    ...settingsOf(input, { path: shown, match, ...(pair === undefined ? {} : { pair }) }, declared, backend),
    // PATH-9: of the path as it is written.
    ...httpsOf(input, { path, match }, declared),
    ...(input.labelled ? labelsOf(declared.ingress, backend.service) : {}),
  }
}

/** What features say of a path; a closed one answers 503, which may be replaced like others (ERR-1), and nothing else. */
function settingsOf(
  input: HostInput,
  path: PathContext,
  declared: DeclaredIngress,
  backend: DeclaredBackend | undefined,
): Pick<Route, 'profile' | 'features' | 'unlogged'> {
  const features = declared.features.route(path)
  if (isClosed(input, declared)) {
    const errors = features?.errors
    return errors === undefined ? {} : { features: bindVariables({ errors }, namesOf(path, declared, backend)) }
  }
  return {
    ...(declared.profile === undefined ? {} : { profile: declared.profile.name }),
    ...(declared.features.paths?.unlogged === true ? { unlogged: true } : {}),
    ...(features === undefined ? {} : { features: bindVariables(features, namesOf(path, declared, backend)) }),
  }
}

function namesOf({ path }: PathContext, { ingress }: DeclaredIngress, backend: DeclaredBackend | undefined): PathNames {
  const { namespace, name } = ingress
  return { namespace, ingress: name, service: backend?.service ?? '', port: backend?.port ?? '', path }
}

/** GEN-17: a catch-all redirects nobody. */
function httpsOf(input: HostInput, { path, match }: PathContext, { features }: DeclaredIngress): Partial<Route> {
  if (match === 'catch-all') return {}
  const { https, httpsPort } = features.paths ?? {}
  const redirect = httpsRedirectOf(path, https, input.secure, input.httpsRedirects)
  return redirect.httpsRedirect === undefined || httpsPort === undefined ? redirect : { ...redirect, httpsPort }
}

function isClosed({ closed }: HostInput, { closed: itself, ingress }: DeclaredIngress): boolean {
  return itself || closed.has(`${ingress.namespace}/${ingress.name}`)
}

const CLOSED: Action = { kind: 'answer', status: 503, label: '' }

function proxyTo(upstream: string): Action {
  return { kind: 'proxy', upstream, pool: PLAIN_POOL }
}

/** HOST-4 and DEF-3: the default backend of the Ingress that declared the host first, else the global one (DEF-1). */
function translateImplicitRoot(input: HostInput, origins: Map<Route, Origin>): Route {
  const first = input.contributions[0]?.declared
  if (input.name !== DEFAULT_HOST && first?.defaultBackend !== undefined) {
    const winner = defaultWinner(first, first.defaultBackend, 'implicit')
    const route = createRoute(input, winner)
    origins.set(route, winner.origin)
    return route
  }
  const path = { path: '/', match: 'implicit' } as const
  return {
    ...path,
    action: proxyTo(DEFAULT_BACKEND),
    ...(first === undefined
      ? {}
      : { ...overHttp(settingsOf(input, path, first, undefined)), ...httpsOf(input, path, first) }),
    ...(input.name === DEFAULT_HOST && !input.logsDefault ? { unlogged: true } : {}),
    ...(input.labelled && first !== undefined && input.name !== DEFAULT_HOST ? labelsOf(first.ingress, '') : {}),
  }
}

/**
 * BP-5: the global default backend is always spoken to in plain HTTP: it is of no Ingress. The one that an Ingress names
 * (`spec.defaultBackend`) is a backend of it like those of its paths, and has its protocol, as in the reference.
 */
function overHttp<Settings extends Pick<Route, 'features' | 'profile'>>(
  settings: Settings,
): Settings | Omit<Settings, 'features' | 'profile'> {
  const { features, profile: _, ...rest } = settings
  if (features?.backend === undefined) return settings
  const { backend: __, ...others } = features
  return { ...rest, features: others }
}

/** RW-2, GEN-16: the implicit `/` has the annotations of the oldest Ingress. */
function impliesRegex({ contributions: [first] }: HostInput): boolean {
  return first !== undefined && wantsRegex({ path: '/', match: 'implicit' }, first.declared.features)
}

/** PATH-5, PATH-6. A pattern that PCRE2 refuses is left out, and hurts nobody else. */
function translateRegexPaths(
  input: HostInput,
  winners: readonly Winner[],
  origins: Map<Route, Origin>,
): { readonly paths: Paths; readonly problems: readonly Problem[]; readonly unjudged: readonly string[] } {
  const candidates = winners.map((from) => ({
    from,
    path: from.path,
    match: from.match === 'exact' ? ('exact' as const) : ('prefix' as const),
    asWritten: wantsRegex(from, from.declared.features),
  }))
  const { paths, refused, unjudged } = patternsOf(candidates, input.verdicts, ({ from }, text) => {
    const route = createRoute(input, from, text)
    origins.set(route, from.origin)
    return route
  })
  return {
    paths,
    problems: [
      ...oncePerPath(refused).map(({ from, verdict }) => refusedPattern(from.from, verdict)),
      ...oncePerPath(unjudged).map(({ from }) => unjudgedPattern(from.from)),
    ],
    unjudged: unjudged.map(({ pattern }) => pattern),
  }
}

/** A Prefix path counts twice (PATH-6), and one sentence about it is enough. */
function oncePerPath<T extends { readonly from: object }>(list: readonly T[]): readonly T[] {
  return list.filter(({ from }, at) => list.findIndex((one) => one.from === from) === at)
}
