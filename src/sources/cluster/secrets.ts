import type { SecretParts, SecretReader, SecretsMode } from './secret-reader.js'
import { createNamedObjects } from './objects-by-name.js'
import { createListedSecrets } from './secrets-by-list.js'
import { isForbidden } from './track.js'

/** Reads needed Secrets in the way that the mode says; those outside of the namespace, which only flags name, one by one. */
export function createSecretReader(mode: SecretsMode, parts: SecretParts): SecretReader {
  const { namespace, needed } = parts
  if (namespace === '') return createInMode(mode, parts)
  const isInside = (key: string): boolean => key.startsWith(`${namespace}/`)
  const inside = createInMode(mode, { ...parts, needed: () => [...needed()].filter(isInside) })
  const outside = createNamedSecrets({
    ...parts,
    namespace: '',
    needed: () => [...needed()].filter((key) => !isInside(key)),
  })
  return {
    get tracks() {
      return [...inside.tracks, ...outside.tracks]
    },
    failures: () => [...inside.failures(), ...outside.failures()],
    settled: () => inside.settled() && outside.settled(),
    start() {
      inside.start()
      outside.start()
    },
    change: (key, need) => (isInside(key) ? inside : outside).change(key, need),
    async stop() {
      await Promise.all([inside.stop(), outside.stop()])
    },
  }
}

function createInMode(mode: SecretsMode, parts: SecretParts): SecretReader {
  if (mode === 'named') return createNamedSecrets(parts)
  if (mode === 'all') return createListedSecrets(parts)
  return createAutomatic(parts)
}

function createNamedSecrets(parts: SecretParts): SecretReader {
  const named = createNamedObjects('Secret', parts)
  return Object.assign(named, { failures: () => [] })
}

/** Goes over to named Secrets while listing them is forbidden; what was read before stays in either case. */
function createAutomatic(parts: SecretParts): SecretReader {
  let named: SecretReader | undefined
  const leaving = new Set<Promise<void>>()
  const listed = createListedSecrets({
    ...parts,
    changed() {
      choose()
      parts.changed()
    },
  })

  const choose = (): void => {
    const forbidden = listed.tracks.some(({ state }) => isForbidden(state))
    if (forbidden && named === undefined) {
      named = createNamedSecrets(parts)
      named.start()
    } else if (named !== undefined && listed.tracks.every(({ state }) => state.kind === 'watching')) {
      const left = named.stop().finally(() => leaving.delete(left))
      leaving.add(left)
      named = undefined
    }
  }

  return {
    get tracks() {
      return (named ?? listed).tracks
    },
    failures: () => (named ?? listed).failures(),
    settled: () => (named ?? listed).settled(),
    start: () => listed.start(),
    change(key, needed) {
      listed.change(key, needed)
      named?.change(key, needed)
    },
    async stop() {
      await Promise.all([listed.stop(), named?.stop(), ...leaving])
    },
  }
}
