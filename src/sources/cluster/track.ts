import type { KubernetesClient } from '../../kubernetes/client.js'
import type { Clock } from '../../kubernetes/clock.js'
import { createReflector, type ReflectorTimes } from '../../kubernetes/reflector.js'
import type { ReflectorState } from '../../kubernetes/reflector-state.js'
import type { Resource } from '../../kubernetes/resource.js'

/** A reflector, and how far it is. */
export interface Track {
  /** The kind that it reads, as in manifests. */
  readonly kind: string
  readonly resource: Resource
  /** Everything has been read once. */
  readonly synced: boolean
  readonly state: ReflectorState
  /**
   * It was never read and may not be: the API server has said so for a while. One that has just started refuses what it will
   * allow a moment later, because it has not read its roles yet.
   */
  readonly denied: boolean
  start(): void
  stop(): Promise<void>
}

/** What all reflectors of a source share. */
export interface TrackSurroundings {
  readonly client: KubernetesClient
  readonly clock: Clock
  readonly times: Partial<ReflectorTimes>
  /** For how long something must be refused before that is taken for the last word. */
  readonly denialMilliseconds: number
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
  const { client, clock, times, denialMilliseconds, changed, warn } = surroundings
  const { kind, resource, content = 'whole', project } = parts
  let synced = false
  let denied = false
  let cancelDenial: (() => void) | undefined
  const stopDenial = (): void => {
    cancelDenial?.()
    cancelDenial = undefined
    denied = false
  }
  const deny = (): void => {
    cancelDenial ??= clock.after(denialMilliseconds, () => {
      denied = true
      changed()
    })
  }
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
        stopDenial()
        changed()
      },
      onState(state) {
        if (!synced && isForbidden(state)) deny()
        else stopDenial()
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
      return denied
    },
    start: () => reflector.start(),
    stop() {
      stopDenial()
      return reflector.stop()
    },
  }
}

/** Whether a track has nothing more to wait for: it was read once, or we may not read it. */
export function isSettled({ synced, denied }: Track): boolean {
  return synced || denied
}

export function isForbidden(state: ReflectorState): boolean {
  return state.kind === 'failing' && state.cause.kind === 'forbidden'
}
