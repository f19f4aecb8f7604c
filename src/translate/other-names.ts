import { differences } from '../collections/differences.js'
import type { Change, SortedMap } from '../collections/sorted-map.js'
import { DEFAULT_HOST } from '../model/keys.js'
import type { AliasPattern, HostNames } from '../features/declare.js'
import { changeInOrder } from './age.js'
import type { Groups } from './groups.js'
import type { DeclaredIngress } from './ingress.js'

/** A name that leads to a host: as one more name of it (ALI-1), all that match patterns of it, or by a redirect (RED-6). */
export interface OtherName {
  readonly host: string
  readonly how: 'alias' | 'pattern' | 'redirect'
}

/** A host asks for a name. */
type Claim = {
  readonly host: string
  readonly name: string
  readonly declared: DeclaredIngress
} & ({ readonly how: 'alias' | 'redirect' } | { readonly how: 'pattern'; readonly patterns: readonly AliasPattern[] })

export interface OtherNames {
  /** What a host asks for; those that ask for something only. */
  readonly nameClaims: SortedMap<readonly Claim[]>
  /** By name; no name is also a host (ALI-4, RED-7). */
  readonly otherNames: SortedMap<OtherName>
}

/** The names after the hosts of Ingresses became `groups`. */
export function findOtherNames(before: OtherNames & { readonly groups: Groups }, groups: Groups): OtherNames {
  const hosts = differences(before.groups, groups)
  const nameClaims = before.nameClaims.with(hosts.map(({ key }) => [key, claimsOf(key, groups)]))
  const { otherNames } = before
  if (nameClaims.size === 0 && otherNames.size === 0) return { nameClaims, otherNames }
  // Hosts come and go: any of them may be a name that another one asks for.
  const isSame =
    nameClaims === before.nameClaims &&
    hosts.every(({ before: old, after }) => (old === undefined) === (after === undefined))
  if (isSame) return { nameClaims, otherNames }
  return { nameClaims, otherNames: otherNames.with(changes(otherNames, nameClaims, groups)) }
}

/** ALI-3, ORD-3: the oldest Ingress of the host that has aliases; any may ask for the redirect. */
function claimsOf(host: string, groups: Groups): readonly Claim[] | undefined {
  const group = groups.get(host) ?? []
  const naming = group.find(({ declared: { features } }) => hasAliases(features.names))?.declared
  const { aliases = [], patterns = [] } = naming?.features.names ?? {}
  const other = otherOf(host)
  const redirecting =
    other === undefined ? undefined : group.find(({ declared }) => redirects(declared, other))?.declared
  const claims: Claim[] = [
    ...(naming === undefined ? [] : aliases.map((name) => ({ name, host, how: 'alias' as const, declared: naming }))),
    ...(naming === undefined || patterns.length === 0
      ? []
      : [{ name: patternName(host), host, how: 'pattern' as const, declared: naming, patterns }]),
    ...(redirecting === undefined || other === undefined
      ? []
      : [{ name: other, host, how: 'redirect' as const, declared: redirecting }]),
  ]
  return claims.length === 0 ? undefined : claims
}

function redirects({ features: { names } }: DeclaredIngress, name: string): boolean {
  return names?.wwwRedirect === true && names.notRedirected?.includes(name) !== true
}

function hasAliases(names: HostNames | undefined): boolean {
  return names?.aliases !== undefined || names?.patterns !== undefined
}

/** What stands for all names that match patterns of a host; no host begins so. */
function patternName(host: string): string {
  return `~${host}`
}

/** RED-6. */
export function otherOf(host: string): string | undefined {
  if (host === DEFAULT_HOST || host.startsWith('*')) return undefined
  return host.startsWith('www.') ? host.slice(4) : `www.${host}`
}

/** Of several that ask for a name an alias goes before a redirect, then the older Ingress, then the lower host. */
function changes(
  before: SortedMap<OtherName>,
  claims: SortedMap<readonly Claim[]>,
  groups: Groups,
): readonly Change<OtherName>[] {
  const found = new Map<string, OtherName>()
  const inAge = changeInOrder([], new Set(), [...claims.values()].flat())
  for (const how of ['alias', 'pattern', 'redirect'] as const) {
    for (const claim of inAge) {
      if (claim.how !== how || groups.has(claim.name) || found.has(claim.name)) continue
      const known = before.get(claim.name)
      const isSame = known?.host === claim.host && known.how === how
      found.set(claim.name, isSame ? known : { host: claim.host, how })
    }
  }
  return [...[...before.keys()].map((name): Change<OtherName> => [name, found.get(name)]), ...found]
}
