import { differences } from '../collections/differences.js'
import type { SortedMap } from '../collections/sorted-map.js'
import type { Document } from '../model/documents.js'
import { encode, type Encoded } from '../plan/encode.js'
import { type Admit, planTable, type Put, type Version } from '../plan/plan.js'
import { pack, printDrop, printForget, printPut, printRevision } from '../plan/records.js'
import type { Answer, ControlClient } from './control-client.js'
import { digestBytes } from './digest.js'
import { readSnapshotFile } from './read-snapshot.js'
import { writeSnapshotFile, writeSnapshotInPieces } from './snapshot-file.js'

/** How much of a push goes into one request, and how long replaced contents are kept for requests under way. */
const PUSH_BYTES = 1_000_000
const GRACE_MILLISECONDS = 5_000

export interface PushReport {
  readonly puts: number
  readonly drops: number
  readonly bytes: number
  /** Of the documents, not all where they are many. */
  readonly names: readonly string[]
}

/** How many names a report has at most. */
const NAMES = 8

/** Keeps the table of a running NGINX, and the snapshot file, equal to what is desired. */
export interface TableWriter {
  /**
   * Learns anew what the running table is, by its digests: it was restored, or belongs to another NGINX. `leftOver` are
   * contents that nobody has freed; that is done after their grace time.
   */
  assume(running: ReadonlyMap<string, string>, revision: number, leftOver: readonly Version[]): void
  /** Takes all of `desired` as running: NGINX begins with a snapshot of exactly that. */
  begin(desired: SortedMap<Document>): void
  push(desired: SortedMap<Document>, admit: Admit): Promise<Answer<PushReport>>
  /**
   * Frees replaced contents whose grace time is over. `now`: milliseconds of `performance.now`, which no step of the
   * clock moves.
   */
  tidy(now: number): Promise<void>
  /** Writes the snapshot if the table changed since the last time; throws what the disk says. */
  save(): void
  /** The same beside everything else; rejects with what the disk says. What `save` writes meanwhile comes out on top. */
  saveInPieces(): Promise<void>
  revision(): number
  /** What NGINX has of a document, as it was last confirmed; undefined: it has none. */
  running(key: string): Encoded | undefined
  /** Of keys and digests of all documents: the same for the same table, whatever led to it. */
  digest(): string
  /** Whether the last push left documents out that may not go out yet. */
  holdsBack(): boolean
}

export function createTableWriter(client: ControlClient, snapshotPath: string, format: string): TableWriter {
  /** Contents are empty where only digests are known: NGINX was taken over, and the snapshot has another version. */
  let running = new Map<string, Encoded>()
  /** What was pushed last, and which of it was held back; undefined: anything may differ from what runs. */
  let pushed: { readonly documents: SortedMap<Document>; readonly held: readonly string[] } | undefined
  let revision = 0
  /** Counts changes of the table; `saved` is the count of what the file has. */
  let changes = 1
  let saved = 0
  let saving: Promise<void> | undefined
  const stale = new Map<string, Version & { readonly since: number }>()
  const encodeDocument = (document: Document): Encoded => encode(document, digestBytes)

  const keysToCompare = (desired: SortedMap<Document>): ReadonlySet<string> =>
    pushed === undefined
      ? new Set([...running.keys(), ...desired.keys()])
      : new Set([...pushed.held, ...differences(pushed.documents, desired).map(({ key }) => key)])

  const send = async (puts: readonly Put[], drops: readonly string[]): Promise<Answer<PushReport>> => {
    if (puts.length === 0 && drops.length === 0) return { ok: true, value: { puts: 0, drops: 0, bytes: 0, names: [] } }
    const records = [...puts.map(printPut), ...drops.map(printDrop), printRevision(revision + 1)]
    const bytes = records.reduce((sum, record) => sum + record.length, 0)
    let left = bytes
    for (const text of pack(records, PUSH_BYTES)) {
      const answer = await client.push(text, left)
      if (!answer.ok) return answer
      left -= text.length
    }
    revision += 1
    changes += 1
    const names = [...puts.slice(0, NAMES).map(({ key }) => key), ...drops.slice(0, NAMES)].slice(0, NAMES)
    return { ok: true, value: { puts: puts.length, drops: drops.length, bytes, names } }
  }

  /** Until the first push after NGINX was taken over, most contents are not; the file that is there is better then. */
  const isKnown = (): boolean => pushed !== undefined

  const saveAsItIs = async (): Promise<void> => {
    const as = changes
    await writeSnapshotInPieces(snapshotPath, format, snapshotRecords([...running], revision), () => saved < as)
    saved = Math.max(saved, as)
  }

  return {
    revision: () => revision,
    running: (key) => running.get(key),
    digest: () =>
      digestBytes(
        [...running]
          .map(([key, { digest }]) => `${key} ${digest}`)
          .sort()
          .join('\n'),
      ),
    holdsBack: () => pushed !== undefined && pushed.held.length > 0,
    assume(pointers, at, leftOver) {
      const known = running.size > 0 ? running : readSnapshotFile(snapshotPath, format)
      const withContent = (key: string, digest: string): Encoded => {
        const before = known.get(key)
        return before?.digest === digest ? before : { digest, content: '' }
      }
      running = new Map([...pointers].map(([key, digest]) => [key, withContent(key, digest)]))
      revision = Math.max(at, 0)
      pushed = undefined
      stale.clear()
      for (const version of leftOver)
        stale.set(`${version.key} ${version.digest}`, { ...version, since: performance.now() })
    },
    begin(desired) {
      running = new Map([...desired].map(([key, document]) => [key, encodeDocument(document)]))
      pushed = { documents: desired, held: [] }
      revision += 1
      changes += 1
    },
    async push(desired, admit) {
      const plan = planTable(keysToCompare(desired), running, desired, encodeDocument, admit)
      const answer = await send(plan.puts, plan.drops)
      if (!answer.ok) return answer
      for (const { key, digest, content } of [...plan.puts, ...plan.equal]) running.set(key, { digest, content })
      for (const { key, digest } of plan.puts) stale.delete(`${key} ${digest}`)
      for (const key of plan.drops) running.delete(key)
      for (const version of plan.stale)
        stale.set(`${version.key} ${version.digest}`, { ...version, since: performance.now() })
      pushed = { documents: desired, held: plan.held }
      return answer
    },
    async tidy(now) {
      const due = [...stale.entries()].filter(([, { since }]) => now - since >= GRACE_MILLISECONDS)
      if (due.length === 0) return
      for (const text of pack(
        due.map(([, version]) => printForget(version)),
        PUSH_BYTES,
      )) {
        if (!(await client.push(text, 0)).ok) return
      }
      for (const [name] of due) stale.delete(name)
    },
    save() {
      if (saved === changes || !isKnown()) return
      writeSnapshotFile(snapshotPath, format, [...snapshotRecords(running.entries(), revision)])
      saved = changes
    },
    saveInPieces() {
      if (saved === changes || !isKnown()) return saving ?? Promise.resolve()
      saving ??= saveAsItIs().finally(() => {
        saving = undefined
      })
      return saving
    },
  }
}

/** Contents that are not known cannot be saved: such a document is absent after a restart, until it is pushed. */
function* snapshotRecords(table: Iterable<readonly [string, Encoded]>, revision: number): Generator<string, undefined> {
  for (const [key, { digest, content }] of table) if (content !== '') yield printPut({ key, digest, content })
  yield printRevision(revision)
  return undefined
}
