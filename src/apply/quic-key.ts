import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { replaceFile } from '../disk/replace-file.js'

const BYTES = 32

/**
 * The secret of a state folder that NGINX makes tokens of QUIC with (quic_host_key). It is kept, so that after a reload
 * clients believe a stateless reset (RFC 9000, 10.3) and open another connection at once: with another key they would
 * wait. One that is not whole is made anew, since NGINX takes none of no bytes. Throws what the file system says.
 */
export function keepQuicKey(file: string): void {
  if (lengthOf(file) !== BYTES) replaceFile(file, randomBytes(BYTES))
}

function lengthOf(file: string): number {
  try {
    return readFileSync(file).length
  } catch {
    return 0
  }
}

/** Whether the frame in a file listens for HTTP/3. */
export function hasQuic(frame: string): boolean {
  try {
    return /^ {4}listen \S+ quic /m.test(readFileSync(frame, 'utf8'))
  } catch {
    return false
  }
}
