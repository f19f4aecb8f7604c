import * as ffi from 'ffi'
import { config } from './config.js'

/**
 * The number of the last complete push as requests read it: a word of memory that all workers share, without a lock and
 * without a key to look up. It is written after everything that it stands for; who reads that takes the lock of the
 * dictionary it is in, so that nobody who sees the number finds an older table.
 */

ffi.cdef('void *mmap(void *address, size_t length, int protection, int flags, int file, long offset);')

interface Word {
  revision: number
}

const WORD = 'struct { volatile double revision; } *'
const WORD_BYTES = 8

/** mmap(2), Linux: to be read and written; shared with processes that inherit it, of no file. */
const READ_AND_WRITE = 3
const SHARED_ANONYMOUS = 0x21
const NO_FILE = -1
const MAP_FAILED = -1

/** Before the first push. */
const NONE = -1

let word: Word = { revision: NONE }

/**
 * In the master, before there are workers: they inherit the word. A reload finds that of the workers before, with which
 * it goes on; workers of other code have a table and a word of their own.
 *
 * @param revision of the table that this NGINX has in its memory
 */
export function shareRevision(revision: number | undefined): void {
  const name = `${config().format}word`
  const known = ngx.shared.fairlead_state.get(name) as number | undefined // only this function writes it
  if (known !== undefined) {
    word = pointTo(known)
    return
  }
  const address = makeWord()
  ngx.shared.fairlead_state.set(name, address)
  word = pointTo(address)
  word.revision = revision ?? NONE
}

function makeWord(): number {
  const memory = ffi.C.mmap(undefined, WORD_BYTES, READ_AND_WRITE, SHARED_ANONYMOUS, NO_FILE, 0)
  const address = tonumber(ffi.cast('intptr_t', memory)) ?? MAP_FAILED
  if (address === MAP_FAILED) throw new Error('there is no memory for the number of the last push: mmap failed')
  return address
}

function pointTo(address: number): Word {
  return ffi.cast(WORD, address) as Word // as it is declared in the text
}

export function currentRevision(): number {
  return word.revision
}

export function announceRevision(revision: number): void {
  word.revision = revision
}
