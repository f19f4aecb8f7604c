import { differences } from '../collections/differences.js'
import type { SortedMap } from '../collections/sorted-map.js'
import type { AddressRanges } from '../model/address-ranges.js'
import type { Builtin } from '../model/documents.js'
import type { Secret } from '../snapshot/objects.js'
import type { PatternVerdicts } from '../nginx/pattern.js'
import { DEFAULT_HOST } from '../model/keys.js'
import { coversHost, readCertificate } from './certificate.js'
import type { CatchAll, Groups } from './groups.js'
import { type Contribution, type HostCell, translateHost } from './host.js'
import type { HttpsRedirects } from './https-redirect.js'
import type { NamePatterns } from './name-patterns.js'
import type { OtherName } from './other-names.js'
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
}

interface Hosts {
  readonly hosts: SortedMap<HostCell>
  /** Patterns of which nothing is known yet, by host; those that have some only. */
  readonly unjudged: SortedMap<readonly string[]>
}

/** The hosts after their sources became `sources`. */
export function translateHosts(before: HostSources & Hosts, sources: HostSources): Hosts {
  const {
    groups,
    choices,
    catchAlls,
    builtins,
    httpsRedirects,
    verdicts,
    closed,
    otherNames,
    namePatterns,
    logsDefault,
  } = sources
  const changes = [...staleHosts(before, sources)].map((name): readonly [string, HostCell | undefined] => {
    const other = otherNames.get(name)
    const contributions = groups.get(other?.host ?? name)
    if (contributions === undefined) return [name, undefined]
    const choice = other === undefined ? choices.get(name) : choiceFor(name, other, choices)
    // ALI-5, ALI-6: what names match is not known, and so no certificate is known to be good for them.
    const isPattern = other?.how === 'pattern'
    const input = {
      name,
      contributions,
      catchAll: name === DEFAULT_HOST ? catchAlls[0]?.declared : undefined,
      certificate: choice?.key,
      otherCertificates: choice?.others.map(({ namespace, name: secret }) => `${namespace}/${secret}`) ?? [],
      secure: !isPattern && (choice !== undefined || choices.has(wildcardAbove(name))),
      httpsRedirects,
      verdicts,
      builtins: name === DEFAULT_HOST ? builtins : undefined,
      asksPatterns: name === DEFAULT_HOST && namePatterns !== undefined,
      logsDefault: name === DEFAULT_HOST && logsDefault,
      closed: closedAmong(closed, contributions),
      labelled: sources.labelled,
    }
    const known = before.hosts.get(name)
    if (other?.how === 'redirect') return [name, createRedirectHost(input, other.host, known)]
    const cell = translateHost(input, known)
    // What is wrong is said of the host itself.
    return [name, other === undefined || cell === known ? cell : { ...cell, problems: [] }]
  })
  const unjudged = changes.map(([name, cell]) => [name, nonEmpty(cell?.unjudged)] as const)
  return { hosts: before.hosts.with(changes), unjudged: before.unjudged.with(unjudged) }
}

/** ALI-5, CERT-10: the certificates of the host, where the first is good for the other name too. */
function choiceFor(
  name: string,
  { host, how }: OtherName,
  choices: SortedMap<CertificateChoice>,
): CertificateChoice | undefined {
  const choice = how === 'pattern' ? undefined : choices.get(host)
  if (choice?.secret === undefined || !covers(choice.secret, name)) return undefined
  return { ...choice, others: choice.others.filter((secret) => covers(secret, name)) }
}

function covers(secret: Secret, name: string): boolean {
  const reading = readCertificate(secret)
  return reading.ok && coversHost(reading.names, name)
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
    if (key.startsWith('*') && (old === undefined || after === undefined)) wildcards.add(key)
  }
  if (before.verdicts !== sources.verdicts) for (const name of before.unjudged.keys()) stale.add(name)
  if (before.httpsRedirects !== sources.httpsRedirects) {
    for (const name of sources.groups.keys()) stale.add(name)
  }
  if (before.catchAlls[0] !== sources.catchAlls[0]) stale.add(DEFAULT_HOST)
  if (before.builtins !== sources.builtins || before.logsDefault !== sources.logsDefault) stale.add(DEFAULT_HOST)
  if ((before.namePatterns === undefined) !== (sources.namePatterns === undefined)) stale.add(DEFAULT_HOST)
  // A wildcard host gains or loses TLS so seldom that an index of the hosts below it would cost more than looking.
  if (wildcards.size > 0)
    for (const name of [...sources.groups.keys(), ...sources.otherNames.keys()])
      if (wildcards.has(wildcardAbove(name))) stale.add(name)
  for (const [name, { host }] of sources.otherNames) if (stale.has(host)) stale.add(name)
  for (const { key } of differences(before.otherNames, sources.otherNames)) stale.add(key)
  return stale
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
