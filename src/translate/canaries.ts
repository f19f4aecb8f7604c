import { type Difference, differences } from '../collections/differences.js'
import { createRelationChanges, type Relation } from '../collections/relation.js'
import type { Change, SortedMap } from '../collections/sorted-map.js'
import type { SplitSettings } from '../model/features.js'
import { describeObject, type Problem } from '../problems/problem.js'
import { byAge } from './age.js'
import { type CanaryMember, type Claim, claimMains, type HostClaims } from './claims.js'
import { changeGroups } from './groups.js'
import type { HostCell } from './host.js'
import type { DeclaredIngress } from './ingress.js'
import type { Ownership } from './ownership.js'
import { problemOf, referenceOf } from './reference.js'

/** The canaries and what they come to; a map for each step. */
export interface Canaries {
  /** By host, oldest canary first. */
  readonly canaryGroups: SortedMap<readonly CanaryMember[]>
  /** By host: which main upstreams its canaries want to stand beside. */
  readonly claims: SortedMap<HostClaims>
  /** By main upstream and place of the canary. */
  readonly claimants: Relation<Claim>
  /** By main upstream: its canary (CAN-5). */
  readonly canaries: SortedMap<Canary>
  /** By upstream of a canary and main upstream. The first lives while it has a main one or users of its own. */
  readonly alternatives: Relation<Claim>
}

/** The one canary of a main upstream, and what is to be said to those that came later. */
export interface Canary {
  readonly claim: Claim
  readonly split: SplitSettings
  readonly problems: readonly Problem[]
}

/** The canaries after Ingresses changed, and after that the hosts. */
export function translateCanaries(
  before: Canaries & { readonly hosts: SortedMap<HostCell>; readonly ownership: Ownership },
  changes: readonly Difference<DeclaredIngress>[],
  hosts: SortedMap<HostCell>,
  ownership: Ownership,
): Canaries {
  const canaryGroups = changeGroups(before.canaryGroups, changes, (declared) =>
    (declared.canary?.places ?? []).map((place) => ({ host: place.host, member: { declared, place } })),
  )
  const stale = new Set(differences(before.canaryGroups, canaryGroups).map(({ key }) => key))
  if (canaryGroups.size > 0)
    for (const { key } of differences(before.hosts, hosts)) if (canaryGroups.has(key)) stale.add(key)
  if (before.ownership !== ownership) for (const key of canaryGroups.keys()) stale.add(key)
  const claims = before.claims.with(
    [...stale].map((host): Change<HostClaims> => {
      const members = canaryGroups.get(host)
      return [host, members === undefined ? undefined : claimMains(members, hosts.get(host), ownership)]
    }),
  )
  const claimants = findClaimants(before.claimants, differences(before.claims, claims))
  const canaries = before.canaries.with(
    differences(before.claimants, claimants).map(({ key, after }): Change<Canary> => [key, chooseCanary(after)]),
  )
  const alternatives = findAlternatives(before.alternatives, differences(before.canaries, canaries))
  return { canaryGroups, claims, claimants, canaries, alternatives }
}

function findClaimants(claimants: Relation<Claim>, changes: readonly Difference<HostClaims>[]): Relation<Claim> {
  const found = createRelationChanges<Claim>()
  for (const { before, after } of changes) {
    for (const claim of before?.claims ?? []) found.drop(claim.main, placeOf(claim))
    for (const claim of after?.claims ?? []) found.put(claim.main, placeOf(claim), claim)
  }
  return found.applyTo(claimants)
}

/** A catch-all stands beside several mains, but beside each of them once. */
function placeOf({ declared: { ingress }, field, host }: Claim): string {
  return `${ingress.namespace}/${ingress.name} ${host} ${field}`
}

/** CAN-5: the first place of the oldest canary; others that want the same from the same Ingress lose nothing. */
function chooseCanary(claims: ReadonlyMap<string, Claim> | undefined): Canary | undefined {
  const [claim, ...others] = [...(claims?.values() ?? [])].sort(
    (a, b) => byAge(a.declared.ingress, b.declared.ingress) || a.order - b.order,
  )
  if (claim === undefined) return undefined
  const lost = others.filter(
    ({ declared, backend }) => declared !== claim.declared || backend.key !== claim.backend.key,
  )
  const rules = claim.declared.canary?.split ?? { rules: [] }
  return {
    claim,
    split: { upstream: claim.backend.key, ...rules },
    problems: lost.map((other) => secondProblem(other, claim)),
  }
}

function secondProblem({ declared, field, main }: Claim, winner: Claim): Problem {
  const first = describeObject(referenceOf(winner.declared.ingress))
  const message = `${first} (${winner.field}) is the canary of the Service port ${main} already, and one upstream has one canary. This one is not used.`
  return problemOf('canary/second', declared.ingress, field, message)
}

function findAlternatives(alternatives: Relation<Claim>, changes: readonly Difference<Canary>[]): Relation<Claim> {
  const found = createRelationChanges<Claim>()
  for (const { key, before, after } of changes) {
    if (before !== undefined) found.drop(before.claim.backend.key, key)
    if (after !== undefined) found.put(after.claim.backend.key, key, after.claim)
  }
  return found.applyTo(alternatives)
}
