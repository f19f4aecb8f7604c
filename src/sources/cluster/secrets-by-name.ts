import type { SecretParts, SecretReader } from './secret-reader.js'
import { createTrack, isSettled, type Track } from './track.js'

/** A watch for each needed Secret: what a rule with resourceNames allows. Each is a connection of its own. */
export function createNamedSecrets(parts: SecretParts): SecretReader {
  const tracks = new Map<string, Track>()
  const leaving = new Set<Promise<void>>()

  const open = (key: string): void => {
    const [namespace = '', name = ''] = key.split('/')
    if (tracks.has(key) || (parts.namespace !== '' && parts.namespace !== namespace)) return
    const fieldSelector = `metadata.name=${name}`
    const track = createTrack<unknown>(parts, {
      kind: 'Secret',
      resource: { group: '', version: 'v1', plural: 'secrets', namespace, fieldSelector },
      project: (raw) => raw,
      onSet: (raw) => parts.onSecret(raw),
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
    failures: () => [],
    settled: () => [...tracks.values()].every(isSettled),
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
