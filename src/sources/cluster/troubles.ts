import type { Permission } from '../../kubernetes/permission.js'
import { printRule } from '../../kubernetes/permission.js'
import type { ReflectorState } from '../../kubernetes/reflector-state.js'
import { resourceName } from '../../kubernetes/resource.js'
import { createProblem } from '../../problems/create.js'
import type { Problem } from '../../problems/problem.js'
import type { FetchFailure } from './secret-reader.js'
import type { Track } from './track.js'

export interface Troubles {
  readonly server: string
  readonly tracks: readonly Track[]
  readonly secretFailures: readonly FetchFailure[]
  /** By `Clock.now`. */
  readonly now: number
}

/** What was read once may fail for so long before it is worth a word: a watch is resumed many times a day. */
export const GRACE_MILLISECONDS = 5_000

type Failing = Track & { readonly state: Extract<ReflectorState, { kind: 'failing' }> }

/** What keeps a source from being up to date, in few problems: one for the API server, one for each missing rule. */
export function describeTroubles({ server, tracks, secretFailures, now }: Troubles): readonly Problem[] {
  const failing = tracks.filter(isFailing).filter((track) => isWorthAWord(track, now))
  const others = failing.filter(({ state }) => state.cause.kind !== 'forbidden')
  return [
    ...(others.length === 0 ? [] : [unreachable(server, others)]),
    ...forbidden(failing),
    ...secretFailures.map(({ key, status, message }) => unreadableSecret(server, key, status, message)),
  ]
}

function isFailing(track: Track): track is Failing {
  return track.state.kind === 'failing'
}

function isWorthAWord({ synced, state }: Failing, now: number): boolean {
  return !synced || state.cause.kind === 'forbidden' || now - state.at >= GRACE_MILLISECONDS
}

function unreachable(server: string, tracks: readonly Failing[]): Problem {
  const [first] = [...tracks].sort((a, b) => a.state.at - b.state.at)
  const since = new Date(first?.state.since ?? 0).toISOString()
  const message = first?.state.cause.message ?? ''
  const names = [...new Set(tracks.map(({ resource }) => resourceName(resource)))].sort().join(', ')
  return createProblem(
    'source/unreachable',
    { kind: 'APIServer', namespace: '', name: server },
    '',
    `No success since ${since} with ${names}: ${message}. What was read before stays in force; it is tried again.`,
  )
}

function forbidden(tracks: readonly Failing[]): readonly Problem[] {
  const byPlace = new Map<string, { readonly kind: string; readonly permission: Permission; readonly said: string }>()
  for (const { kind, state } of tracks) {
    if (state.cause.kind !== 'forbidden') continue
    const { permission, message } = state.cause
    const place = `${kind}/${permission.namespace}`
    const known = byPlace.get(place)
    // Secrets that are read one by one need one rule together.
    const names = [...(known?.permission.names ?? []), ...permission.names].sort()
    byPlace.set(place, { kind, permission: { ...permission, names }, said: known?.said ?? message })
  }
  return [...byPlace.values()].map(({ kind, permission, said }) => missing(kind, permission, said))
}

function missing(kind: string, permission: Permission, said: string): Problem {
  const about = {
    kind,
    namespace: permission.namespace,
    name: permission.names.length === 1 ? (permission.names[0] ?? '*') : '*',
  }
  const role = permission.namespace === '' ? 'a ClusterRole' : `a Role in namespace ${permission.namespace}`
  const rule = `Add to ${role} of the service account: ${printRule(permission)}`
  if (kind === 'IngressClass') {
    const message = `IngressClasses may not be read (${said}): spec.ingressClassName is not evaluated, only the annotation kubernetes.io/ingress.class. ${rule}`
    return createProblem('source/classes-unreadable', about, '', message)
  }
  const message = `It may not be read (${said}). What was read before stays in force; it is tried again. ${rule}`
  return createProblem('source/permission-missing', about, '', message)
}

function unreadableSecret(server: string, key: string, status: number, said: string): Problem {
  const [namespace = '', name = ''] = key.split('/')
  const about = { kind: 'Secret', namespace, name }
  if (status === 403)
    return missing('Secret', { verbs: ['list'], group: '', plural: 'secrets', namespace, names: [name] }, said)
  const message = `${server} did not give it: ${said}. What was read before stays in force; it is tried again.`
  return createProblem('source/unreachable', about, '', message)
}
