import { createHash } from 'node:crypto'
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { namingPath } from '../disk/replace-file.js'
import { pack } from '../plan/records.js'
import { UNWRITTEN_WAY_OUT } from './state-folder.js'

/**
 * Writes the table to the file that a restarted NGINX begins with (edge/snapshot.ts): a line with format and checksum,
 * then the records. Beside the old one first, then renamed over it; mode 0600, because private keys are in it.
 * Throws what the disk says, with the path and a way out.
 */
export function writeSnapshotFile(path: string, format: string, records: readonly string[]): void {
  const body = Buffer.from(records.join(''), 'latin1')
  const head = headOf(format, createHash('md5').update(body).digest('hex'))
  const beside = `${path}.new`
  try {
    writeWhole(beside, [head, body])
    renameSync(beside, path)
  } catch (cause) {
    // Half of one is of no use, and on a full disk in the way of others.
    rmSync(beside, { force: true })
    throw unwritten(path, cause)
  }
}

function writeWhole(path: string, pieces: readonly Buffer[]): void {
  const file = openSync(path, 'w', 0o600)
  try {
    for (const bytes of pieces) {
      for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written)
    }
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

function unwritten(path: string, cause: unknown): Error {
  return new Error(`${namingPath(path, cause).message}; ${UNWRITTEN_WAY_OUT}`, { cause })
}

/** A few milliseconds of copying and hashing; then others have their turn. */
const PIECE_BYTES = 256 * 1024

/**
 * Writes the same file without holding up anything else. `isWanted` is asked between the pieces and, for the last time,
 * as the file takes the place of the old one: false, and nothing is left of it. One at a time. Rejects with what the
 * disk says.
 */
export async function writeSnapshotInPieces(
  path: string,
  format: string,
  records: Iterable<string>,
  isWanted: () => boolean,
): Promise<void> {
  const beside = `${path}.pieces`
  try {
    if ((await writePieces(beside, format, records, isWanted)) && isWanted()) renameSync(beside, path)
    else await rm(beside, { force: true })
  } catch (cause) {
    await rm(beside, { force: true }).catch(() => undefined)
    throw unwritten(path, cause)
  }
}

async function writePieces(
  file: string,
  format: string,
  records: Iterable<string>,
  isWanted: () => boolean,
): Promise<boolean> {
  const hash = createHash('md5')
  const handle = await open(file, 'w', 0o600)
  const write = async (bytes: Buffer, at: number): Promise<number> => {
    for (let written = 0; written < bytes.length; ) {
      const { bytesWritten } = await handle.write(bytes, written, bytes.length - written, at + written)
      written += bytesWritten
    }
    return at + bytes.length
  }
  try {
    // The checksum is known at the end; its place is as long as any.
    let at = headOf(format, '0'.repeat(32)).length
    for (const text of pack(records, PIECE_BYTES)) {
      if (!isWanted()) return false
      const bytes = Buffer.from(text, 'latin1')
      hash.update(bytes)
      at = await write(bytes, at)
    }
    await write(headOf(format, hash.digest('hex')), 0)
    await handle.sync()
  } finally {
    await handle.close()
  }
  return true
}

/** The first line, with its end (edge/snapshot.ts). */
export function headOf(format: string, digest: string): Buffer {
  return Buffer.from(`fairlead-table ${format} ${digest}\n`, 'latin1')
}
