import type { KubernetesClient } from '../../kubernetes/client.js'
import type { Clock } from '../../kubernetes/clock.js'
import { createReflector, type ReflectorTimes } from '../../kubernetes/reflector.js'
import type { ReflectorState } from '../../kubernetes/reflector-state.js'
import type { Resource } from '../../kubernetes/resource.js'
import { isLastWord, type Refused, refusedAgain, type RefusalRule } from './refused.js'

/** A reflector, and how far it is. */
export interface Track {
  /** The kind that it reads, as in manifests. */
  readonly kind: string
  readonly resource: Resource
  /** Everything has been read once. */
  readonly synced: boolean
  readonly state: ReflectorState
  /** It was never read and may not be: the API server has said so for the last time (`isLastWord`). */
  readonly denied: boolean
  start(): void
  stop(): Promise<void>
}

/** What all reflectors of a source share. */
export interface TrackSurroundings extends RefusalRule {
  readonly client: KubernetesClient
  readonly clock: Clock
  readonly times: Partial<ReflectorTimes>
  /** Objects or states changed. */
  changed(): void
  warn(message: string): void
}

export interface TrackParts<T> {
  readonly kind: string
  readonly resource: Resource
  readonly content?: 'whole' | 'metadata'
  readonly project: (raw: unknown) => T | undefined
  onSet(object: T, namespace: string, name: string): void
  onDelete(namespace: string, name: string): void
}

export function createTrack<T>(surroundings: TrackSurroundings, parts: TrackParts<T>): Track {
  const { client, clock, times, roles, changed, warn } = surroundings
  const { kind, resource, content = 'whole', project } = parts
  let synced = false
  let refused: Refused | undefined
  const reflector = createReflector<T>({
    client,
    resource,
    content,
    project,
    clock,
    times,
    handler: {
      onSet(object, namespace, name) {
        parts.onSet(object, namespace, name)
        changed()
      },
      onDelete(namespace, name) {
        parts.onDelete(namespace, name)
        changed()
      },
      onSynced() {
        synced = true
        refused = undefined
        roles.knownSince ??= clock.now()
        changed()
      },
      onState(state) {
        refused = !synced && isForbidden(state) ? refusedAgain(refused, clock.now()) : undefined
        changed()
      },
      onFault: (message) => warn(`${kind}: ${message}`),
    },
  })
  return {
    kind,
    resource,
    get synced() {
      return synced
    },
    get state() {
      return reflector.state
    },
    get denied() {
      return refused !== undefined && isLastWord(refused, surroundings)
    },
    start: () => reflector.start(),
    stop: () => reflector.stop(),
  }
}

/** Whether a track has nothing more to wait for: it was read once, or we may not read it. */
export function isSettled({ synced, denied }: Track): boolean {
  return synced || denied
}

export function isForbidden(state: ReflectorState): boolean {
  return state.kind === 'failing' && state.cause.kind === 'forbidden'
}
