import { configMap, secret } from './tracks.js'
import { createTrack, isSettled, type Track, type TrackSurroundings } from './track.js'

/** Objects of one kind that are read because somebody names them. */
export interface NamedObjects {
  readonly tracks: readonly Track[]
  /** Each was read once, or may not be read. */
  settled(): boolean
  start(): void
  /** An object is needed from now on, or not any more; `key` is `namespace/name`. */
  change(key: string, needed: 'needed' | 'not-needed'): void
  stop(): Promise<void>
}

/** The same, each with a watch of its own. */
export interface WatchedObjects extends NamedObjects {
  /** It was read once, or found absent. */
  readonly isRead: (key: string) => boolean
}

export interface NamedParts extends TrackSurroundings {
  /** '' is every namespace. */
  readonly namespace: string
  readonly needed: () => Iterable<string>
  onObject(raw: unknown): void
  onGone(namespace: string, name: string): void
}

const resources = { ConfigMap: configMap, Secret: secret } as const

/** A watch for each needed object: what a rule with resourceNames allows. Each is a connection of its own. */
export function createNamedObjects(kind: keyof typeof resources, parts: NamedParts): WatchedObjects {
  const tracks = new Map<string, Track>()
  const leaving = new Set<Promise<void>>()

  const open = (key: string): void => {
    const [namespace = ''] = key.split('/')
    if (tracks.has(key) || (parts.namespace !== '' && parts.namespace !== namespace)) return
    const track = createTrack<unknown>(parts, {
      kind,
      resource: resources[kind](key),
      project: (raw) => raw,
      onSet: (raw) => parts.onObject(raw),
      onDelete: parts.onGone,
    })
    tracks.set(key, track)
    track.start()
  }

  const close = (key: string): void => {
    const track = tracks.get(key)
    if (track === undefined) return
    tracks.delete(key)
    const left = track.stop().finally(() => leaving.delete(left))
    leaving.add(left)
  }

  return {
    get tracks() {
      return [...tracks.values()]
    },
    settled: () => [...tracks.values()].every(isSettled),
    isRead: (key) => tracks.get(key)?.synced ?? false,
    start() {
      for (const key of parts.needed()) open(key)
    },
    change: (key, needed) => (needed === 'needed' ? open(key) : close(key)),
    async stop() {
      for (const key of tracks.keys()) close(key)
      await Promise.all(leaving)
    },
  }
}
