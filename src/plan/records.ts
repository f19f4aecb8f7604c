import type { Version } from './plan.js'

/** The text of a push or snapshot (edge/records.ts reads it); one character per byte. */
export function printPut({ key, digest, content }: Version & { readonly content: string }): string {
  return `set ${key} ${digest} ${content.length}\n${content}\n`
}

export function printDrop(key: string): string {
  return `drop ${key}\n`
}

export function printForget({ key, digest }: Version): string {
  return `forget ${key} ${digest}\n`
}

export function printRevision(revision: number): string {
  return `revision ${revision}\n`
}

/** Packs records into texts of about `bytes`, one at a time, so that one request never holds a worker for long. */
export function* pack(records: Iterable<string>, bytes: number): Generator<string, undefined> {
  let current: string[] = []
  let length = 0
  for (const record of records) {
    if (length > 0 && length + record.length > bytes) {
      yield current.join('')
      current = []
      length = 0
    }
    current.push(record)
    length += record.length
  }
  if (length > 0) yield current.join('')
  return undefined
}
