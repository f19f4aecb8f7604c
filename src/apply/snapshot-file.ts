import { createHash } from 'node:crypto'
import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs'

/**
 * Writes the table to the file that a restarted NGINX begins with (edge/snapshot.ts): a line with format and checksum,
 * then the records. Beside the old one first, then renamed over it; mode 0600, because private keys are in it.
 */
export function writeSnapshotFile(path: string, format: string, records: readonly string[]): void {
  const body = Buffer.from(records.join(''), 'latin1')
  const head = `fairlead-table ${format} ${createHash('md5').update(body).digest('hex')}\n`
  const beside = `${path}.new`
  const file = openSync(beside, 'w', 0o600)
  try {
    for (const bytes of [Buffer.from(head, 'latin1'), body]) {
      for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written)
    }
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(beside, path)
}
