import { createHash } from 'node:crypto'
import { closeSync, createReadStream, fstatSync, openSync, readSync } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { reasonOf } from './reason.js'

/** Where the reading of a file has come to. The file is known by its beginning, whatever it is called by then. */
export interface FilePosition {
  /** Digest of the first `headBytes` bytes. */
  readonly head: string
  readonly headBytes: number
  /** Bytes of the text, unpacked, that were read. */
  readonly offset: number
}

export interface LogFile {
  readonly path: string
  readonly size: number
  readonly isPacked: boolean
  readonly head: Buffer
}

const HEAD_BYTES = 4_096
/** Texts of twice the size are large objects for V8, which only a full collection frees. */
const PIECE_BYTES = 65_536

/** Opens a file to see what it is; a sentence if it cannot be read. */
export function inspectLogFile(path: string): LogFile | string {
  try {
    const file = openSync(path, 'r')
    try {
      const stat = fstatSync(file)
      if (stat.isDirectory()) return `${path} is a folder.`
      const head = Buffer.alloc(HEAD_BYTES)
      const count = stat.isFile() ? readSync(file, head, 0, HEAD_BYTES, 0) : 0
      const isPacked = count >= 2 && head[0] === 0x1f && head[1] === 0x8b
      return { path, size: stat.isFile() ? stat.size : 0, isPacked, head: head.subarray(0, count) }
    } finally {
      closeSync(file)
    }
  } catch (cause) {
    return `${path} cannot be read: ${reasonOf(cause)}.`
  }
}

export function digestOf({ head }: LogFile, bytes = head.length): string {
  return createHash('sha256').update(head.subarray(0, bytes)).digest('hex')
}

/** Whether the position is one of this file. */
export function isOf({ head, headBytes }: FilePosition, file: LogFile): boolean {
  return headBytes > 0 && headBytes <= file.head.length && digestOf(file, headBytes) === head
}

/**
 * Reads a file, unpacked, from an offset on, in pieces. Gives a sentence when it ends before its end (a packed file
 * that is cut off or damaged): everything up to there has been read.
 *
 * @param onPiece gets how many bytes of the file itself have been read by then
 */
export async function readLogFile(
  file: LogFile,
  offset: number,
  onPiece: (bytes: Uint8Array, readOfFile: number) => void | Promise<void>,
): Promise<string | undefined> {
  const source = createReadStream(file.path, {
    highWaterMark: PIECE_BYTES,
    ...(file.isPacked || file.size === 0 ? {} : { start: offset }),
  })
  const skipped = file.isPacked ? 0 : offset
  let toSkip = file.isPacked ? offset : 0
  const take = async (pieces: AsyncIterable<Buffer>): Promise<void> => {
    for await (const piece of pieces) {
      const left = piece.subarray(Math.min(toSkip, piece.length))
      toSkip -= piece.length - left.length
      if (left.length > 0) await onPiece(left, skipped + source.bytesRead)
    }
  }
  try {
    if (file.isPacked) await pipeline(source, createGunzip({ chunkSize: PIECE_BYTES }), take)
    else await pipeline(source, take)
    return undefined
  } catch (cause) {
    return `${file.path} cannot be read to its end: ${reasonOf(cause)}. What is before that was read.`
  }
}
