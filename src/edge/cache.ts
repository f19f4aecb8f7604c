import * as cjson from 'cjson.safe'
import { currentRevision } from './revision.js'
import { readContent, readPointer } from './store.js'

interface Entry<T> {
  readonly digest: string
  /** Revision at which the pointer was last seen to name this version. */
  checked: number
  /** undefined: this version cannot be used. It is kept too, so that no flood has it read again and again. */
  readonly document: T | undefined
}

/** Decoded documents of one kind. */
export interface Cache<T> {
  readonly prefix: string
  readonly convert: (this: void, decoded: unknown) => T | undefined
  entries: Record<string, Entry<T> | undefined>
  count: number
}

/** More decoded documents than this of one kind, and the worker begins anew: memory stays bounded whatever is asked for. */
const LIMIT = 20_000

let revision = -1

export function createCache<T>(prefix: string, convert: (this: void, decoded: unknown) => T | undefined): Cache<T> {
  return { prefix, convert, entries: {}, count: 0 }
}

/**
 * To be called once at the start of each request and handshake: what is read after this is at least as new as the last
 * push that was answered. This is the one look at shared memory that every request makes.
 */
export function beginReading(): void {
  revision = currentRevision()
}

/** The revision of the table that the request or handshake reads. */
export function readingAt(): number {
  return revision
}

/** The current version of a document, decoded; undefined when there is none. */
export function read<T>(cache: Cache<T>, name: string): T | undefined {
  const entry = cache.entries[name]
  if (entry !== undefined && entry.checked === revision) return entry.document
  return readAgain(cache, name, entry)
}

function readAgain<T>(cache: Cache<T>, name: string, entry: Entry<T> | undefined): T | undefined {
  const key = cache.prefix + name
  const digest = readPointer(key)
  if (digest === undefined) {
    if (entry !== undefined) {
      cache.entries[name] = undefined
      cache.count--
    }
    return undefined
  }
  if (entry !== undefined && entry.digest === digest) {
    entry.checked = revision
    return entry.document
  }
  return load(cache, name, key, digest) ?? loadLatest(cache, name, key, digest)
}

// Never a part of a trace: one that was recorded while a document was read would be entered by every request from then
// on, and left again at once. docs/design/request-cost.md.
jit.off(readAgain)

/** The version was replaced and deleted between two reads: ask for its successor, once. */
function loadLatest<T>(cache: Cache<T>, name: string, key: string, gone: string): T | undefined {
  const digest = readPointer(key)
  return digest === undefined || digest === gone ? undefined : load(cache, name, key, digest)
}

function load<T>(cache: Cache<T>, name: string, key: string, digest: string): T | undefined {
  const content = readContent(key, digest)
  if (content === undefined) return undefined
  const [decoded, problem] = cjson.decode(content)
  const document = problem === undefined ? cache.convert(decoded) : undefined
  if (document === undefined) {
    ngx.log(ngx.ERR, 'document ', key, ' cannot be used: ', problem ?? 'refused')
  }
  if (cache.count >= LIMIT) {
    cache.entries = {}
    cache.count = 0
  }
  if (cache.entries[name] === undefined) cache.count++
  cache.entries[name] = { digest, checked: revision, document }
  return document
}
