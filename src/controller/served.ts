import type { Ingress } from '../snapshot/objects.js'
import type { Translation } from '../translate/translate.js'

const lists = new WeakMap<Translation['rules'], readonly Ingress[]>()

/** The Ingresses that a translation serves; the same array while they are the same. */
export function servedIngresses({ rules }: Translation): readonly Ingress[] {
  const known = lists.get(rules)
  if (known !== undefined) return known
  const made = rules.declared.map(({ ingress }) => ingress)
  lists.set(rules, made)
  return made
}
