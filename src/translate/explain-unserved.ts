import { wildcardParent } from '../model/host.js'
import type { Ingress } from '../snapshot/objects.js'
import { type Declared, declaredAt } from './reference.js'
import { judge } from './served-by-us.js'
import type { Translation } from './translate.js'

/** An Ingress that declares a host and is not served. */
export interface Unserved extends Declared {
  readonly why: string
}

/** Ingresses that have rules for a name, or for the wildcard above it, and are not ours; in order of their names. */
export function explainUnserved({ snapshot, options }: Translation, name: string): readonly Unserved[] {
  const parent = wildcardParent(name)
  const names = parent === undefined ? [name] : [name, `*.${parent}`]
  return [...snapshot.ingresses.values()].flatMap((ingress) => {
    const rule = ingress.rules.findIndex(({ host }) => names.includes(host.toLowerCase()))
    return rule === -1 ? [] : unservedAt(ingress, `spec.rules[${rule}].host`, judge(ingress, snapshot, options))
  })
}

function unservedAt(ingress: Ingress, field: string, verdict: ReturnType<typeof judge>): readonly Unserved[] {
  return verdict.isServed ? [] : [{ ...declaredAt({ ingress, field }), why: verdict.why }]
}
