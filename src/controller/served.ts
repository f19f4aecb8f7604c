import { differences } from '../collections/differences.js'
import { SortedMap } from '../collections/sorted-map.js'
import type { Ingress } from '../snapshot/objects.js'
import type { Translation } from '../translate/translate.js'

/** The Ingresses that are served, by `namespace/name`. */
export type ServedIngresses = SortedMap<Ingress>

/** Gives those of one translation after another; what both serve costs nothing, and the same ones are the same map. */
export function createServed(): (translation: Pick<Translation, 'declared'>) => ServedIngresses {
  let from: Translation['declared'] = SortedMap.empty()
  let served: ServedIngresses = SortedMap.empty()
  return ({ declared }) => {
    served = served.with(differences(from, declared).map(({ key, after }) => [key, after?.ingress]))
    from = declared
    return served
  }
}
