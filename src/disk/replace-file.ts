import { renameSync, rmSync, writeFileSync } from 'node:fs'

/**
 * Writes a file that is there whole or as it was before: beside it first, then renamed over it. Mode 0600. Throws what
 * the file system says, with the path; Node says it only of a file that cannot be opened.
 */
export function replaceFile(path: string, bytes: string | Uint8Array): void {
  const beside = `${path}.new`
  try {
    writeFileSync(beside, bytes, { mode: 0o600 })
    renameSync(beside, path)
  } catch (cause) {
    discard(beside)
    throw namingPath(path, cause)
  }
}

/** What the file system says, with the path. */
export function namingPath(path: string, cause: unknown): Error {
  return new Error(`${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
}

/** Of no use, and on a full disk in the way of others. */
function discard(file: string): void {
  try {
    rmSync(file, { force: true })
  } catch {
    // What cannot be written may not be removable either.
  }
}
