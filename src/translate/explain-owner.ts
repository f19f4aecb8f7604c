import { DEFAULT_HOST } from '../model/keys.js'
import { wildcardParent } from '../model/host.js'
import type { DeclaredIngress } from './ingress.js'
import type { Owners } from './keep-to-owners.js'
import { findOwned } from './ownership.js'
import { type Declared, declaredAt } from './reference.js'

export interface OwnerExplanation {
  /** As the main ConfigMap has it. */
  readonly host: string
  readonly owners: readonly string[]
  /** What others have for the name, for the wildcard above it or for all names, and is not served. */
  readonly withheld: readonly Declared[]
}

/** Whom a name belongs to, as a request has it; undefined: to nobody. */
export function explainOwner({ ownership, wanting, declared }: Owners, name: string): OwnerExplanation | undefined {
  const found = findOwned(ownership.owned, name)
  if (found === undefined) return undefined
  const parent = wildcardParent(name)
  const names = [name, DEFAULT_HOST, ...(parent === undefined ? [] : [`*.${parent}`])]
  const ingresses = [...(wanting.get(found.host)?.keys() ?? [])].flatMap((key) => declared.get(key) ?? [])
  return { ...found, withheld: ingresses.flatMap((one) => withheldOf(one, names)) }
}

function withheldOf({ withheld, ingress }: DeclaredIngress, names: readonly string[]): readonly Declared[] {
  const lost = withheld?.names.filter(({ name }) => names.includes(name)) ?? []
  return lost.map(({ field }) => declaredAt({ ingress, field }))
}
