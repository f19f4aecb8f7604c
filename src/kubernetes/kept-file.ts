import { readFileSync } from 'node:fs'

/** A small file that others replace while we run: a token, a certificate. */
export interface KeptFile {
  readonly path: string
  /** Its text, read again when the last reading is a minute old; the last good one while it cannot be read. */
  read(): KeptText
  /** Its text now, or the last good one. */
  readAgain(): KeptText
}

export type KeptText = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly message: string }

const MINUTE = 60_000

/** Nothing is read yet. `now` gives milliseconds of any clock that goes forward. */
export function keepFile(path: string, now: () => number): KeptFile {
  let last: KeptText | undefined
  let readAt = Number.NEGATIVE_INFINITY

  const readAgain = (): KeptText => {
    const found = readText(path)
    // An empty file is one that is just being written.
    if (found.ok || last?.ok !== true) last = found
    if (found.ok) readAt = now()
    return last
  }
  return {
    path,
    read: () => (last !== undefined && now() - readAt < MINUTE ? last : readAgain()),
    readAgain,
  }
}

function readText(path: string): KeptText {
  try {
    const text = readFileSync(path, 'utf8').trim()
    return text === '' ? { ok: false, message: `${path} is empty` } : { ok: true, text }
  } catch (cause) {
    return {
      ok: false,
      message: `${path} could not be read: ${cause instanceof Error ? cause.message : String(cause)}`,
    }
  }
}
