import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Encoded } from '../plan/encode.js'
import { headOf } from './snapshot-file.js'

/**
 * Documents of the snapshot file (snapshot-file.ts), by key; none where the file is absent, damaged, or of another format.
 * What NGINX has is told by digests only (edge/control.ts); where they agree, this is what they are of.
 */
export function readSnapshotFile(path: string, format: string): ReadonlyMap<string, Encoded> {
  const file = readWhole(path)
  const end = file.indexOf('\n') + 1
  const body = file.subarray(end)
  const head = headOf(format, createHash('md5').update(body).digest('hex'))
  return head.equals(file.subarray(0, end)) ? documentsOf(body) : new Map()
}

function readWhole(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch {
    return Buffer.alloc(0)
  }
}

/** Records as records.ts prints them. Each content is a text of its own, so that the file need not stay in memory for one. */
function documentsOf(body: Buffer): ReadonlyMap<string, Encoded> {
  const documents = new Map<string, Encoded>()
  for (let at = 0, end = body.indexOf('\n'); end >= 0; end = body.indexOf('\n', at)) {
    const [verb, key = '', digest = '', length] = body.toString('latin1', at, end).split(' ')
    at = end + 1
    if (verb !== 'set') continue
    const stop = at + Number(length)
    documents.set(key, { digest, content: body.toString('latin1', at, stop) })
    at = stop + 1
  }
  return documents
}
