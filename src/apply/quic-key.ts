import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'

/**
 * The secret of a state folder that NGINX makes tokens of QUIC with (quic_host_key). It is kept, so that after a reload clients
 * believe a stateless reset (RFC 9000, 10.3) and open another connection at once: with another key they would wait.
 */
export function keepQuicKey(file: string): void {
  if (!existsSync(file)) writeFileSync(file, randomBytes(32), { mode: 0o600 })
}

/** Whether the frame in a file listens for HTTP/3. */
export function hasQuic(frame: string): boolean {
  try {
    return /^ {4}listen \S+ quic /m.test(readFileSync(frame, 'utf8'))
  } catch {
    return false
  }
}
