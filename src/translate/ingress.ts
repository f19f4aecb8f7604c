import type { SortedMap } from '../collections/sorted-map.js'
import type { Closing, Lookups, ReadFeatures } from '../features/read.js'
import { NO_WISHES } from '../features/upstream.js'
import type { SplitRules } from '../model/features.js'
import { DEFAULT_HOST, firstPortKey } from '../model/keys.js'
import { createProfile, type Profile } from '../nginx/profile.js'
import type { Problem } from '../problems/problem.js'
import type { Ingress, IngressBackend, IngressPath, PortReference } from '../snapshot/objects.js'
import { type Annotations, type Reading, readAnnotations } from './annotations.js'
import type { Snapshot } from '../snapshot/snapshot.js'
import { digestOf } from './digest.js'
import { parseHost, type ParsedHost } from './hostname.js'
import { findForbiddenText } from './inspect.js'
import type { TranslateOptions } from './options.js'
import { parsePath } from './pathname.js'
import { problemOf } from './reference.js'
import { wantsRegex } from './wants-regex.js'

/** An Ingress in the words of the translation; depends on nothing but the Ingress itself. */
export interface DeclaredIngress {
  readonly ingress: Ingress
  readonly rules: readonly DeclaredRule[]
  readonly defaultBackend: DeclaredBackend | undefined
  /** DEF-2: handles `/` of the default server. */
  readonly catchAll: boolean
  readonly hasTls: boolean
  /** All its paths answer 503. */
  readonly closed: boolean
  readonly features: ReadFeatures
  /** What its paths need of NGINX's file; undefined: nothing. */
  readonly profile: Profile | undefined
  /** Set where it has the TLS to backends that this host lends (PSSL-5). */
  readonly tlsOf?: string
  /** Set where it is a canary: then it has no rules and backends of its own (CAN-1). */
  readonly canary: DeclaredCanary | undefined
  /** What of other objects its annotations were read with, as `ConfigMap namespace/name`; a change of one is a reason to read anew. */
  readonly looked: readonly string[]
  /** The Ingress that this answers for: a later one than `ingress` where that was refused (GEN-3). */
  readonly judged: Ingress
  readonly problems: readonly Problem[]
  /** Set where it lacks what it may not have of the hosts of others. */
  readonly withheld?: Withheld
  /** Every Service port it names. */
  readonly backends: readonly DeclaredBackend[]
}

/** What of an Ingress is not served since the names belong to others. */
export interface Withheld {
  /** The Ingress as it would be if it were served. */
  readonly from: DeclaredIngress
  readonly names: readonly { readonly name: string; readonly field: string }[]
  /** What was said about it. */
  readonly said: string
}

/** What a canary Ingress stands beside, and the rules by which requests go to it. */
export interface DeclaredCanary {
  readonly split: SplitRules
  readonly places: readonly CanaryPlace[]
}

/** A path of a canary Ingress. */
export interface CanaryPlace {
  readonly host: string
  /** undefined: every path of the default server (CAN-3). */
  readonly path: DeclaredPath | undefined
  readonly backend: DeclaredBackend
}

export interface DeclaredRule {
  /** Table key of the host: `exact` name, `*.parent`, or `_`. */
  readonly host: string
  readonly field: string
  readonly paths: readonly DeclaredPath[]
}

export interface DeclaredPath {
  readonly path: string
  readonly match: 'exact' | 'prefix'
  /** As written, for explanations. */
  readonly pathType: IngressPath['pathType']
  readonly field: string
  readonly backend: DeclaredBackend
}

/** A Service port: `key` is the upstream's (ORD-5). */
export interface DeclaredBackend {
  readonly key: string
  /** `namespace/name` of the Service. */
  readonly serviceKey: string
  readonly namespace: string
  readonly service: string
  /** Empty where it is a default-backend, of which the first port is used (ERR-6). */
  readonly port: PortReference
  readonly field: string
  /** It is named by the annotation default-backend, and by no path. */
  readonly isDefault?: true
}

/** What an Ingress is read with besides itself. */
export interface DeclareContext extends Reading {
  readonly options: TranslateOptions
  readonly snapshot: Pick<Snapshot, 'configMaps' | 'secrets' | 'services' | 'resolved'>
}

/**
 * Reads one Ingress; what is wrong is left out and said, the rest goes on. One that must not be admitted stays as it was
 * when it last could be (`known`, GEN-3), or serves nothing if it never could (GEN-2, GEN-4).
 */
export function declareIngress(ingress: Ingress, context: DeclareContext, known?: DeclaredIngress): DeclaredIngress {
  const { options, snapshot, defaults, policy } = context
  const forbidden = options.deepInspect ? findForbiddenText(ingress) : undefined
  if (forbidden !== undefined) {
    const message =
      'This field holds text that is never allowed in an Ingress (directives, system paths or Lua). The whole Ingress is left out.'
    return refuse(ingress, [problemOf('ingress/refused', ingress, forbidden, message)], [], known, context)
  }
  const { lookups, looked } = createLookups(snapshot, policy, options)
  const annotations = readAnnotations(ingress, { prefix: options.annotationsPrefix, defaults, policy, lookups })
  if (annotations.standing === 'refused') {
    const kept = refuse(ingress, annotations.problems, looked, known, context)
    return hasContent(kept) || annotations.closing === undefined
      ? kept
      : shut(kept, annotations.closing, annotations.features)
  }
  const problems: Problem[] = [...annotations.problems]
  const rules = ingress.rules.flatMap((_, index) => declareRule(ingress, index, annotations.features, problems))
  const defaultBackend = declareDefaultBackend(ingress, problems)
  const { canary: split } = annotations.features
  if (ingress.rules.length === 0 && ingress.defaultBackend === undefined) {
    const message =
      'This Ingress has neither spec.rules nor spec.defaultBackend, so there is nothing to serve. Add one of them.'
    problems.push(problemOf('ingress/nothing-to-serve', ingress, 'spec', message))
  }
  if (split !== undefined) {
    const canary = { split, places: placesOf(ingress, rules, defaultBackend, problems) }
    return { ...nothing(ingress, problems, looked), features: annotations.features, canary }
  }
  const backends = rules.flatMap((rule) => rule.paths.map(({ backend }) => backend))
  if (defaultBackend !== undefined) backends.push(defaultBackend)
  backends.push(...annotatedBackend(ingress, annotations.features, options))
  return {
    ingress,
    rules,
    defaultBackend,
    catchAll: defaultBackend !== undefined && ingress.rules.length === 0,
    hasTls: ingress.tls.length > 0,
    closed: annotations.standing === 'closed',
    features: annotations.features,
    profile: profileOf(annotations),
    canary: undefined,
    looked,
    judged: ingress,
    problems,
    backends,
  }
}

/** ERR-5, ERR-6. */
function annotatedBackend(
  { namespace }: Ingress,
  { defaultBackend: service }: ReadFeatures,
  { annotationsPrefix }: TranslateOptions,
): readonly DeclaredBackend[] {
  if (service === undefined) return []
  const serviceKey = `${namespace}/${service}`
  const field = `metadata.annotations["${annotationsPrefix}/default-backend"]`
  return [{ key: firstPortKey(serviceKey), serviceKey, namespace, service, port: '', field, isDefault: true }]
}

function profileOf({ standing, features }: Annotations): Profile | undefined {
  return standing !== 'served' || features.profile.length === 0 ? undefined : createProfile(features.profile, digestOf)
}

function refuse(
  ingress: Ingress,
  problems: readonly Problem[],
  looked: readonly string[],
  known: DeclaredIngress | undefined,
  context: DeclareContext,
): DeclaredIngress {
  if (known === undefined || !hasContent(known)) return nothing(ingress, problems, looked)
  const { kept, closings } = readAgain(known, context)
  const all = [...problems, ...closings.map((one) => ({ ...one, message: `${OF_KEPT} ${one.message}` }))]
  return { ...kept, judged: ingress, problems: all, looked: [...new Set([...kept.looked, ...looked])] }
}

const OF_KEPT = 'In the version of the Ingress that is served, since it was the last good one:'

function hasContent({ backends, canary }: DeclaredIngress): boolean {
  return backends.length > 0 || canary !== undefined
}

/** The paths and hosts of one that was never good, closed: others may have wider ones, which would serve what it keeps somebody out of. */
function shut(refused: DeclaredIngress, closing: Closing, { paths, patterns }: ReadFeatures): DeclaredIngress {
  const { ingress } = refused
  const unsaid: Problem[] = []
  const features = {
    ...NO_FEATURES,
    paths,
    patterns,
    ...(closing === 'hosts' ? { host: { forbidden: true } as const } : {}),
  }
  const rules = ingress.rules.flatMap((_, index) => declareRule(ingress, index, features, unsaid))
  return {
    ...refused,
    rules,
    hasTls: ingress.tls.length > 0,
    closed: true,
    features,
    backends: [],
  }
}

/** The last good version, by what the objects that it names say now: a Secret that is gone or new counts there too (GEN-19). */
function readAgain(
  known: DeclaredIngress,
  { options, snapshot, defaults, policy }: DeclareContext,
): { readonly kept: DeclaredIngress; readonly closings: readonly Problem[] } {
  if (known.looked.length === 0) return { kept: known, closings: [] }
  const { lookups, looked } = createLookups(snapshot, policy, options)
  const annotations = readAnnotations(known.ingress, { prefix: options.annotationsPrefix, defaults, policy, lookups })
  const { features } = annotations
  const closed = features.bad.some(({ instead }) => instead === 'close')
  const kept: DeclaredIngress = {
    ...known,
    // Hosts notice a change by these objects.
    rules: known.rules.map((rule) => ({ ...rule })),
    closed,
    features,
    profile: profileOf({ ...annotations, standing: closed ? 'closed' : 'served' }),
    looked,
  }
  return { kept, closings: annotations.problems.filter(({ code }) => code === 'annotation/closed') }
}

function nothing(ingress: Ingress, problems: readonly Problem[], looked: readonly string[]): DeclaredIngress {
  const none = { rules: [], defaultBackend: undefined, catchAll: false, hasTls: false, closed: false, backends: [] }
  return {
    ingress,
    ...none,
    features: NO_FEATURES,
    profile: undefined,
    canary: undefined,
    looked,
    judged: ingress,
    problems,
  }
}

const NO_FEATURES: ReadFeatures = {
  route: () => undefined,
  host: undefined,
  tls: undefined,
  upstream: NO_WISHES,
  paths: undefined,
  names: undefined,
  attachments: [],
  hostTls: undefined,
  lacksTls: false,
  patterns: [],
  profile: [],
  pairs: false,
  defaultBackend: undefined,
  canary: undefined,
  bad: [],
}

function placesOf(
  ingress: Ingress,
  rules: readonly DeclaredRule[],
  defaultBackend: DeclaredBackend | undefined,
  problems: Problem[],
): readonly CanaryPlace[] {
  const places = rules.flatMap(({ host, paths }) => paths.map((path) => ({ host, path, backend: path.backend })))
  if (defaultBackend === undefined) return places
  if (ingress.rules.length === 0) return [{ host: DEFAULT_HOST, path: undefined, backend: defaultBackend }]
  const message = 'The default backend of a canary counts only where the Ingress has no rules; here it has no part.'
  problems.push(problemOf('canary/no-main', ingress, defaultBackend.field, message))
  return places
}

/** Looks at other objects, and remembers at which. */
function createLookups(
  snapshot: DeclareContext['snapshot'],
  policy: DeclareContext['policy'],
  { httpsPort, engine, allowMissingWaf, sslPassthrough }: TranslateOptions,
): { readonly lookups: Lookups; readonly looked: string[] } {
  const looked: string[] = []
  const look = <T>(kind: string, objects: SortedMap<T>, namespace: string, name: string): T | undefined => {
    looked.push(`${kind} ${namespace}/${name}`)
    return objects.get(`${namespace}/${name}`)
  }
  const lookups: Lookups = {
    digest: digestOf,
    httpsPort,
    allowMissingWaf,
    passesTls: sslPassthrough,
    configMap: (namespace, name) => look('ConfigMap', snapshot.configMaps, namespace, name),
    secret: (namespace, name) => look('Secret', snapshot.secrets, namespace, name),
    service: (namespace, name) => look('Service', snapshot.services, namespace, name),
    addresses: (host) => {
      looked.push(`addresses ${host}`)
      return snapshot.resolved.get(host)
    },
    allowedResponseHeaders: policy.responseHeaders,
    allowsSnippets: policy.allowSnippets,
    engine,
  }
  return { lookups, looked }
}

function declareRule(ingress: Ingress, index: number, features: ReadFeatures, problems: Problem[]): DeclaredRule[] {
  const rule = ingress.rules[index]
  if (rule === undefined) return []
  const field = `spec.rules[${index}]`
  const host = parseHost(rule.host)
  if (host.kind === 'invalid') {
    const message = `The host ${JSON.stringify(rule.host)} cannot be served: ${host.reason}. This rule is left out.`
    problems.push(problemOf('host/invalid', ingress, `${field}.host`, message))
    return []
  }
  const paths = (rule.paths ?? []).flatMap((path, p) =>
    declarePath(ingress, path, `${field}.http.paths[${p}]`, features, problems),
  )
  return [{ host: hostKey(host), field, paths }]
}

function hostKey(host: Exclude<ParsedHost, { kind: 'invalid' }>): string {
  return host.kind === 'default' ? DEFAULT_HOST : host.name
}

function declarePath(
  ingress: Ingress,
  written: IngressPath,
  field: string,
  features: ReadFeatures,
  problems: Problem[],
): DeclaredPath[] {
  const parsed = parsePath(written.path)
  if (!parsed.ok) {
    const message = `The path ${JSON.stringify(written.path)} cannot be served: ${parsed.reason}. It is left out.`
    problems.push(problemOf('path/invalid', ingress, `${field}.path`, message))
    return []
  }
  const match = written.pathType === 'Exact' ? 'exact' : 'prefix'
  // Dots and slashes of a regular expression mean something else.
  if (parsed.warning !== undefined && !wantsRegex({ path: parsed.path, match }, features)) {
    const message = `No request will match ${JSON.stringify(written.path)}: ${parsed.warning}. Write the path as it looks after that.`
    problems.push(problemOf('path/never-matches', ingress, `${field}.path`, message))
  }
  const backend = declareBackend(ingress, written.backend, `${field}.backend`, problems)
  if (backend === undefined) return []
  return [{ path: parsed.path, match, pathType: written.pathType, field, backend }]
}

function declareDefaultBackend(ingress: Ingress, problems: Problem[]): DeclaredBackend | undefined {
  if (ingress.defaultBackend === undefined) return undefined
  return declareBackend(ingress, ingress.defaultBackend, 'spec.defaultBackend', problems)
}

function declareBackend(
  ingress: Ingress,
  backend: IngressBackend,
  field: string,
  problems: Problem[],
): DeclaredBackend | undefined {
  switch (backend.kind) {
    case 'service': {
      const { namespace } = ingress
      const { name, port } = backend
      return {
        key: `${namespace}/${name}/${port}`,
        serviceKey: `${namespace}/${name}`,
        namespace,
        service: name,
        port,
        field,
      }
    }
    case 'resource': {
      const message = `The backend ${backend.name} is a resource, and only Services are served. The path behaves as absent.`
      problems.push(problemOf('backend/resource-unsupported', ingress, `${field}.resource`, message))
      return undefined
    }
    case 'none': {
      const message =
        'This backend names no Service with a port. The path behaves as absent; add service.name and service.port.'
      problems.push(problemOf('backend/missing', ingress, field, message))
      return undefined
    }
  }
}
