import type { Document } from '../model/documents.js'
import { encode, type Encoded } from '../plan/encode.js'
import { planTable, type Version } from '../plan/plan.js'
import { pack, printDrop, printForget, printPut, printRevision } from '../plan/records.js'
import type { Answer, ControlClient } from './control-client.js'
import { digestBytes } from './digest.js'
import { writeSnapshotFile } from './snapshot-file.js'

/** How much of a push goes into one request, and how long replaced contents are kept for requests under way. */
const PUSH_BYTES = 1_000_000
const GRACE_MILLISECONDS = 5_000

type LiveDocument = Encoded & { readonly document?: Document }

export interface PushReport {
  readonly puts: number
  readonly drops: number
  readonly bytes: number
}

/** Keeps the table of a running NGINX, and the snapshot file, equal to what is desired. */
export interface TableWriter {
  /**
   * Forgets what it knew of the running table: it was restored, or belongs to another NGINX. `leftOver` are contents that
   * nobody has freed; that is done after their grace time.
   */
  assume(running: ReadonlyMap<string, string>, revision: number, leftOver: readonly Version[]): void
  /** Takes all of `desired` as running: NGINX begins with a snapshot of exactly that. */
  begin(desired: ReadonlyMap<string, Document>): void
  push(desired: ReadonlyMap<string, Document>, isHeld: (document: Document) => boolean): Promise<Answer<PushReport>>
  /** Frees replaced contents whose grace time is over. */
  tidy(now: number): Promise<void>
  /** Writes the snapshot if the table changed since the last time; throws what the disk says. */
  save(): void
  revision(): number
}

export function createTableWriter(client: ControlClient, snapshotPath: string, format: string): TableWriter {
  let running = new Map<string, LiveDocument>()
  let revision = 0
  let unsaved = true
  /** Only digests are known of what runs. */
  let isAdopted = false
  const stale = new Map<string, Version & { readonly since: number }>()
  const encodeDocument = (document: Document): Encoded => encode(document, digestBytes)

  return {
    revision: () => revision,
    assume(pointers, at, leftOver) {
      running = new Map([...pointers].map(([key, digest]) => [key, { digest, content: '' }]))
      revision = Math.max(at, 0)
      isAdopted = true
      stale.clear()
      for (const version of leftOver) stale.set(`${version.key} ${version.digest}`, { ...version, since: Date.now() })
    },
    begin(desired) {
      running = new Map([...desired].map(([key, document]) => [key, { ...encodeDocument(document), document }]))
      revision += 1
      unsaved = true
    },
    async push(desired, isHeld) {
      const plan = planTable(running, desired, encodeDocument, isHeld)
      if (plan.puts.length === 0 && plan.drops.length === 0) {
        if (isAdopted) adoptContents(running, desired, encodeDocument)
        isAdopted = false
        return { ok: true, value: { puts: 0, drops: 0, bytes: 0 } }
      }
      const next = revision + 1
      const records = [...plan.puts.map(printPut), ...plan.drops.map(printDrop), printRevision(next)]
      const bytes = records.reduce((sum, record) => sum + record.length, 0)
      let left = bytes
      for (const text of pack(records, PUSH_BYTES)) {
        const answer = await client.push(text, left)
        if (!answer.ok) return answer
        left -= text.length
      }
      revision = next
      unsaved = true
      for (const { key, digest, content, document } of plan.puts) {
        running.set(key, { digest, content, document })
        stale.delete(`${key} ${digest}`)
      }
      for (const key of plan.drops) running.delete(key)
      for (const version of plan.stale) stale.set(`${version.key} ${version.digest}`, { ...version, since: Date.now() })
      if (isAdopted) adoptContents(running, desired, encodeDocument)
      isAdopted = false
      return { ok: true, value: { puts: plan.puts.length, drops: plan.drops.length, bytes } }
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
      if (!unsaved) return
      const puts = [...running].map(([key, { digest, content }]) => printPut({ key, digest, content }))
      writeSnapshotFile(snapshotPath, format, [...puts, printRevision(revision)])
      unsaved = false
    },
  }
}

/** After an adoption only digests are known; the contents of equal documents are the desired ones. */
function adoptContents(
  running: Map<string, LiveDocument>,
  desired: ReadonlyMap<string, Document>,
  encodeDocument: (document: Document) => Encoded,
): void {
  for (const [key, { content, digest }] of running) {
    const document = desired.get(key)
    if (content !== '' || document === undefined) continue
    const encoded = encodeDocument(document)
    if (encoded.digest === digest) running.set(key, { ...encoded, document })
  }
}
