import type { Reference } from '../features/declare.js'
import type { ConfigMap } from '../snapshot/objects.js'
import { keys } from './index.js'

/** The objects of a kind that the main ConfigMap names, as `namespace/name`; what names nothing is left out. */
export function referencesOfKeys(kind: Reference['kind'], { data, namespace }: ConfigMap): readonly string[] {
  return Object.entries(keys).flatMap(([name, declared]) => {
    const text = data[name]?.trim()
    if (text === undefined || !('refersTo' in declared) || declared.refersTo?.kind !== kind) return []
    return declared.refersTo.keyOf(text, namespace) ?? []
  })
}
