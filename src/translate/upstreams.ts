import { type Difference, differences } from '../collections/differences.js'
import { createRelationChanges, type Relation } from '../collections/relation.js'
import type { Change, SortedMap } from '../collections/sorted-map.js'
import { mergeWishes, NO_WISHES, type UpstreamWishes } from '../features/upstream.js'
import type { Snapshot } from '../snapshot/snapshot.js'
import { byAge } from './age.js'
import type { DeclaredBackend, DeclaredIngress } from './ingress.js'
import type { TranslateOptions } from './options.js'
import { translateUpstream, type UpstreamCell } from './upstream.js'

export interface Upstreams {
  /** By upstream and Ingress (`namespace/name`), where the Ingress names it first. An upstream lives while it has users. */
  readonly users: Relation<DeclaredBackend>
  readonly upstreams: SortedMap<UpstreamCell>
  /** By name that has to be resolved and upstream (SVC-6). */
  readonly names: Relation<true>
}

/** The upstreams after Ingresses changed, and Services, slices and addresses of names since the snapshot `from`. */
export function translateUpstreams(
  before: Upstreams,
  changes: readonly Difference<DeclaredIngress>[],
  declared: SortedMap<DeclaredIngress>,
  from: Snapshot,
  snapshot: Snapshot,
  options: TranslateOptions,
): Upstreams {
  const users = findUsers(before.users, changes)
  const cells = [...staleUpstreams(before, users, from, snapshot)].map((key): Change<UpstreamCell> => {
    const usersOfOne = users.get(key)
    const backend = firstOf(usersOfOne)
    const known = before.upstreams.get(key)
    if (usersOfOne === undefined || backend === undefined) return [key, undefined]
    return [key, translateUpstream(backend, wishesOf(usersOfOne, declared), snapshot, options, known)]
  })
  const upstreams = before.upstreams.with(cells)
  return { users, upstreams, names: findNames(before.names, differences(before.upstreams, upstreams)) }
}

/** What the Ingresses that use an upstream ask of it. */
function wishesOf(users: SortedMap<DeclaredBackend>, declared: SortedMap<DeclaredIngress>): UpstreamWishes {
  const all = [...users.keys()].flatMap((name) => declared.get(name) ?? [])
  // Most have nothing to ask, and then their order does not matter.
  if (all.every(({ features }) => features.upstream.features === undefined && !features.upstream.throughService)) {
    return NO_WISHES
  }
  const oldestFirst = all.sort((a, b) => byAge(a.ingress, b.ingress))
  return mergeWishes(oldestFirst.map(({ features }) => features.upstream))
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

/** Upstreams that may not be what they were. Their keys begin with that of their Service. */
function staleUpstreams(
  before: Upstreams,
  users: Relation<DeclaredBackend>,
  from: Snapshot,
  snapshot: Snapshot,
): ReadonlySet<string> {
  const stale = new Set(differences(before.users, users).map(({ key }) => key))
  const services = [
    ...differences(from.services, snapshot.services),
    ...differences(from.endpointSlices, snapshot.endpointSlices),
  ]
  for (const { key } of services) for (const upstream of users.keysFrom(`${key}/`)) stale.add(upstream)
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
