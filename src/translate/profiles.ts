import type { Difference } from '../collections/differences.js'
import { createRelationChanges, type Relation } from '../collections/relation.js'
import { SortedMap } from '../collections/sorted-map.js'
import { commonNeeds } from '../features/common.js'
import type { Defaults } from '../features/defaults.js'
import { createProfile, type Profile } from '../nginx/profile.js'
import { digestOf } from './digest.js'
import { changeInOrder } from './age.js'
import type { Contribution } from './host.js'
import type { DeclaredIngress } from './ingress.js'

/** Locations of the frame beyond which no further one is made: each costs memory in every worker. */
export const MOST_PROFILES = 256

/** Which Ingress needs which profile, and who cannot have it. */
export interface ProfileUse {
  /** By name of the profile and Ingress. */
  readonly profileUsers: Relation<DeclaredIngress>
  /** In every frame, so that their first use reloads nothing. */
  readonly commonProfiles: readonly Profile[]
  /** Whose values the common ones were made with. */
  readonly commonDefaults: Defaults
  readonly refusedProfiles: ReadonlyMap<string, string>
  /** Ingresses whose paths answer 503, with the reason. */
  readonly closed: SortedMap<string>
  /** What the frame shall have, in order of names: those that the table names, and the common ones. */
  readonly profiles: readonly Profile[]
}

type Wanted = Pick<ProfileUse, 'profileUsers' | 'commonProfiles' | 'refusedProfiles'>

/** The use of profiles after Ingresses changed, or NGINX refused one. */
export function useProfiles(
  before: ProfileUse,
  changes: readonly Difference<DeclaredIngress>[],
  hosts: readonly Difference<readonly Contribution[]>[],
  defaults: Defaults,
  refusedProfiles: ReadonlyMap<string, string>,
): ProfileUse {
  const profileUsers = findUsers(before.profileUsers, changes, hosts)
  const { commonProfiles, commonDefaults } = before
  const isCommon = commonDefaults === defaults
  const common = isCommon ? { commonProfiles, commonDefaults } : makeCommon(defaults)
  const isSame = isCommon && profileUsers === before.profileUsers && refusedProfiles === before.refusedProfiles
  const { closed, profiles } = before
  if (isSame) return { ...common, profileUsers, refusedProfiles, closed, profiles }
  const wanted = { profileUsers, commonProfiles: common.commonProfiles, refusedProfiles }
  const unusable = findUnusable(wanted)
  return {
    ...wanted,
    commonDefaults: defaults,
    closed: before.closed.with(closingChanges(before.closed, usersOf(unusable, profileUsers))),
    profiles: profilesInUse(wanted, unusable),
  }
}

/** Before the first Ingress. */
export function useNoProfiles(defaults: Defaults): ProfileUse {
  const wanted = {
    profileUsers: SortedMap.empty<SortedMap<DeclaredIngress>>(),
    refusedProfiles: new Map<string, string>(),
  }
  const common = makeCommon(defaults)
  const profiles = profilesInUse({ ...wanted, ...common }, wanted.refusedProfiles)
  return { ...wanted, ...common, closed: SortedMap.empty(), profiles }
}

/** What the frame shall have, in order of names. */
function profilesInUse(
  { profileUsers, commonProfiles }: Wanted,
  unusable: ReadonlyMap<string, string>,
): readonly Profile[] {
  const found = new Map<string, Profile>(commonProfiles.map((profile) => [profile.name, profile]))
  for (const users of profileUsers.values()) {
    const profile = users.values().next().value?.profile
    if (profile !== undefined) found.set(profile.name, profile)
  }
  return [...found.values()].filter(({ name }) => !unusable.has(name)).sort((a, b) => (a.name < b.name ? -1 : 1))
}

function makeCommon(defaults: Defaults): Pick<ProfileUse, 'commonProfiles' | 'commonDefaults'> {
  const commonProfiles = commonNeeds(defaults).map((directives) => createProfile(directives, digestOf))
  return { commonProfiles, commonDefaults: defaults }
}

function findUsers(
  users: Relation<DeclaredIngress>,
  changes: readonly Difference<DeclaredIngress>[],
  hosts: readonly Difference<readonly Contribution[]>[],
): Relation<DeclaredIngress> {
  const found = createRelationChanges<DeclaredIngress>()
  for (const { key, before, after } of changes) {
    if (before?.profile !== undefined) found.drop(before.profile.name, key)
    if (after?.profile !== undefined) found.put(after.profile.name, key, after)
  }
  // PSSL-5: with the TLS of a host they need another profile there.
  for (const { before, after } of hosts) {
    for (const { declared } of before ?? [])
      if (declared.profile !== undefined && declared.tlsOf !== undefined)
        found.drop(declared.profile.name, placeOf(declared))
    for (const { declared } of after ?? [])
      if (declared.profile !== undefined && declared.tlsOf !== undefined)
        found.put(declared.profile.name, placeOf(declared), declared)
  }
  return found.applyTo(users)
}

function placeOf({ ingress, tlsOf }: DeclaredIngress): string {
  return `${ingress.namespace}/${ingress.name} at ${tlsOf ?? ''}`
}

/** By name, why a profile cannot be had. */
function findUnusable(wanted: Wanted): ReadonlyMap<string, string> {
  const unusable = new Map<string, string>()
  for (const [name, reason] of wanted.refusedProfiles) {
    unusable.set(
      name,
      `NGINX refuses what the annotations of this Ingress come to together: ${reason} Its paths answer 503.`,
    )
  }
  for (const name of tooMany(wanted)) {
    const message = `The annotations of this Ingress need settings that NGINX reads only from its file and that no older Ingress has, and there are ${MOST_PROFILES} such sets already. Use the values of others, or the defaults. Its paths answer 503.`
    unusable.set(name, message)
  }
  return unusable
}

/** By Ingress, the reasons of their profiles. */
function usersOf(
  profiles: ReadonlyMap<string, string>,
  users: ProfileUse['profileUsers'],
): ReadonlyMap<string, string> {
  const closed = new Map<string, string>()
  for (const [name, reason] of profiles)
    for (const { ingress } of users.get(name)?.values() ?? [])
      closed.set(`${ingress.namespace}/${ingress.name}`, reason)
  return closed
}

/** The profiles whose first user is younger than those of all that there is room for. */
function tooMany({ profileUsers, commonProfiles, refusedProfiles }: Wanted): readonly string[] {
  const always = new Set<string>(commonProfiles.map(({ name }) => name))
  const room = MOST_PROFILES - always.size
  const own = [...profileUsers].filter(([name]) => !always.has(name) && !refusedProfiles.has(name))
  if (own.length <= room) return []
  const oldest = own.flatMap(([name, users]) =>
    inOrder([...users.values()].map((declared) => ({ declared, name }))).slice(0, 1),
  )
  return inOrder(oldest)
    .slice(room)
    .map(({ name }) => name)
}

function inOrder<T extends { readonly declared: DeclaredIngress }>(list: readonly T[]): readonly T[] {
  return changeInOrder([], new Set(), list)
}

function closingChanges(
  before: SortedMap<string>,
  closed: ReadonlyMap<string, string>,
): readonly (readonly [string, string | undefined])[] {
  return [...[...before.keys()].map((key) => [key, undefined] as const), ...closed]
}
