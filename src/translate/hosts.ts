import { differences } from '../collections/differences.js'
import type { SortedMap } from '../collections/sorted-map.js'
import type { AddressRanges } from '../model/address-ranges.js'
import type { Builtin } from '../model/documents.js'
import type { Secret } from '../snapshot/objects.js'
import type { PatternVerdicts } from '../nginx/pattern.js'
import { DEFAULT_CERTIFICATE, DEFAULT_HOST } from '../model/keys.js'
import { coversHost, readCertificate } from './certificate.js'
import type { CatchAll, Groups } from './groups.js'
import { type Contribution, type HostCell, type HostInput, translateHost } from './host.js'
import type { HttpsRedirects } from './https-redirect.js'
import type { NamePatterns } from './name-patterns.js'
import type { OtherName } from './other-names.js'
import { findOwned, mayUse, type Ownership } from './ownership.js'
import { createReservedHost } from './reserved-host.js'
import { createRedirectHost } from './redirect-host.js'
import type { TranslateOptions } from './options.js'
import type { CertificateChoice } from './tls.js'

/** What the hosts are made from. */
export interface HostSources extends NamePatterns {
  readonly groups: Groups
  readonly choices: SortedMap<CertificateChoice>
  readonly catchAlls: readonly CatchAll[]
  readonly builtins: readonly Builtin[]
  /** DEF-6. */
  readonly logsDefault: boolean
  readonly httpsRedirects: HttpsRedirects
  readonly verdicts: PatternVerdicts
  /** Ingresses whose profile cannot be had, with the reason. */
  readonly closed: SortedMap<string>
  readonly otherNames: SortedMap<OtherName>
  /** Routes say whose they are, for metrics. */
  readonly labelled: boolean
  readonly annotationsPrefix: string
  readonly ownership: Ownership
}

interface Hosts {
  readonly hosts: SortedMap<HostCell>
  /** Patterns of which nothing is known yet, by host; those that have some only. */
  readonly unjudged: SortedMap<readonly string[]>
}

/** The hosts after their sources became `sources`. */
export function translateHosts(before: HostSources & Hosts, sources: HostSources): Hosts {
  const {
    choices,
    catchAlls,
    builtins,
    httpsRedirects,
    verdicts,
    closed,
    otherNames,
    namePatterns,
    logsDefault,
    ownership,
  } = sources
  const changes = [...staleHosts(before, sources)].map((name): readonly [string, HostCell | undefined] => {
    const other = otherNames.get(name)
    const known = before.hosts.get(name)
    const contributions = contributionsOf(name, other, sources)
    const isReserved = contributions === undefined && ownership.owned.has(name) && name !== '*'
    if (contributions === undefined && !isReserved) return [name, undefined]
    const choice = other === undefined ? choices.get(name) : choiceFor(name, other, sources)
    const above = wildcardAbove(name)
    // A wildcard may be the other name of a host, and show its certificate.
    const lender = otherNames.get(above)?.host ?? above
    const isWithheld = choices.has(lender) && !mayLend(lender, name, sources)
    const isLent = choices.has(above) && !isWithheld
    // ALI-5, ALI-6: what names match is not known, and so no certificate is known to be good for them.
    const isPattern = other?.how === 'pattern'
    const isSecure = !isPattern && (choice !== undefined || isLent)
    const input: HostInput = {
      name,
      contributions: contributions ?? [],
      catchAll: name === DEFAULT_HOST ? catchAlls[0]?.declared : undefined,
      // Without one of its own, a host would have that of the wildcard.
      certificate: choice?.key ?? (isWithheld ? DEFAULT_CERTIFICATE : undefined),
      otherCertificates: choice?.others.map(({ namespace, name: secret }) => `${namespace}/${secret}`) ?? [],
      secure: isSecure,
      httpsRedirects,
      verdicts,
      builtins: name === DEFAULT_HOST ? builtins : undefined,
      asksPatterns: name === DEFAULT_HOST && namePatterns !== undefined,
      logsDefault: name === DEFAULT_HOST && logsDefault,
      closed: closedAmong(closed, contributions ?? []),
      labelled: sources.labelled,
      annotationsPrefix: sources.annotationsPrefix,
      // ALI-6: an other name may lack the redirect that the host itself has.
      tellsOpen: other === undefined || (!isSecure && choices.has(other.host)),
    }
    if (isReserved) return [name, createReservedHost(input, known)]
    if (other?.how === 'redirect') return [name, createRedirectHost(input, other.host, known)]
    const cell = translateHost(input, known)
    // What is wrong is said of the host itself.
    return [name, other === undefined || cell === known ? cell : { ...cell, problems: [] }]
  })
  const unjudged = changes.map(([name, cell]) => [name, nonEmpty(cell?.unjudged)] as const)
  return { hosts: before.hosts.with(changes), unjudged: before.unjudged.with(unjudged) }
}

/** ALI-5, CERT-10: the certificates of the host, where the first is good for the other name too. */
function choiceFor(name: string, { host, how }: OtherName, sources: HostSources): CertificateChoice | undefined {
  const choice = how === 'pattern' || !mayBring(host, name, sources) ? undefined : sources.choices.get(host)
  if (choice?.secret === undefined || !covers(choice.secret, name)) return undefined
  const { ownership } = sources
  const isGood = (one: Secret): boolean => covers(one, name) && mayUse(ownership, one.namespace, name)
  return { ...choice, others: choice.others.filter(isGood) }
}

function covers(secret: Secret, name: string): boolean {
  const reading = readCertificate(secret)
  return reading.ok && coversHost(reading.names, name)
}

/** The rules of the host, or of the one that an other name leads to: there, only of those who may use the name too. */
function contributionsOf(
  name: string,
  other: OtherName | undefined,
  { groups, ownership }: HostSources,
): readonly Contribution[] | undefined {
  const all = groups.get(other?.host ?? name)
  if (other === undefined || all === undefined || ownership.owned.size === 0) return all
  const wanted = other.how === 'pattern' ? DEFAULT_HOST : name
  const kept = all.filter(({ declared: { ingress } }) => mayUse(ownership, ingress.namespace, wanted))
  return kept.length === 0 ? undefined : kept
}

/** Whether the Ingress that brings the certificate of a host may bring that of another name. */
function mayBring(host: string, name: string, { groups, ownership }: HostSources): boolean {
  if (findOwned(ownership.owned, name) === undefined) return true
  const bringer = groups.get(host)?.find(({ declared }) => declared.hasTls)?.declared.ingress.namespace
  return bringer === undefined || mayUse(ownership, bringer, name)
}

/** Whether a name may have the certificates of the host that the wildcard above it has them from, all of them. */
function mayLend(lender: string, name: string, sources: HostSources): boolean {
  const others = sources.choices.get(lender)?.others ?? []
  return mayBring(lender, name, sources) && others.every((one) => mayUse(sources.ownership, one.namespace, name))
}

const NONE: ReadonlySet<string> = new Set()

function closedAmong(closed: SortedMap<string>, contributions: readonly Contribution[]): ReadonlySet<string> {
  if (closed.size === 0) return NONE
  const keys = contributions.map(({ declared: { ingress } }) => `${ingress.namespace}/${ingress.name}`)
  return new Set(keys.filter((key) => closed.has(key)))
}

function nonEmpty<T>(list: readonly T[] | undefined): readonly T[] | undefined {
  return list === undefined || list.length === 0 ? undefined : list
}

function staleHosts(before: HostSources & Hosts, sources: HostSources): ReadonlySet<string> {
  const stale = new Set(differences(before.groups, sources.groups).map(({ key }) => key))
  const closings = new Set(differences(before.closed, sources.closed).map(({ key }) => key))
  // A profile can be had or not so seldom that an index of the hosts of Ingresses would cost more than looking.
  if (closings.size > 0)
    for (const [name, group] of sources.groups)
      if (closedAmong(sources.closed, group).size > 0 || closedAmong(before.closed, group).size > 0) stale.add(name)
  const wildcards = new Set<string>()
  for (const { key, before: old, after } of differences(before.choices, sources.choices)) {
    stale.add(key)
    const isOther = old === undefined || after === undefined || sources.ownership.owned.size > 0
    if (key.startsWith('*') && isOther) wildcards.add(key)
  }
  if (before.verdicts !== sources.verdicts) for (const name of before.unjudged.keys()) stale.add(name)
  if (before.httpsRedirects !== sources.httpsRedirects || before.labelled !== sources.labelled) {
    for (const name of sources.groups.keys()) stale.add(name)
  }
  if (before.catchAlls[0] !== sources.catchAlls[0]) stale.add(DEFAULT_HOST)
  if (before.builtins !== sources.builtins || before.logsDefault !== sources.logsDefault) stale.add(DEFAULT_HOST)
  if ((before.namePatterns === undefined) !== (sources.namePatterns === undefined)) stale.add(DEFAULT_HOST)
  if (sources.ownership.owned.size > 0) {
    for (const { key } of differences(before.otherNames, sources.otherNames))
      if (key.startsWith('*')) wildcards.add(key)
    for (const [name, { host }] of sources.otherNames) if (name.startsWith('*') && stale.has(host)) wildcards.add(name)
  }
  // A wildcard host gains or loses TLS so seldom that an index of the hosts below it would cost more than looking.
  if (wildcards.size > 0)
    for (const name of [...sources.groups.keys(), ...sources.otherNames.keys()])
      if (wildcards.has(wildcardAbove(name))) stale.add(name)
  if (before.ownership !== sources.ownership) addOwned(stale, before, sources)
  for (const [name, { host }] of sources.otherNames) if (stale.has(host)) stale.add(name)
  for (const { key } of differences(before.otherNames, sources.otherNames)) stale.add(key)
  return stale
}

/** Hosts that stand or fall with their owner; who owns or lends what changes so seldom that all are looked through. */
function addOwned(stale: Set<string>, before: HostSources & Hosts, { ownership, otherNames }: HostSources): void {
  for (const { owned } of [before.ownership, ownership]) {
    for (const name of owned.keys()) if (name !== '*') stale.add(name)
    for (const name of [...before.hosts.keys(), ...otherNames.keys()])
      if (findOwned(owned, name) !== undefined || otherNames.get(name)?.how === 'pattern') stale.add(name)
  }
}

/** CERT-6: below a wildcard host with TLS, a host gets its certificate and its redirect. */
function wildcardAbove(name: string): string {
  return name.startsWith('*') ? name : `*${name.slice(name.indexOf('.'))}`
}

/** DEF-4: what the default server answers before every path. */
export function createBuiltins(options: TranslateOptions, statusReaders: AddressRanges): readonly Builtin[] {
  return [
    { prefix: options.healthCheckPath, action: { kind: 'answer', status: 200, label: '' } },
    { prefix: '/nginx_status', action: { kind: 'status', allow: statusReaders } },
  ]
}
