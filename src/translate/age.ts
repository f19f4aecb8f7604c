import type { Ingress } from '../snapshot/objects.js'
import type { DeclaredIngress } from './ingress.js'

/**
 * ORD-1: oldest first; of the same age, descending `namespace/name`. Objects that do not say when they were created
 * count as youngest: in a cluster, one `kubectl apply` of a folder gives them all the same second too.
 */
export function byAge(a: Ingress, b: Ingress): number {
  const first = a.createdAt ?? Number.POSITIVE_INFINITY
  const second = b.createdAt ?? Number.POSITIVE_INFINITY
  if (first !== second) return first < second ? -1 : 1
  if (a.namespace !== b.namespace) return a.namespace > b.namespace ? -1 : 1
  if (a.name === b.name) return 0
  return a.name > b.name ? -1 : 1
}

/**
 * A list that is in order of age, without what comes from the Ingresses in `left` and with what `joined`. Entries of
 * one Ingress stay in the order in which they are given.
 */
export function changeInOrder<T extends { readonly declared: DeclaredIngress }>(
  list: readonly T[],
  left: ReadonlySet<DeclaredIngress>,
  joined: readonly T[],
): readonly T[] {
  const kept = left.size === 0 ? list : list.filter(({ declared }) => !left.has(declared))
  // A list that is nearly in order is sorted in about one look at each entry.
  return [...kept, ...joined].sort((a, b) => byAge(a.declared.ingress, b.declared.ingress))
}
