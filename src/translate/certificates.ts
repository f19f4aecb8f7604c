import { differences } from '../collections/differences.js'
import { createRelationChanges, type Relation } from '../collections/relation.js'
import type { Change, SortedMap } from '../collections/sorted-map.js'
import { DEFAULT_HOST } from '../model/keys.js'
import type { CertificateDocument } from '../model/documents.js'
import type { Problem } from '../problems/problem.js'
import type { Secret } from '../snapshot/objects.js'
import type { Snapshot } from '../snapshot/snapshot.js'
import { expiryProblem, readCertificate } from './certificate.js'
import { type Span, steadySpan } from './certificate-expiry.js'
import type { Groups } from './groups.js'
import { problemOf } from './reference.js'
import { answerFor, type Staple, type StapleAnswer, stapled, stapleProblem } from './staple.js'
import { chooseCertificate, type CertificateChoice } from './tls.js'

export interface Choices {
  /** By host; a host without TLS is not in it. */
  readonly choices: SortedMap<CertificateChoice>
  /** By Secret and host whose choice looked at it. */
  readonly lookers: Relation<true>
}

/** The choices after the groups became `groups`, and Secrets changed since the snapshot `from`. */
export function chooseCertificates(
  before: Choices & { readonly groups: Groups },
  groups: Groups,
  from: Snapshot,
  snapshot: Snapshot,
): Choices {
  const stale = new Set(differences(before.groups, groups).map(({ key }) => key))
  for (const { key } of differences(from.secrets, snapshot.secrets)) {
    for (const host of before.lookers.get(key)?.keys() ?? []) stale.add(host)
  }
  stale.delete(DEFAULT_HOST)
  const choices = before.choices.with(
    [...stale].map((host): Change<CertificateChoice> => [host, chooseForHost(host, groups, snapshot)]),
  )
  const lookers = createRelationChanges<true>()
  for (const { key, before: old, after } of differences(before.choices, choices)) {
    for (const secret of old?.looked ?? []) lookers.drop(secret, key)
    for (const secret of after?.looked ?? []) lookers.put(secret, key, true)
  }
  return { choices, lookers: lookers.applyTo(before.lookers) }
}

function chooseForHost(host: string, groups: Groups, snapshot: Snapshot): CertificateChoice | undefined {
  const [first, ...younger] = groups.get(host)?.filter(({ declared }) => declared.hasTls) ?? []
  if (first === undefined) return undefined
  const others = younger.map(({ declared }) => declared.ingress)
  return chooseCertificate(host, first.declared.ingress, others, snapshot)
}

/** The certificate of a Secret, with what is to say about its validity within a span of time (CERT-8). */
export interface CertificateCell extends Span {
  readonly secret: Secret
  readonly staple: Staple
  readonly document: CertificateDocument
  readonly problems: readonly Problem[]
}

/** A certificate that hosts serve, and how many. */
export interface ServedCertificate extends CertificateCell {
  readonly hosts: number
}

/** Whether OCSP responses are stapled, and those that are known by Secret. */
export interface Stapling {
  readonly on: boolean
  readonly answers: SortedMap<StapleAnswer>
}

export function stapleOf({ on, answers }: Stapling, { namespace, name }: Secret): Staple {
  return on ? answers.get(`${namespace}/${name}`) : 'off'
}

/** Certificates by Secret, and the span in which none of them has something else to say. */
export interface Certificates extends Span {
  readonly served: SortedMap<ServedCertificate>
  readonly stapling: Stapling
}

export const ALWAYS: Span = { from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY }

/** The certificates that are served, each once (CERT-3), after the choices changed and at another time. */
export function collectCertificates(
  before: Certificates,
  oldChoices: SortedMap<CertificateChoice>,
  choices: SortedMap<CertificateChoice>,
  now: number,
  stapling: Stapling,
): Certificates {
  const cells = new Map<string, ServedCertificate | undefined>()
  const count = (secret: Secret, by: 1 | -1): void => {
    const key = `${secret.namespace}/${secret.name}`
    const known = cells.has(key) ? cells.get(key) : before.served.get(key)
    const hosts = (known?.hosts ?? 0) + by
    const cell = by > 0 ? readCell(secret, now, stapleOf(stapling, secret), known) : known
    cells.set(key, cell === undefined || hosts === 0 ? undefined : { ...cell, hosts })
  }
  for (const { before: old, after } of differences(oldChoices, choices)) {
    // In this order, so that a certificate which stays is not made anew.
    for (const secret of secretsOf(after)) count(secret, 1)
    for (const secret of secretsOf(old)) count(secret, -1)
  }
  const chosen = before.served.with(cells)
  if (!holds(before, now)) {
    const read = chosen.with([...chosen].map(([key, cell]) => [key, readAgain(cell, now, stapling)] as const))
    return { served: read, stapling, ...meet([...read.values()]) }
  }
  const served = chosen.with(
    restapled(before.stapling, stapling, chosen).map((cell): Change<ServedCertificate> => {
      return [`${cell.secret.namespace}/${cell.secret.name}`, readAgain(cell, now, stapling)]
    }),
  )
  return { served, stapling, ...meet([before, ...differences(before.served, served).flatMap(spanAfter)]) }
}

/** Those of which something else is known now. */
function restapled(
  before: Stapling,
  stapling: Stapling,
  served: SortedMap<ServedCertificate>,
): readonly ServedCertificate[] {
  if (before.on !== stapling.on) return [...served.values()]
  return stapling.on ? differences(before.answers, stapling.answers).flatMap(({ key }) => served.get(key) ?? []) : []
}

function secretsOf(choice: CertificateChoice | undefined): readonly Secret[] {
  return choice?.secret === undefined ? [] : [choice.secret, ...choice.others]
}

function readAgain(cell: ServedCertificate, now: number, stapling: Stapling): ServedCertificate {
  const read = readCell(cell.secret, now, stapleOf(stapling, cell.secret), cell)
  return read === cell || read === undefined ? cell : { ...read, hosts: cell.hosts }
}

function spanAfter({ after }: { readonly after: Span | undefined }): readonly Span[] {
  return after === undefined ? [] : [after]
}

/** `previous` itself where it still holds; undefined for a Secret that cannot be used. */
export function readCell(
  secret: Secret,
  now: number,
  known: Staple,
  previous: CertificateCell | undefined,
): CertificateCell | undefined {
  const reading = readCertificate(secret)
  if (!reading.ok) return undefined
  const staple = typeof known === 'object' ? answerFor(reading, known) : known
  if (previous?.secret === secret && previous.staple === staple && holds(previous, now)) return previous
  const problems: Problem[] = []
  if (reading.chain !== undefined)
    problems.push(problemOf('tls/chain-broken', secret, 'data["tls.crt"]', reading.chain))
  const expiry = expiryProblem(reading, now)
  if (expiry !== undefined) problems.push(problemOf(expiry.code, secret, 'data["tls.crt"]', expiry.message))
  const unstapled = stapleProblem(reading, staple)
  if (unstapled !== undefined) problems.push(problemOf(unstapled.code, secret, 'data["tls.crt"]', unstapled.message))
  return { secret, staple, document: stapled(reading, staple), problems, ...steadySpan(reading, now) }
}

export function holds({ from, until }: Span, now: number): boolean {
  return from <= now && now < until
}

function meet(spans: readonly Span[]): Span {
  return spans.reduce((a, b) => ({ from: Math.max(a.from, b.from), until: Math.min(a.until, b.until) }), ALWAYS)
}
