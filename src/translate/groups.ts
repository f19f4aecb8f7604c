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
  const touched = new Map<string, Movement>([[DEFAULT_HOST, { left: new Set(), joined: [] }]])
  const movementOf = (host: string): Movement => {
    const known = touched.get(host)
    if (known !== undefined) return known
    const movement: Movement = { left: new Set(), joined: [] }
    touched.set(host, movement)
    return movement
  }
  for (const { before, after } of changes) {
    if (before !== undefined) for (const { host } of before.rules) movementOf(host).left.add(before)
    if (after !== undefined)
      for (const rule of after.rules) movementOf(rule.host).joined.push({ declared: after, rule })
  }
  return groups.with([...touched].map(([host, movement]) => [host, move(host, groups.get(host), movement)] as const))
}

interface Movement {
  readonly left: Set<DeclaredIngress>
  readonly joined: Contribution[]
}

function move(
  host: string,
  group: readonly Contribution[] | undefined,
  { left, joined }: Movement,
): readonly Contribution[] | undefined {
  if (group !== undefined && left.size === 0 && joined.length === 0) return group
  const moved = changeInOrder(group ?? [], left, joined)
  return moved.length === 0 && host !== DEFAULT_HOST ? undefined : moved
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
