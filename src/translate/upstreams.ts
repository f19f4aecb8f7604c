import { type Difference, differences } from '../collections/differences.js'
import { createRelationChanges, type Relation } from '../collections/relation.js'
import type { Change, SortedMap } from '../collections/sorted-map.js'
import { mergeWishes, NO_WISHES, type UpstreamWishes, wishesOfCanary } from '../features/upstream.js'
import type { Snapshot } from '../snapshot/snapshot.js'
import { byAge } from './age.js'
import type { Canaries } from './canaries.js'
import type { Claim } from './claims.js'
import type { DeclaredBackend, DeclaredIngress } from './ingress.js'
import type { TranslateOptions } from './options.js'
import { translateUpstream, type UpstreamCell } from './upstream.js'

export interface Upstreams {
  /**
   * By upstream and Ingress (`namespace/name`), where the Ingress names it first. An upstream lives while it has users,
   * or is a canary's.
   */
  readonly users: Relation<DeclaredBackend>
  readonly upstreams: SortedMap<UpstreamCell>
  /** By name that has to be resolved and upstream (SVC-6). */
  readonly names: Relation<true>
}

/** The upstreams after Ingresses changed, and Services, slices and addresses of names since the snapshot `from`. */
export function translateUpstreams(
  before: Upstreams & Canaries,
  changes: readonly Difference<DeclaredIngress>[],
  declared: SortedMap<DeclaredIngress>,
  { canaries, alternatives }: Canaries,
  from: Snapshot,
  snapshot: Snapshot,
  options: TranslateOptions,
): Upstreams {
  const users = findUsers(before.users, changes)
  const stale = new Set([
    ...differences(before.alternatives, alternatives).map(({ key }) => key),
    ...differences(before.canaries, canaries).map(({ key }) => key),
    ...withOtherEndpoints(before, from, snapshot),
  ])
  for (const { key } of differences(before.users, users)) {
    stale.add(key)
    // AFF-10: a canary has the affinity of the main upstream.
    const canary = canaries.get(key)
    if (canary !== undefined) stale.add(canary.claim.backend.key)
  }
  const cells = [...stale].map((key): Change<UpstreamCell> => {
    const backend = firstOf(users.get(key)) ?? firstOf(alternatives.get(key))?.backend
    if (backend === undefined) return [key, undefined]
    const known = before.upstreams.get(key)
    return [
      key,
      translateUpstream(
        backend,
        backend.isDefault === true ? NO_WISHES : wishesOf(key, users, alternatives, declared),
        canaries.get(key)?.split,
        snapshot,
        options,
        known,
      ),
    ]
  })
  const upstreams = before.upstreams.with(cells)
  return { users, upstreams, names: findNames(before.names, differences(before.upstreams, upstreams)) }
}

/** What the Ingresses that use an upstream ask of it, and after them those whose canary it is. */
function wishesOf(
  key: string,
  users: Relation<DeclaredBackend>,
  alternatives: Relation<Claim>,
  declared: SortedMap<DeclaredIngress>,
): UpstreamWishes {
  const claims = [...(alternatives.get(key)?.values() ?? [])].sort(
    (a, b) => byAge(a.declared.ingress, b.declared.ingress) || (a.main < b.main ? -1 : 1),
  )
  const own = wishesOfUsers(users.get(key), declared)
  if (claims.length === 0) return mergeWishes(own)
  const asCanary = claims.map(({ declared: { canary, features }, main }) =>
    wishesOfCanary(
      features.upstream,
      mergeWishes(wishesOfUsers(users.get(main), declared)),
      canary?.split.legacy !== true,
    ),
  )
  return mergeWishes([...own, ...asCanary])
}

/** Oldest first. */
function wishesOfUsers(
  users: SortedMap<DeclaredBackend> | undefined,
  declared: SortedMap<DeclaredIngress>,
): readonly UpstreamWishes[] {
  const all = [...(users?.keys() ?? [])].flatMap((name) => declared.get(name) ?? [])
  // Most have nothing to ask, and then their order does not matter.
  if (all.every(({ features }) => features.upstream.features === undefined && !features.upstream.throughService)) {
    return all.length === 0 ? [] : [NO_WISHES]
  }
  return all.sort((a, b) => byAge(a.ingress, b.ingress)).map(({ features }) => features.upstream)
}

function findUsers(
  users: Relation<DeclaredBackend>,
  changes: readonly Difference<DeclaredIngress>[],
): Relation<DeclaredBackend> {
  const found = createRelationChanges<DeclaredBackend>()
  for (const { key, before, after } of changes) {
    for (const backend of before?.backends ?? []) found.drop(backend.key, key)
    // The last change counts, so that the first place of several is kept.
    for (const backend of after?.backends.toReversed() ?? []) found.put(backend.key, key, backend)
  }
  return found.applyTo(users)
}

/** Known upstreams whose endpoints may not be what they were. Their keys begin with that of their Service. */
function withOtherEndpoints(before: Upstreams, from: Snapshot, snapshot: Snapshot): ReadonlySet<string> {
  // Known once, soon after the start.
  if (from.zone !== snapshot.zone) return new Set(before.upstreams.keys())
  const stale = new Set<string>()
  const services = [
    ...differences(from.services, snapshot.services),
    ...differences(from.endpointSlices, snapshot.endpointSlices),
  ]
  for (const { key } of services) for (const upstream of before.upstreams.keysFrom(`${key}/`)) stale.add(upstream)
  for (const { key } of differences(from.resolved, snapshot.resolved)) {
    for (const upstream of before.names.get(key)?.keys() ?? []) stale.add(upstream)
  }
  return stale
}

function findNames(names: Relation<true>, changes: readonly Difference<UpstreamCell>[]): Relation<true> {
  const found = createRelationChanges<true>()
  for (const { key, before, after } of changes) {
    if (before?.service?.type === 'ExternalName') found.drop(before.service.externalName, key)
    if (after?.service?.type === 'ExternalName') found.put(after.service.externalName, key, true)
  }
  return found.applyTo(names)
}

function firstOf<V>(values: ReadonlyMap<string, V> | undefined): V | undefined {
  return values?.values().next().value
}
