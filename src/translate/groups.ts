import type { Difference } from '../collections/differences.js'
import type { SortedMap } from '../collections/sorted-map.js'
import { DEFAULT_HOST } from '../model/keys.js'
import { changeInOrder } from './age.js'
import type { Contribution } from './host.js'
import type { DeclaredIngress } from './ingress.js'

/** The rules for each host, oldest Ingress first (ORD-1, HOST-1). The default server is there without rules, too. */
export type Groups = SortedMap<readonly Contribution[]>

/** The groups after Ingresses changed. A host whose rules did not change keeps its list. */
export function groupByHost(groups: Groups, changes: readonly Difference<DeclaredIngress>[]): Groups {
  const rulesOf = (declared: DeclaredIngress): readonly HostMember<Contribution>[] =>
    declared.rules.map((rule) => ({ host: rule.host, member: { declared, rule } }))
  const changed = changeGroups(groups, changes, rulesOf)
  return changed.has(DEFAULT_HOST) ? changed : changed.with([[DEFAULT_HOST, []]])
}

/** Something that an Ingress has for a host. */
export interface HostMember<T> {
  readonly host: string
  readonly member: T
}

/** Lists by host, oldest Ingress first, after Ingresses changed; `membersOf` an Ingress is always the same. */
export function changeGroups<T extends { readonly declared: DeclaredIngress }>(
  groups: SortedMap<readonly T[]>,
  changes: readonly Difference<DeclaredIngress>[],
  membersOf: (declared: DeclaredIngress) => readonly HostMember<T>[],
): SortedMap<readonly T[]> {
  const touched = new Map<string, { readonly left: Set<DeclaredIngress>; readonly joined: T[] }>()
  const movementOf = (host: string): { readonly left: Set<DeclaredIngress>; readonly joined: T[] } => {
    const known = touched.get(host) ?? { left: new Set(), joined: [] }
    touched.set(host, known)
    return known
  }
  for (const { before, after } of changes) {
    if (before !== undefined) for (const { host } of membersOf(before)) movementOf(host).left.add(before)
    if (after !== undefined) for (const { host, member } of membersOf(after)) movementOf(host).joined.push(member)
  }
  return groups.with(
    [...touched].map(([host, { left, joined }]) => {
      const moved = changeInOrder(groups.get(host) ?? [], left, joined)
      return [host, moved.length === 0 ? undefined : moved] as const
    }),
  )
}

/** An Ingress whose default backend answers for the default server (DEF-2). */
export interface CatchAll {
  readonly declared: DeclaredIngress
}

/** The Ingresses with a default backend and no rules, oldest first: the first counts (DEF-2). */
export function collectCatchAlls(
  catchAlls: readonly CatchAll[],
  changes: readonly Difference<DeclaredIngress>[],
): readonly CatchAll[] {
  const left = new Set(changes.flatMap(({ before }) => (before?.catchAll === true ? [before] : [])))
  const joined = changes.flatMap(({ after }) => (after?.catchAll === true ? [{ declared: after }] : []))
  return left.size === 0 && joined.length === 0 ? catchAlls : changeInOrder(catchAlls, left, joined)
}
