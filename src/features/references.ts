import type { Ingress } from '../snapshot/objects.js'
import type { Reference } from './declare.js'
import { families } from './index.js'

/** The objects of a kind that the annotations of an Ingress name, as `namespace/name`; what names nothing is left out. */
export function referencesOf(kind: Reference['kind'], { annotations, namespace }: Ingress, prefix: string): string[] {
  return referring.flatMap(({ name, reference }) => {
    const text = annotations[`${prefix}/${name}`]?.trim()
    const key = reference.kind !== kind || text === undefined ? undefined : reference.keyOf(text, namespace)
    return key === undefined ? [] : [key]
  })
}

/** Annotations that name objects; an alias names the same. */
const referring = families.flatMap(({ annotations }) =>
  Object.entries(annotations).flatMap(([name, { alias, refersTo }]) =>
    refersTo === undefined
      ? []
      : (alias === undefined ? [name] : [name, alias]).map((one) => ({ name: one, reference: refersTo })),
  ),
)
