import { isUtf8 } from 'node:buffer'
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs'
import { codeOf } from '../error-code.js'

/** Files over this size are not read: 16 MiB. */
export const MAX_FILE_BYTES = 16 * 1024 * 1024

/** What tells that a file changed: size, inode and time of its last change. */
export type Stamp = string

export type FileText =
  | { readonly kind: 'text'; readonly text: string; readonly stamp: Stamp }
  | { readonly kind: 'absent' }
  | { readonly kind: 'too-large'; readonly bytes: number; readonly stamp: Stamp }
  | { readonly kind: 'not-utf8'; readonly stamp: Stamp }
  | { readonly kind: 'unreadable'; readonly cause: string }

/**
 * The text of a file, without a byte order mark. A file that is gone, or that became a folder, is absent.
 * Reading at once is several times faster than through the thread pool for the small files that manifests are.
 */
export function readFile(path: string): FileText {
  let descriptor: number | undefined
  try {
    descriptor = openSync(path, 'r')
    const stat = fstatSync(descriptor)
    if (!stat.isFile()) return { kind: 'absent' }
    const stamp = stampOf(stat)
    if (stat.size > MAX_FILE_BYTES) return { kind: 'too-large', bytes: stat.size, stamp }
    const bytes = readFileSync(descriptor)
    if (!isUtf8(bytes)) return { kind: 'not-utf8', stamp }
    const text = bytes.toString('utf8')
    return { kind: 'text', text: text.startsWith('\ufeff') ? text.slice(1) : text, stamp }
  } catch (error) {
    return isGone(error) ? { kind: 'absent' } : { kind: 'unreadable', cause: causeOf(error) }
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
}

export function stampOf(stat: { readonly size: number; readonly ino: number; readonly mtimeMs: number }): Stamp {
  return `${stat.size} ${stat.ino} ${stat.mtimeMs}`
}

/** Says that a path leads nowhere any more. */
export function isGone(error: unknown): boolean {
  const code = codeOf(error)
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR'
}

export function causeOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
