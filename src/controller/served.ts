import type { Ingress } from '../snapshot/objects.js'
import type { Translation } from '../translate/translate.js'

const lists = new WeakMap<Translation['declared'], readonly Ingress[]>()

/** The Ingresses that a translation serves; the same array while they are the same. */
export function servedIngresses({ declared }: Translation): readonly Ingress[] {
  const known = lists.get(declared)
  if (known !== undefined) return known
  const made = [...declared.values()].map(({ ingress }) => ingress)
  lists.set(declared, made)
  return made
}
