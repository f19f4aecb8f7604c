import { order } from '../edge/order.js'
import type { HostDocument, Route } from '../model/documents.js'
import type { MatchPattern } from '../model/match.js'
import { findNamePattern, UNDECIDED_HOST } from '../model/host.js'
import { createMemoryTable } from '../model/memory-table.js'
import { findRegexRoute } from '../model/regex-path.js'
import { passedKey, type StreamService } from '../model/streams.js'
import type { Table } from '../model/table.js'
import { endpointName } from '../model/worked-upstream.js'
import { decide, type Decision } from '../request/decide.js'
import { escapePath } from '../request/escape.js'
import { normalise } from '../request/normalise.js'
import { errorBackend, replacing } from '../request/error-answer.js'
import { createRequest } from '../request/offline-request.js'
import type { Scheme } from '../request/passage.js'
import type { RequestPort } from '../request/port.js'
import { queryOf } from '../request/query.js'
import { argumentVariables } from './argument-variables.js'
import { md5Of } from './digest.js'
import { type AccessExplanation, describeAccess } from './describe-access.js'
import { type Competitor, competitorsOf } from './competitors.js'
import { describeChoice } from './describe-choice.js'
import { explainEndpoint } from './explain-endpoint.js'
import { explainHeaders, type HeaderChange } from './explain-headers.js'
import { type HeaderExplanation, shownHeader } from './header-fate.js'
import {
  type AnnotationsExplanation,
  type CertificateExplanation,
  describeLimits,
  explainAnnotations,
  explainCertificate,
} from './explain-more.js'
import type { Ingress } from '../snapshot/objects.js'
import type { HostCell } from './host.js'
import { explainOwner, type OwnerExplanation } from './explain-owner.js'
import { explainUnserved, type Unserved } from './explain-unserved.js'
import { explainSplit, type SplitExplanation } from './explain-split.js'
import { untriedPatterns } from './name-patterns.js'
import { whyNobodyStandsIn } from './not-inspected.js'
import { toBytes } from './pathname.js'
import { shownBytes } from './shown-bytes.js'
import { type Declared, declaredAt } from './reference.js'
import type { Translation } from './translate.js'
import { whyHostClosed, whyPathClosed } from './why-closed.js'

/** A URL as a client would ask for it. */
export interface Question {
  readonly scheme: Scheme
  /** With the port, as in a Host header. */
  readonly host: string
  /** Path and query as sent. */
  readonly target: string
  /** By name in lower case; lines of one name are joined by `, `, cookies by `; `. */
  readonly headers?: Readonly<Record<string, string>>
}

/** The documents of a table, by name. */
export type Documents = Parameters<typeof createMemoryTable>[0]

type HostMatch = 'exact' | 'wildcard' | 'pattern' | 'default'

/** Why a request goes where it goes. */
export interface Explanation {
  readonly outcome:
    | { readonly kind: 'refused'; readonly status: number; readonly reason: string }
    | {
        readonly kind: 'proxy'
        readonly backend: string
        readonly endpoints: readonly string[]
        /** Path and query that the backend gets, where they are rewritten. */
        readonly target?: string
        /** How one of them is chosen, in words. */
        readonly choice: string
        /** The one that is chosen, where the request itself says it. */
        readonly endpoint?: string
        /** The backend of the path, which has no endpoint, so that the default-backend stands in (ERR-5). */
        readonly insteadOf?: string
      }
    | { readonly kind: 'redirect'; readonly status: number; readonly location: string }
    | {
        readonly kind: 'answer'
        readonly status: number
        readonly reason: string
        /** Who answers instead (ERR-1); `nobody`: 404. */
        readonly page?: string
      }
  /** Over TLS: what the client is shown if it asks for the name of its Host header. */
  readonly certificate?: CertificateExplanation
  /** What NGINX makes of the request; absent when it refuses it. */
  readonly request?: { readonly host: string; readonly path: string }
  /** `pattern`: the regular expression that matched the name, where one did. */
  readonly host?: { readonly name: string; readonly how: HostMatch; readonly pattern?: string }
  /** Whom the host belongs to, and which Ingresses have something for it that is therefore not served. */
  readonly owner?: OwnerExplanation
  /** Ingresses that declare the name and are not served, where the default server has the request; absent: none. */
  readonly unserved?: readonly Unserved[]
  readonly route?: {
    readonly path: string
    readonly how: Route['match']
    readonly from?: Declared
    /** The regular expression that decided, with what it found: the whole match, then its groups. */
    readonly pattern?: string
    readonly groups?: readonly string[]
  }
  /** Who may come in; absent: everybody, or the request goes nowhere. */
  readonly access?: AccessExplanation
  /** How many requests a client may make; absent: as many as it likes. */
  readonly limits?: readonly string[]
  /**
   * Of a request that is proxied over HTTP: what Fairlead sets, changes or removes for the backend. Other headers are
   * as the client sends them.
   */
  readonly headers?: readonly HeaderExplanation[]
  /** Annotations of the Ingress of the path; absent: it has none. */
  readonly annotations?: AnnotationsExplanation
  /** Which of a main Service and its canary has the request; both where the weight draws. */
  readonly split?: SplitExplanation
  /** Other routes that could have had the request, and why they did not get it. */
  readonly competitors: readonly Competitor[]
}

/**
 * Answers with the data plane's own functions, over the same documents, without NGINX. `strictHosts`: as the engine does.
 * `match`: PCRE2's answers (`runWithMatches` gets them); without them all matches fail, as they are asked for on hosts of
 * regular expressions only. `documents`: the table that decides; those of the translation, or what NGINX has of them.
 */
export function explain(
  translation: Translation,
  question: Question,
  strictHosts: boolean,
  match: MatchPattern = () => ({ kind: 'failed' }),
  documents: Documents = translation.documents,
): Explanation {
  const request = normalise(toBytes(question.target), toBytes(question.host), '1.1', strictHosts)
  if (request.kind === 'refused') {
    return { outcome: { kind: 'refused', status: request.status, reason: request.reason }, competitors: [] }
  }
  const { host: name, path, target } = request
  const table = createMemoryTable(documents)
  const variables = {
    scheme: question.scheme,
    host: name,
    http_host: question.host,
    uri: path,
    request_uri: target,
    ...portVariables(question.scheme, translation),
    ...argumentVariables(target),
  }
  const headers = { host: toBytes(question.host), ...question.headers }
  const passed = question.scheme === 'https' ? translation.passthrough.passed.get(passedKey(name)) : undefined
  if (passed !== undefined) return passedOn(translation, name, path, passed)
  // Where a weight draws, the outcome is the main Service, and `split` has both.
  const introduced: HeaderChange[] = []
  const port = createRequest({
    headers,
    variables,
    match,
    md5: md5Of,
    share: () => false,
    setHeader: (header, value) => void introduced.push([header, value]),
  })
  const decision = decide(table, order, port, question.scheme, name, path, target)
  const cell = 'host' in decision && decision.host !== undefined ? translation.hosts.get(decision.host.name) : undefined
  const route = 'route' in decision ? decision.route : undefined
  const split = decision.kind === 'proxy' ? decision.passage?.split : undefined
  return {
    outcome: outcomeOf(decision, translation, table, port, cell),
    ...(question.scheme === 'https' ? { certificate: explainCertificate(translation, table, name) } : {}),
    request: { host: shownBytes(name), path: shownBytes(path) },
    ...(cell === undefined ? {} : { host: hostOf(translation, table, cell, name, match) }),
    ...ownerOf(translation, name),
    ...(cell === undefined || howOf(cell.document.name) === 'default' ? unservedOf(translation, name) : {}),
    ...(route === undefined
      ? {}
      : {
          route: {
            path: shownBytes(route.path),
            how: route.match,
            ...fromOf(cell, route),
            ...patternOf(cell, path, match),
          },
        }),
    ...accessOf(decision, table),
    ...(isChecked(decision) && route?.features?.limits !== undefined
      ? { limits: describeLimits(route.features.limits) }
      : {}),
    ...(decision.kind === 'proxy'
      ? { headers: explainHeaders(decision, translation, table, port, introduced).map(shownHeader) }
      : {}),
    ...annotationsOf(translation, cell, route),
    ...(split === undefined ? {} : { split: explainSplit(split, translation) }),
    competitors: cell === undefined ? [] : competitorsOf(cell, route, path, match, decision),
  }
}

function ownerOf(translation: Translation, name: string): { readonly owner: OwnerExplanation } | object {
  const owner = explainOwner(translation, name)
  return owner === undefined ? {} : { owner }
}

function unservedOf(translation: Translation, name: string): { readonly unserved: readonly Unserved[] } | object {
  const unserved = explainUnserved(translation, name)
  return unserved.length === 0 ? {} : { unserved }
}

/** As NGINX has them for a client that came in without a proxy in front. */
function portVariables(scheme: Scheme, { options: { httpsPort, reservedPorts } }: Translation): Record<string, string> {
  const http = String(reservedPorts.find(({ flag }) => flag === '--http-port')?.port ?? 80)
  return scheme === 'https'
    ? { server_port: String(httpsPort), pass_port: '443' }
    : { server_port: http, pass_port: http }
}

function annotationsOf(
  translation: Translation,
  cell: HostCell | undefined,
  route: Route | undefined,
): { readonly annotations: AnnotationsExplanation } | object {
  const ingress = ingressOf(cell, route)
  const annotations = ingress === undefined ? undefined : explainAnnotations(translation, ingress)
  return annotations === undefined ? {} : { annotations }
}

function ingressOf(cell: HostCell | undefined, route: Route | undefined): Ingress | undefined {
  return route === undefined ? undefined : cell?.origins.get(route)?.ingress
}

/** PT-2: the path is for the backend alone to see. */
function passedOn(
  translation: Translation,
  name: string,
  path: string,
  { label, endpoints }: StreamService,
): Explanation {
  const cell = translation.hosts.get(name)
  const backend = `${label}, with its TLS as it is (ssl-passthrough)`
  return {
    outcome: {
      kind: 'proxy',
      backend,
      endpoints: endpoints.map(({ address, port }) => `${address}:${port}`),
      choice: 'by turns, and another one of the same port if it takes no connection',
    },
    request: { host: shownBytes(name), path: shownBytes(path) },
    ...(cell === undefined ? {} : { host: { name: cell.document.name, how: 'exact' } }),
    competitors: [],
  }
}

/** Limits and access come before it: a backend, or what answers in its place. */
function isChecked(decision: Decision): decision is Decision & { readonly host: HostDocument; readonly route: Route } {
  return decision.kind === 'proxy' || (decision.kind === 'answer' && decision.checked === true)
}

function accessOf(decision: Decision, table: Table): { readonly access: AccessExplanation } | object {
  const access = isChecked(decision) ? describeAccess(decision.host, decision.route, table) : undefined
  return access === undefined ? {} : { access }
}

/** Where nobody could try the patterns of names, `match` is asked all the same, so that the answer is known to be unsure. */
function hostOf(
  translation: Translation,
  table: Table,
  { document: { name: found } }: HostCell,
  name: string,
  match: MatchPattern,
): Explanation['host'] & object {
  const how = howOf(found)
  if (how === 'default') for (const pattern of untriedPatterns(translation)) match(pattern, name, 'caseless')
  if (how !== 'pattern') return { name: found, how }
  const pattern = findNamePattern(table, name, match)
  return { name: found.slice(1), how, ...(typeof pattern === 'object' ? { pattern: pattern.pattern } : {}) }
}

function howOf(name: string): HostMatch {
  if (name === '_') return 'default'
  if (name.startsWith('~')) return 'pattern'
  return name.startsWith('*') ? 'wildcard' : 'exact'
}

function fromOf(cell: HostCell | undefined, route: Route): { from: Declared } | object {
  const origin = cell?.origins.get(route)
  return origin === undefined ? {} : { from: declaredAt(origin) }
}

function patternOf(
  cell: HostCell | undefined,
  path: string,
  match: MatchPattern,
): { readonly pattern: string; readonly groups: readonly string[] } | object {
  if (cell?.document.paths.kind !== 'regex') return {}
  const { document } = cell
  const { paths } = cell.document
  const found = findRegexRoute(document, paths, path, match)
  const pattern = paths.patterns.find(({ route }) => route === found.route)?.pattern
  if (pattern === undefined) return {}
  return { pattern: shownBytes(pattern), groups: found.kind === 'found' ? found.captures.map(shownBytes) : [] }
}

function outcomeOf(
  decision: Decision,
  translation: Translation,
  table: Table,
  port: RequestPort,
  cell: HostCell | undefined,
): Explanation['outcome'] {
  switch (decision.kind) {
    case 'proxy': {
      const { upstream } = decision
      const endpoints = upstream.addresses.map((_, position) => endpointName(upstream, position))
      const endpoint = explainEndpoint(decision, port)
      return {
        kind: 'proxy',
        backend: upstream.key,
        endpoints,
        choice: describeChoice(upstream),
        ...(endpoint === undefined ? {} : { endpoint }),
        ...targetOf(decision),
        ...standInOf(decision),
      }
    }
    case 'redirect':
      return { kind: 'redirect', status: decision.status, location: shownBytes(decision.location) }
    case 'status':
      return {
        kind: 'answer',
        status: 200,
        reason: "NGINX's counters, for clients that nginx-status-ipv4-whitelist and nginx-status-ipv6-whitelist name",
      }
    case 'answer':
      return {
        kind: 'answer',
        status: decision.status,
        reason: reasonOf(decision, translation, cell),
        ...pageOf(decision, table),
      }
  }
}

function standInOf({ passage, route }: Extract<Decision, { kind: 'proxy' }>): { readonly insteadOf: string } | object {
  return passage?.standIn === true && route.action.kind === 'proxy' ? { insteadOf: route.action.upstream } : {}
}

function pageOf({ passage, status }: Extract<Decision, { kind: 'answer' }>, table: Table): { page: string } | object {
  const errors = replacing(passage, status)
  if (errors === undefined) return {}
  const upstream = errorBackend(errors, table)
  return { page: upstream === undefined || upstream.addresses.length === 0 ? 'nobody' : upstream.key }
}

function targetOf({ passage }: Extract<Decision, { kind: 'proxy' }>): { readonly target: string } | object {
  if (passage?.upstreamPath === undefined) return {}
  return { target: `${escapePath(passage.upstreamPath)}${queryOf(passage.asked.target())}` }
}

function reasonOf(
  decision: Extract<Decision, { kind: 'answer' }>,
  translation: Translation,
  cell: HostCell | undefined,
): string {
  if (decision.host === UNDECIDED_HOST)
    return 'the match of a regular expression of host names failed by its cost, so which host it is cannot be known'
  if (decision.host?.reserved === true) return 'the host belongs to a namespace that has no Ingress for it'
  if (decision.by === 'pattern') return 'the match of its regular expression failed, by its cost or its form'
  if (decision.by === 'forbidden')
    return cell === undefined ? 'the host is closed; "fairlead check" says why' : whyHostClosed(cell, translation)
  if (decision.by === 'clients') return 'the host asks for a client certificate, and explain has none'
  const action = decision.route?.action
  if (action === undefined)
    return decision.status === 200 ? 'the health check of the default server' : 'nothing is served yet'
  if (action.kind !== 'proxy') return whyPathClosed(ingressOf(cell, decision.route), translation)
  const missing = translation.upstreams.get(action.upstream)?.missing
  if (missing !== undefined) return `${missing.message}${whyNobodyStandsIn(decision.route?.features)}`
  return decision.status === 404
    ? 'the default backend: no Service answers for what nobody declared'
    : 'no ready endpoint'
}
