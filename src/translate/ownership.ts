import type { OwnedHost } from '../configmap/host-owners.js'
import { type Relation, createRelationChanges } from '../collections/relation.js'
import { SortedMap } from '../collections/sorted-map.js'
import { DEFAULT_HOST } from '../model/keys.js'

/** Who may use which host; the same object while nobody gains or loses anything (docs/design/host-ownership.md). */
export interface Ownership {
  /** By host, as the main ConfigMap has them; empty: everybody may use every host. */
  readonly owned: ReadonlyMap<string, OwnedHost>
  /** By host of a rule and Ingress (`namespace/name`) that lends it: to which namespaces. */
  readonly lent: Relation<readonly string[]>
  /** Namespaces that own a host, or have been lent one. */
  readonly holders: ReadonlySet<string>
}

export const NOBODY_OWNS: Ownership = { owned: new Map(), lent: SortedMap.empty(), holders: new Set() }

export function createOwnership(owned: Ownership['owned'], lent: Ownership['lent']): Ownership {
  const holders = new Set([...owned.values()].flatMap(({ owners }) => owners))
  for (const [host, lenders] of lent) {
    const owners = ownedWithin(owned, host).flatMap((one) => one.owners)
    for (const [ingress, to] of lenders)
      if (owners.includes(namespaceOf(ingress))) for (const namespace of to) holders.add(namespace)
  }
  return { owned, lent, holders }
}

/**
 * What says whom a name belongs to: the line for the name itself, else for the nearest wildcard above it at any depth, else
 * that for `*`. `name` is a host of the table: `shop.example.com`, `*.example.com`, or `_`, which only `*` covers.
 */
export function findOwned(owned: Ownership['owned'], name: string): OwnedHost | undefined {
  if (owned.size === 0) return undefined
  for (const one of [name, ...wildcardsAbove(name)]) {
    const found = owned.get(one)
    if (found !== undefined) return found
  }
  return owned.get('*')
}

/** Everything owned that a host of a rule is, or is part of, or has below it. */
export function ownedWithin(owned: Ownership['owned'], host: string): readonly OwnedHost[] {
  const found = findOwned(owned, host)
  const below = host.startsWith('*.') ? [...owned.values()].filter((one) => one.host.endsWith(host.slice(1))) : []
  return [...below.filter((one) => one !== found), ...(found === undefined ? [] : [found])]
}

/** Whether Ingresses of a namespace may use a name: nobody owns it, they are the owner's, or an owner lent it to them. */
export function mayUse({ owned, lent }: Ownership, namespace: string, name: string): boolean {
  const found = findOwned(owned, name)
  if (found === undefined || found.owners.includes(namespace)) return true
  return [name, ...wildcardsAbove(name)].some((host) =>
    [...(lent.get(host) ?? [])].some(
      ([ingress, to]) => found.owners.includes(namespaceOf(ingress)) && to.includes(namespace),
    ),
  )
}

/** Changes of what Ingresses lend. What nobody declares is not lent: that would be all hosts at once. */
export function changeLent(
  lent: Ownership['lent'],
  changes: readonly { readonly ingress: string; readonly hosts: readonly string[]; readonly to: readonly string[] }[],
): Ownership['lent'] {
  const found = createRelationChanges<readonly string[]>()
  for (const { ingress, hosts, to } of changes)
    for (const host of hosts) {
      if (host === DEFAULT_HOST) continue
      if (to.length === 0) found.drop(host, ingress)
      else found.put(host, ingress, to)
    }
  return found.applyTo(lent)
}

function namespaceOf(ingress: string): string {
  return ingress.slice(0, ingress.indexOf('/'))
}

/** From the nearest on. */
function wildcardsAbove(name: string): readonly string[] {
  if (name === DEFAULT_HOST) return []
  const labels = (name.startsWith('*.') ? name.slice(2) : name).split('.')
  return labels.slice(1).map((_, at) => `*.${labels.slice(at + 1).join('.')}`)
}
