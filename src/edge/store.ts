import { config } from './config.js'
import { announceRevision } from './revision.js'

/**
 * The table in shared memory. Per document there is a pointer, which holds the digest of its content, and the content
 * itself under a key that contains that digest. Content never changes: a new version is written beside the old one, then
 * the pointer is replaced (always by a value of the same length, so that it cannot fail for want of memory), and the old
 * content is deleted after a grace time. Keys carry the format of the code that reads them.
 */

function dictionary(): SharedDictionary {
  return ngx.shared.fairlead_table
}

function pointerName(key: string): string {
  return `${config().format}p${key}`
}

function contentName(key: string, digest: string): string {
  return `${config().format}d${key} ${digest}`
}

function revisionName(): string {
  return `${config().format}revision`
}

/** Number of the last complete push; undefined before the first. */
export function readRevision(): number | undefined {
  return dictionary().get(revisionName()) as number | undefined // only writeRevision writes this key
}

/** Seen by requests last: what they read then is there. */
export function writeRevision(revision: number): string | undefined {
  const problem = write(revisionName(), revision)
  if (problem === undefined) announceRevision(revision)
  return problem
}

/** Digest of the current version of a document. */
export function readPointer(key: string): string | undefined {
  return dictionary().get(pointerName(key)) as string | undefined // only put writes these keys
}

export function readContent(key: string, digest: string): string | undefined {
  return dictionary().get(contentName(key, digest)) as string | undefined // only put writes these keys
}

/** Makes `content` the current version of a document; gives an error when memory is full, and then nothing has changed. */
export function put(key: string, digest: string, content: string): string | undefined {
  return write(contentName(key, digest), content) ?? write(pointerName(key), digest)
}

/** The document exists no more; its content stays until `forget`. */
export function drop(key: string): void {
  dictionary().delete(pointerName(key))
}

/** Frees the content of a version that no request can need any longer; the current version is kept. */
export function forget(key: string, digest: string): void {
  if (readPointer(key) !== digest) dictionary().delete(contentName(key, digest))
}

/**
 * `KEY DIGEST` for every document. Walks all keys under the lock: for a controller that adopts this NGINX, not for
 * requests.
 */
export function listPointers(): string[] {
  const prefix = `${config().format}p`
  const lines: string[] = []
  for (const name of dictionary().get_keys(0)) {
    if (string.sub(name, 1, prefix.length) === prefix) {
      const digest = dictionary().get(name)
      if (digest !== undefined) lines.push(`${string.sub(name, prefix.length + 1)} ${digest}`)
    }
  }
  return lines
}

/**
 * `KEY DIGEST` for every content that no pointer names: replaced or dropped by a controller that ended before it freed
 * them.
 */
export function listStale(): string[] {
  const prefix = `${config().format}d`
  const lines: string[] = []
  for (const name of dictionary().get_keys(0)) {
    if (string.sub(name, 1, prefix.length) === prefix) {
      const [key, digest] = string.match(string.sub(name, prefix.length + 1), '^(.*) (%x+)$')
      if (key !== undefined && digest !== undefined && readPointer(key) !== digest) lines.push(`${key} ${digest}`)
    }
  }
  return lines
}

/** Deletes what other formats left behind. Gives how many keys went. */
export function purge(): number {
  const { format } = config()
  let count = 0
  for (const name of dictionary().get_keys(0)) {
    if (string.sub(name, 1, format.length) !== format) {
      dictionary().delete(name)
      count++
    }
  }
  return count
}

export function freeBytes(): number {
  return dictionary().free_space()
}

export function capacityBytes(): number {
  return dictionary().capacity()
}

function write(name: string, value: string | number): string | undefined {
  const [ok, reason] = dictionary().safe_set(name, value)
  return ok === true ? undefined : (reason ?? 'unknown')
}
