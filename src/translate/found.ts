import { differences } from '../collections/differences.js'
import type { Change, SortedMap } from '../collections/sorted-map.js'
import type { Problem } from '../problems/problem.js'
import type { Canaries } from './canaries.js'
import type { Certificates } from './certificates.js'
import type { HostCell } from './host.js'
import type { DeclaredIngress } from './ingress.js'
import { NOT_INSPECTED } from './not-inspected.js'
import { problemOf } from './reference.js'
import type { Selection } from './select.js'
import type { CertificateChoice } from './tls.js'
import type { UpstreamCell } from './upstream.js'
import type { Upstreams } from './upstreams.js'
import type { TriedValues } from './value-patterns.js'

/** Problems by what they were found at. A list stays the same one while what it was found at does; none is empty. */
export type ProblemsByPlace = SortedMap<readonly Problem[]>

/** What has problems. */
export interface Places extends Selection, Upstreams, Canaries, TriedValues {
  readonly declared: SortedMap<DeclaredIngress>
  readonly hosts: SortedMap<HostCell>
  readonly choices: SortedMap<CertificateChoice>
  readonly certificates: Certificates
  /** Ingresses whose profile cannot be had, with the reason. */
  readonly closed: SortedMap<string>
  /** Problems of which there is one place only, by its name. */
  readonly single: Readonly<Record<'settings' | 'default certificate' | 'flags' | 'streams', readonly Problem[]>>
}

/** The problems after the places became `places`. */
export function findProblems(found: ProblemsByPlace, before: Places, places: Places): ProblemsByPlace {
  const changes: Change<readonly Problem[]>[] = Object.entries(places.single)
  for (const key of staleIngresses(before, places)) changes.push([`Ingress ${key}`, problemsOfIngress(key, places)])
  for (const key of staleHosts(before, places)) {
    const host = places.hosts.get(key)
    const problems = [...(host?.problems ?? []), ...(host?.open ?? []), ...(places.choices.get(key)?.problems ?? [])]
    changes.push([`host ${key}`, problems])
  }
  for (const { key, after } of differences(before.claims, places.claims)) {
    changes.push([`canaries of ${key}`, after?.problems])
  }
  for (const key of staleCanaries(before, places)) changes.push([`canary of ${key}`, problemsOfCanary(key, places)])
  for (const { key, after } of differences(before.certificates.served, places.certificates.served)) {
    changes.push([`certificate ${key}`, after?.problems])
  }
  return found.with(changes.map(([place, problems]) => [place, problems?.length === 0 ? undefined : problems]))
}

function staleIngresses(before: Places, places: Places): ReadonlySet<string> {
  const stale = new Set<string>()
  for (const { key } of differences(before.declared, places.declared)) stale.add(key)
  for (const { key } of differences(before.closed, places.closed)) stale.add(key)
  for (const { key } of differences(before.tried, places.tried)) stale.add(key)
  for (const { key } of differences(before.unserved, places.unserved)) stale.add(key)
  for (const { key, before: old, after } of differences(before.upstreams, places.upstreams)) {
    if (isSameMissing(old, after)) continue
    for (const ingress of places.users.get(key)?.keys() ?? []) stale.add(ingress)
  }
  return stale
}

function staleCanaries(before: Places, places: Places): ReadonlySet<string> {
  const stale = new Set(differences(before.canaries, places.canaries).map(({ key }) => key))
  if (places.alternatives.size === 0) return stale
  for (const { key, before: old, after } of differences(before.upstreams, places.upstreams)) {
    if (isSameMissing(old, after)) continue
    for (const main of places.alternatives.get(key)?.keys() ?? []) stale.add(main)
  }
  return stale
}

function staleHosts(before: Places, places: Places): ReadonlySet<string> {
  const keys = new Set(differences(before.hosts, places.hosts).map(({ key }) => key))
  for (const { key } of differences(before.choices, places.choices)) keys.add(key)
  return keys
}

function isSameMissing(a: UpstreamCell | undefined, b: UpstreamCell | undefined): boolean {
  return a?.missing?.code === b?.missing?.code && a?.missing?.message === b?.missing?.message
}

function problemsOfIngress(key: string, { declared, unserved, upstreams, closed, tried }: Places): readonly Problem[] {
  const refused = unserved.get(key)
  if (refused !== undefined) return [refused]
  const found = declared.get(key)
  if (found === undefined) return []
  const reason = closed.get(key)
  const closing =
    reason === undefined ? [] : [problemOf('annotation/closed', found.ingress, 'metadata.annotations', reason)]
  return [...found.problems, ...(tried.get(key)?.problems ?? []), ...closing, ...backendProblems(found, upstreams)]
}

function backendProblems(
  { ingress, backends, features }: DeclaredIngress,
  upstreams: SortedMap<UpstreamCell>,
): Problem[] {
  const standIn = backends.find(({ key, isDefault }) => isDefault === true && upstreams.get(key)?.missing === undefined)
  const isInspected = features.profile.some(({ name }) => name === 'modsecurity')
  const failed =
    standIn === undefined || isInspected ? 'get 503' : `go to Service ${standIn.serviceKey}, the default-backend`
  const nobodyElse = standIn !== undefined && isInspected ? ` ${NOT_INSPECTED}` : ''
  const instead = features.pairs
    ? `Requests go to the other Service of the path, and ${failed} without that.${nobodyElse}`
    : `Requests ${failed}.${nobodyElse}`
  return backends.flatMap(({ key, field, isDefault }) => {
    const missing = upstreams.get(key)?.missing
    if (missing === undefined) return []
    const otherwise = isDefault === true ? 'Until there is one, the annotation has no effect.' : instead
    return [problemOf(missing.code, ingress, field, `${missing.message} ${otherwise}`)]
  })
}

function problemsOfCanary(key: string, { canaries, upstreams }: Places): readonly Problem[] | undefined {
  const canary = canaries.get(key)
  if (canary === undefined) return undefined
  const { backend, declared } = canary.claim
  const missing = upstreams.get(backend.key)?.missing
  if (missing === undefined) return canary.problems
  const message = `${missing.message} Until then all requests go to the main Service.`
  return [...canary.problems, problemOf(missing.code, declared.ingress, backend.field, message)]
}

const lists = new WeakMap<ProblemsByPlace, readonly Problem[]>()

/** All of them, in order of their objects; the same list while nothing about them changes. Made when it is wanted. */
export function listProblems(found: ProblemsByPlace): readonly Problem[] {
  const known = lists.get(found)
  if (known !== undefined) return known
  const list = [...found.values()]
    .flat()
    .map((problem) => ({ problem, key: sortKey(problem) }))
    .sort((a, b) => (a.key === b.key ? 0 : a.key < b.key ? -1 : 1))
    .map(({ problem }) => problem)
  lists.set(found, list)
  return list
}

/** Made once for each: with thousands of problems, making it at every comparison would be most of the work. */
function sortKey({ about, field, code, message }: Problem): string {
  return [about.kind, about.namespace, about.name, field, code, message].join('\n')
}
