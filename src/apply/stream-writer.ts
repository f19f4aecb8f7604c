import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { changedRecords, encodeStreams, packRecords, type StreamRecords } from '../plan/stream-records.js'
import type { StreamServices } from '../model/streams.js'
import { reasonOf } from './state-folder.js'
import { askStreams } from './stream-client.js'

/** Keeps what NGINX's stream module knows of TCP, UDP and passed-through TLS as it is wanted. */
export interface StreamWriter {
  /**
   * Writes the file that NGINX begins with, if it is another one: an NGINX that starts without a controller has its
   * services. Before every change of what NGINX runs. Gives why it could not.
   */
  save(services: StreamServices): string | undefined
  /** Tells the running NGINX what changed since the last time. Gives why it could not; the next push says everything. */
  push(services: StreamServices): Promise<string | undefined>
  /** NGINX is another process, or one whose records are not known. */
  forget(): void
}

export function createStreamWriter(paths: { readonly first: string; readonly control: string }): StreamWriter {
  /** Every key that the file had: NGINX may have begun with any of them. */
  const begun = new Set<string>(keysIn(paths.first))
  let saved: string | undefined
  let known: StreamRecords | undefined
  let last: { readonly services: StreamServices; readonly records: StreamRecords } | undefined

  function recordsOf(services: StreamServices): StreamRecords {
    if (last?.services !== services) last = { services, records: encodeStreams(services) }
    return last.records
  }

  async function learn(): Promise<StreamRecords | string> {
    const answer = await askStreams(paths.control, 'keys\n')
    // What each says is not asked: all that is wanted is said again.
    return answer.ok ? new Map([...begun, ...answer.lines].map((key) => [key, '?'])) : answer.cause
  }

  async function send(records: StreamRecords): Promise<string | undefined> {
    const before = known ?? (await learn())
    if (typeof before === 'string') return before
    known = undefined
    for (const text of packRecords(changedRecords(before, records))) {
      const answer = await askStreams(paths.control, text)
      if (!answer.ok) return answer.cause
    }
    known = records
    return undefined
  }

  return {
    save(services) {
      const text = `${JSON.stringify(Object.fromEntries(recordsOf(services)))}\n`
      if (text === saved) return undefined
      try {
        writeWhole(paths.first, text)
      } catch (cause) {
        return reasonOf(cause)
      }
      saved = text
      for (const key of recordsOf(services).keys()) begun.add(key)
      return undefined
    },
    push: (services) => send(recordsOf(services)),
    forget() {
      known = undefined
    },
  }
}

function keysIn(path: string): readonly string[] {
  try {
    const records: unknown = JSON.parse(readFileSync(path, 'latin1'))
    return typeof records === 'object' && records !== null ? Object.keys(records) : []
  } catch {
    return []
  }
}

/** An NGINX that finds half of it would not start. */
function writeWhole(path: string, text: string): void {
  const beside = `${path}.new`
  const file = openSync(beside, 'w', 0o600)
  try {
    writeSync(file, text, null, 'latin1')
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(beside, path)
}
