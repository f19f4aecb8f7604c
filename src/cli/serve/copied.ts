import { readFileSync } from 'node:fs'
import { replaceFile } from '../../disk/replace-file.js'
import type { Place } from '../../observe/tail.js'

const SAVE_MILLISECONDS = 1_000

/** How far logs were copied, by their names; `analytics`: how far that of requests was counted. */
type Places = Readonly<Record<string, Place | undefined>>

export interface Copied {
  /** Where the controller before ended; undefined: that is not known. */
  before(name: string): Place | undefined
  save(places: Places, when: 'in time' | 'now'): void
}

/**
 * Keeps in the state folder how far logs were copied, for the controller after this one. Not with each line: after a
 * kill -9 those of the last second are copied again, and after a disk that was full those since then.
 */
export function createCopied(path: string, now: () => number): Copied {
  const before = read(path)
  let places = before
  let saved = ''
  let savedAt = Number.NEGATIVE_INFINITY
  return {
    before: (name) => before[name],
    save(latest, when) {
      if (when === 'in time' && now() - savedAt < SAVE_MILLISECONDS) return
      savedAt = now()
      // A log that is not open, as between two files, is where it was.
      const known = Object.entries(latest).filter(([, place]) => place !== undefined)
      places = { ...places, ...Object.fromEntries(known) }
      const text = `${JSON.stringify(places)}\n`
      if (text === saved) return
      try {
        replaceFile(path, text)
        saved = text
      } catch {
        // What else the full disk stops says so.
      }
    },
  }
}

function read(path: string): Places {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'))
    if (typeof value !== 'object' || value === null) return {}
    return Object.fromEntries(Object.entries(value).flatMap(([name, place]) => (isPlace(place) ? [[name, place]] : [])))
  } catch {
    return {}
  }
}

function isPlace(value: unknown): value is Place {
  if (typeof value !== 'object' || value === null || !('inode' in value) || !('offset' in value)) return false
  return Number.isSafeInteger(value.inode) && Number.isSafeInteger(value.offset) && Number(value.offset) >= 0
}
