import type { Builtin, CertificateDocument, Document } from '../model/documents.js'
import type { FrameChoices } from '../model/global-settings.js'
import { certificateKey, DEFAULT_CERTIFICATE, DEFAULT_HOST, SETTINGS_KEY, upstreamKey } from '../model/keys.js'
import { createProblem } from '../problems/create.js'
import type { Problem } from '../problems/problem.js'
import type { Ingress, Secret } from '../snapshot/objects.js'
import type { Snapshot } from '../snapshot/snapshot.js'
import { expiryProblem, readCertificate } from './certificate.js'
import { readGlobalSettings, type GlobalSettings } from './configmap.js'
import { translateHost, type Contribution, type HostCell } from './host.js'
import { declareIngress, type DeclaredIngress } from './ingress.js'
import type { TranslateOptions } from './options.js'
import { problemOf } from './reference.js'
import { selectIngresses } from './select.js'
import { chooseCertificate, NO_TLS, type CertificateChoice } from './tls.js'
import { DEFAULT_BACKEND, translateDefaultBackend, translateUpstream, type UpstreamCell } from './upstream.js'

/** What the translation needs that is in no Kubernetes object. */
export interface Surroundings {
  /** Served where nothing better is known, if `--default-ssl-certificate` does not name a usable Secret (CERT-3). */
  readonly fallbackCertificate: CertificateDocument
  /** Milliseconds since the epoch, for the expiry of certificates (CERT-8). */
  readonly now: number
}

/** Everything desired, in the data plane's terms, with what is wrong and where everything comes from. */
export interface Translation {
  /** The table: documents by name. A document that did not change is the same object as in the translation before. */
  readonly documents: ReadonlyMap<string, Document>
  readonly frame: FrameChoices
  readonly problems: readonly Problem[]
  /** Hosts by name (`_`: the default server), with the origins of their routes. */
  readonly hosts: ReadonlyMap<string, HostCell>
  readonly upstreams: ReadonlyMap<string, UpstreamCell>
  readonly rules: Rules
}

/**
 * Snapshot to model. Pure: the same snapshot in any order gives the same documents. `previous` is an earlier result with
 * the same options; what did not change since is taken from it, so that the work follows the size of a change.
 */
export function translate(
  snapshot: Snapshot,
  options: TranslateOptions,
  surroundings: Surroundings,
  previous?: Translation,
): Translation {
  const rules = collectRules(snapshot, options, previous)
  const { declared, grouped } = rules
  const settings = readGlobalSettings(snapshot.configMaps.get(options.configMap))
  const upstreams = translateUpstreams(declared, snapshot, options, previous)
  const choices = new Map([...grouped].map(([host, group]) => [host, chooseForHost(host, group, snapshot)]))
  const hosts = translateHosts(grouped, choices, declared, settings.value, options, previous)
  const certificates = collectCertificates(choices, snapshot, options, surroundings)
  return {
    documents: collectDocuments(hosts, upstreams, certificates.documents, settings.value, snapshot, options, previous),
    frame: settings.value.frame,
    problems: inOrder([
      ...rules.problems,
      ...settings.problems,
      ...declared.flatMap((one) => backendProblems(one, upstreams)),
      ...[...hosts.values()].flatMap(({ problems }) => problems),
      ...[...choices.values()].flatMap(({ problems }) => problems),
      ...certificates.problems,
    ]),
    hosts,
    upstreams,
    rules,
  }
}

/** What the Ingresses and their classes say, before any other object is looked at. */
export interface Rules {
  readonly from: Pick<Snapshot, 'ingresses' | 'ingressClasses'>
  /** Oldest first (ORD-1). */
  readonly declared: readonly DeclaredIngress[]
  readonly grouped: ReadonlyMap<string, readonly Contribution[]>
  readonly problems: readonly Problem[]
}

/** Unchanged Ingresses and classes need no second look: most changes are of endpoints. */
function collectRules(snapshot: Snapshot, options: TranslateOptions, previous: Translation | undefined): Rules {
  const { ingresses, ingressClasses } = snapshot
  const before = previous?.rules
  if (before?.from.ingresses === ingresses && before.from.ingressClasses === ingressClasses) return before
  const { served, problems } = selectIngresses(snapshot, options)
  const declared = served.map((ingress) => declare(ingress, options))
  return {
    from: { ingresses, ingressClasses },
    declared,
    grouped: groupByHost(declared),
    problems: [...problems, ...declared.flatMap((one) => one.problems)],
  }
}

const declarations = new WeakMap<Ingress, { readonly options: TranslateOptions; readonly declared: DeclaredIngress }>()

function declare(ingress: Ingress, options: TranslateOptions): DeclaredIngress {
  const known = declarations.get(ingress)
  if (known?.options === options) return known.declared
  const declared = declareIngress(ingress, options)
  declarations.set(ingress, { options, declared })
  return declared
}

function translateUpstreams(
  declared: readonly DeclaredIngress[],
  snapshot: Snapshot,
  options: TranslateOptions,
  previous: Translation | undefined,
): Map<string, UpstreamCell> {
  const cells = new Map<string, UpstreamCell>()
  for (const { backends } of declared) {
    for (const backend of backends) {
      if (cells.has(backend.key)) continue
      cells.set(backend.key, translateUpstream(backend, snapshot, options, previous?.upstreams.get(backend.key)))
    }
  }
  return cells
}

function groupByHost(declared: readonly DeclaredIngress[]): Map<string, Contribution[]> {
  const groups = new Map<string, Contribution[]>([[DEFAULT_HOST, []]])
  for (const one of declared) {
    for (const rule of one.rules) {
      const contribution = { declared: one, rule }
      const group = groups.get(rule.host)
      if (group === undefined) groups.set(rule.host, [contribution])
      else group.push(contribution)
    }
  }
  return groups
}

function chooseForHost(host: string, group: readonly Contribution[], snapshot: Snapshot): CertificateChoice {
  if (host === DEFAULT_HOST) return NO_TLS
  const first = group.find(({ declared }) => declared.hasTls)
  return first === undefined ? NO_TLS : chooseCertificate(host, first.declared.ingress, snapshot)
}

function translateHosts(
  grouped: ReadonlyMap<string, readonly Contribution[]>,
  choices: ReadonlyMap<string, CertificateChoice>,
  declared: readonly DeclaredIngress[],
  settings: GlobalSettings,
  options: TranslateOptions,
  previous: Translation | undefined,
): Map<string, HostCell> {
  const catchAll = declared.find((one) => one.catchAll)
  const hasTls = (host: string): boolean => choices.get(host)?.key !== undefined
  const secureWildcards = [...choices.keys()].some((name) => name.startsWith('*') && hasTls(name))
  const hosts = new Map<string, HostCell>()
  for (const [name, contributions] of grouped) {
    const secure = hasTls(name) || (secureWildcards && hasTls(wildcardAbove(name)))
    const input = {
      name,
      contributions,
      catchAll: name === DEFAULT_HOST ? catchAll : undefined,
      certificate: choices.get(name)?.key,
      httpsRedirect: secure ? settings.httpsRedirect : undefined,
      builtins: name === DEFAULT_HOST ? builtinsFor(options) : undefined,
    }
    hosts.set(name, translateHost(input, previous?.hosts.get(name)))
  }
  return hosts
}

/** CERT-6: below a wildcard host with TLS, a host gets its certificate and its redirect. */
function wildcardAbove(name: string): string {
  return name.startsWith('*') ? name : `*${name.slice(name.indexOf('.'))}`
}

const builtins = new WeakMap<TranslateOptions, readonly Builtin[]>()

/** DEF-4. One array for one set of options, so that an unchanged default server is recognised by identity. */
function builtinsFor(options: TranslateOptions): readonly Builtin[] {
  const known = builtins.get(options)
  if (known !== undefined) return known
  const made: readonly Builtin[] = [
    { prefix: options.healthCheckPath, action: { kind: 'answer', status: 200, label: '' } },
    { prefix: '/nginx_status', action: { kind: 'status', allow: ['127.0.0.1', '::1'] } },
  ]
  builtins.set(options, made)
  return made
}

interface CollectedCertificates {
  readonly documents: ReadonlyMap<string, CertificateDocument>
  readonly problems: readonly Problem[]
}

/** The certificates that are served, each once, and what is to say about their validity (CERT-3, CERT-8). */
function collectCertificates(
  choices: ReadonlyMap<string, CertificateChoice>,
  snapshot: Snapshot,
  options: TranslateOptions,
  surroundings: Surroundings,
): CollectedCertificates {
  const secrets = new Set<Secret>()
  for (const { secret } of choices.values()) if (secret !== undefined) secrets.add(secret)
  const documents = new Map<string, CertificateDocument>()
  const problems: Problem[] = []
  for (const secret of secrets) {
    const reading = readCertificate(secret)
    if (!reading.ok) continue
    documents.set(certificateKey(`${secret.namespace}/${secret.name}`), reading.document)
    problems.push(...validityProblems(secret, surroundings.now))
  }
  documents.set(certificateKey(DEFAULT_CERTIFICATE), surroundings.fallbackCertificate)
  if (options.defaultCertificate === '') return { documents, problems }
  const named = snapshot.secrets.get(options.defaultCertificate)
  const reading = named === undefined ? undefined : readCertificate(named)
  if (named === undefined || reading === undefined) problems.push(missingDefault(options.defaultCertificate))
  else if (reading.ok) {
    documents.set(certificateKey(DEFAULT_CERTIFICATE), reading.document)
    problems.push(...validityProblems(named, surroundings.now))
  } else problems.push(problemOf(reading.code, named, 'data', reading.message))
  return { documents, problems }
}

function missingDefault(name: string): Problem {
  const [namespace = '', secret = ''] = name.split('/')
  const message = `There is no Secret ${name}, which --default-ssl-certificate names. The self-signed certificate is served until it exists.`
  return createProblem('tls/secret-not-found', { kind: 'Secret', namespace, name: secret }, '', message)
}

function validityProblems(secret: Secret, now: number): Problem[] {
  const reading = readCertificate(secret)
  if (!reading.ok) return []
  const chain =
    reading.chain === undefined ? [] : [problemOf('tls/chain-broken', secret, 'data["tls.crt"]', reading.chain)]
  const expiry = expiryProblem(reading, now)
  if (expiry === undefined) return chain
  return [...chain, problemOf(expiry.code, secret, 'data["tls.crt"]', expiry.message)]
}

function collectDocuments(
  hosts: ReadonlyMap<string, HostCell>,
  upstreams: ReadonlyMap<string, UpstreamCell>,
  certificates: ReadonlyMap<string, CertificateDocument>,
  settings: GlobalSettings,
  snapshot: Snapshot,
  options: TranslateOptions,
  previous: Translation | undefined,
): Map<string, Document> {
  const documents = new Map<string, Document>(certificates)
  for (const { tableKey, document } of upstreams.values()) documents.set(tableKey, document)
  for (const { tableKey, document } of hosts.values()) documents.set(tableKey, document)
  const steady = (key: string, document: Document): void => {
    documents.set(key, sameContent(previous?.documents.get(key), document))
  }
  steady(upstreamKey(DEFAULT_BACKEND), translateDefaultBackend(snapshot, options))
  steady(SETTINGS_KEY, settings.document)
  return documents
}

function sameContent(previous: Document | undefined, document: Document): Document {
  return previous !== undefined && JSON.stringify(previous) === JSON.stringify(document) ? previous : document
}

function backendProblems(
  { ingress, backends }: DeclaredIngress,
  upstreams: ReadonlyMap<string, UpstreamCell>,
): Problem[] {
  return backends.flatMap(({ key, field }) => {
    const missing = upstreams.get(key)?.missing
    return missing === undefined
      ? []
      : [problemOf(missing.code, ingress, field, `${missing.message} Requests get 503.`)]
  })
}

/** Sorted by a key made once: with thousands of problems, making it at every comparison would be most of a pass. */
function inOrder(problems: readonly Problem[]): Problem[] {
  return problems
    .map((problem) => ({ problem, key: sortKey(problem) }))
    .sort((a, b) => (a.key === b.key ? 0 : a.key < b.key ? -1 : 1))
    .map(({ problem }) => problem)
}

function sortKey({ about, field, code, message }: Problem): string {
  return [about.kind, about.namespace, about.name, field, code, message].join('\n')
}
