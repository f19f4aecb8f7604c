import { differences } from '../collections/differences.js'
import { createRelationChanges, type Relation } from '../collections/relation.js'
import { SortedMap } from '../collections/sorted-map.js'
import type { OwnedHost } from '../configmap/host-owners.js'
import type { DeclaredIngress } from './ingress.js'
import type { TranslateOptions } from './options.js'
import { changeLent, createOwnership, findOwned, NOBODY_OWNS, ownedWithin, type Ownership } from './ownership.js'
import { namesWanted, withholdForeign } from './withhold.js'

/** Ingresses without what they may not use of hosts that belong to others. */
export interface Owners {
  readonly ownership: Ownership
  /** By `namespace/name`, as they are served. */
  readonly declared: SortedMap<DeclaredIngress>
  /** By owned host: the Ingresses that want something of it. */
  readonly wanting: Relation<true>
}

interface Before extends Owners {
  readonly selected: SortedMap<DeclaredIngress>
}

export const NO_OWNERS: Owners = { ownership: NOBODY_OWNS, declared: SortedMap.empty(), wanting: SortedMap.empty() }

/** The Ingresses `selected`, after the hosts of owners became `owned`; where nobody owns any, they are served as they are. */
export function keepToOwners(
  before: Before,
  selected: SortedMap<DeclaredIngress>,
  owned: ReadonlyMap<string, OwnedHost>,
  options: TranslateOptions,
): Owners {
  if (owned.size === 0) return { ...NO_OWNERS, declared: selected }
  const isOther = owned !== before.ownership.owned
  const from = isOther ? SortedMap.empty<DeclaredIngress>() : before.selected
  const changes = differences(from, selected)
  const lent = changeLent(
    isOther ? SortedMap.empty() : before.ownership.lent,
    changes.flatMap(({ key, before: old, after }) => [
      ...(old === undefined ? [] : [{ ingress: key, hosts: hostsOf(old), to: [] }]),
      ...(after === undefined ? [] : [{ ingress: key, hosts: hostsOf(after), to: delegatesOf(after) }]),
    ]),
  )
  const isSame = !isOther && isSameLending(before.ownership.lent, lent)
  const ownership = isSame ? before.ownership : createOwnership(owned, lent)
  const wanting = findWanting(isOther ? SortedMap.empty() : before.wanting, changes, owned)
  const stale = new Set(changes.map(({ key }) => key))
  if (isOther) for (const key of before.declared.keys()) stale.add(key)
  else if (!isSame)
    for (const { key } of differences(before.ownership.lent, lent))
      for (const { host } of ownedWithin(owned, key))
        for (const ingress of wanting.get(host)?.keys() ?? []) stale.add(ingress)
  const declared = before.declared.with(
    [...stale].map((key) => {
      const one = selected.get(key)
      return [key, one && withholdForeign(one, ownership, options, before.declared.get(key))] as const
    }),
  )
  return { ownership, declared, wanting }
}

/** Another list with the same names lends nothing else. */
function isSameLending(before: Ownership['lent'], after: Ownership['lent']): boolean {
  return differences(before, after).every(({ before: old, after: now }) => {
    const [a, b] = [old, now].map((lenders) => JSON.stringify([...(lenders ?? [])]))
    return a === b
  })
}

function hostsOf({ rules }: DeclaredIngress): readonly string[] {
  return rules.map(({ host }) => host)
}

function delegatesOf({ features }: DeclaredIngress): readonly string[] {
  return features.names?.delegates ?? []
}

function findWanting(
  wanting: Relation<true>,
  changes: ReturnType<typeof differences<DeclaredIngress>>,
  owned: ReadonlyMap<string, OwnedHost>,
): Relation<true> {
  const found = createRelationChanges<true>()
  const ownedBy = (one: DeclaredIngress | undefined): readonly string[] =>
    one === undefined ? [] : namesWanted(one).flatMap((name) => findOwned(owned, name)?.host ?? [])
  for (const { key, before, after } of changes) {
    for (const host of ownedBy(before)) found.drop(host, key)
    for (const host of ownedBy(after)) found.put(host, key, true)
  }
  return found.applyTo(wanting)
}
