import { setMaxListeners } from 'node:events'
import { createBackOff } from '../../kubernetes/back-off.js'
import { resourcePath } from '../../kubernetes/resource.js'
import { isLastWord, type Refused, refusedAgain } from './refused.js'
import { type FetchFailure, type SecretParts, type SecretReader, secretsOf } from './secret-reader.js'
import { createTrack } from './track.js'

const MOST_AT_ONCE = 16

/** A watch of the metadata of all Secrets tells when a needed one has to be read (again). */
export function createListedSecrets(parts: SecretParts): SecretReader {
  const existing = new Set<string>()
  const waiting = new Set<string>()
  const reading = new Set<string>()
  const failures = new Map<string, FetchFailure>()
  /** Read once; what failed afterwards is in force as it was. */
  const known = new Set<string>()
  /** Since when what was never read fails. */
  const refused = new Map<string, Refused>()
  const retries = new Map<string, { readonly cancel: () => void; readonly backOff: ReturnType<typeof createBackOff> }>()
  const control = new AbortController()
  // Each read listens to it.
  setMaxListeners(0, control.signal)

  const track = createTrack<true>(parts, {
    kind: 'Secret',
    resource: secretsOf(parts.namespace),
    content: 'metadata',
    project: () => true,
    onSet(_, namespace, name) {
      const key = `${namespace}/${name}`
      existing.add(key)
      if (parts.isNeeded(key)) ask(key)
    },
    onDelete(namespace, name) {
      const key = `${namespace}/${name}`
      existing.delete(key)
      forget(key)
      parts.onGone(namespace, name)
    },
  })

  const ask = (key: string): void => {
    waiting.add(key)
    next()
  }
  const forget = (key: string): void => {
    waiting.delete(key)
    failures.delete(key)
    known.delete(key)
    settle(key)
  }
  /** Its last read succeeded, or is of no interest. */
  const settle = (key: string): void => {
    retries.get(key)?.cancel()
    retries.delete(key)
    refused.delete(key)
  }
  const next = (): void => {
    for (const key of waiting) {
      if (reading.size >= MOST_AT_ONCE) return
      // One that changed while it is read is read once more afterwards.
      if (reading.has(key)) continue
      waiting.delete(key)
      reading.add(key)
      void read(key)
    }
  }

  const read = async (key: string): Promise<void> => {
    const [namespace = '', name = ''] = key.split('/')
    // A list of one: roles made for ingress-nginx allow list and watch of Secrets, and not get.
    const path = resourcePath({ group: '', version: 'v1', plural: 'secrets', namespace })
    const query = { fieldSelector: `metadata.name=${name}` }
    const result = await parts.client.call({ method: 'GET', path, query, signal: control.signal })
    reading.delete(key)
    if (control.signal.aborted) return
    if (!parts.isNeeded(key) || !existing.has(key)) forget(key)
    else if (!result.ok) tryAgain(key, result.status, result.message)
    else {
      settle(key)
      failures.delete(key)
      known.add(key)
      const [secret] = itemsOf(result.body)
      if (secret === undefined) parts.onGone(namespace, name)
      else parts.onObject(secret)
    }
    parts.changed()
    next()
  }

  const tryAgain = (key: string, status: number, message: string): void => {
    if (!known.has(key)) refused.set(key, refusedAgain(refused.get(key), parts.clock.now()))
    failures.set(key, { key, status, message })
    const backOff = retries.get(key)?.backOff ?? createBackOff(250, 10_000, Math.random)
    retries.get(key)?.cancel()
    retries.set(key, { backOff, cancel: parts.clock.after(backOff.next(), () => ask(key)) })
  }

  return {
    tracks: [track],
    failures: () => [...failures.values()],
    settled: () =>
      waiting.size === 0 && reading.size === 0 && [...refused.values()].every((one) => isLastWord(one, parts)),
    start: () => track.start(),
    change(key, needed) {
      if (needed === 'not-needed') forget(key)
      else if (existing.has(key)) ask(key)
    },
    async stop() {
      control.abort()
      for (const key of retries.keys()) forget(key)
      await track.stop()
    },
  }
}

function itemsOf(list: unknown): readonly unknown[] {
  const items = typeof list === 'object' && list !== null && 'items' in list ? list.items : undefined
  return Array.isArray(items) ? items : []
}
