import { type Change, SortedMap } from './sorted-map.js'

/** Pairs of names with a value each, found by the first name: the users of an upstream, the hosts of a Secret. */
export type Relation<V> = SortedMap<SortedMap<V>>

/** Changes of a relation, collected before they are made: the last for a pair counts. */
export interface RelationChanges<V> {
  put(from: string, to: string, value: V): void
  drop(from: string, to: string): void
  /** `relation` with the changes; a name without pairs is not in it. */
  applyTo(relation: Relation<V>): Relation<V>
}

export function createRelationChanges<V>(): RelationChanges<V> {
  const changes = new Map<string, Change<V>[]>()
  const note = (from: string, change: Change<V>): void => {
    const known = changes.get(from)
    if (known === undefined) changes.set(from, [change])
    else known.push(change)
  }
  return {
    put: (from, to, value) => note(from, [to, value]),
    drop: (from, to) => note(from, [to, undefined]),
    applyTo: (relation) =>
      relation.with(
        [...changes].map(([from, list]): Change<SortedMap<V>> => {
          const pairs = (relation.get(from) ?? SortedMap.empty<V>()).with(list)
          return [from, pairs.size === 0 ? undefined : pairs]
        }),
      ),
  }
}
