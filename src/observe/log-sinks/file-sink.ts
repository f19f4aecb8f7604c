import { closeSync, constants, fstatSync, openSync, statSync, writeSync } from 'node:fs'
import type { ClosableSink } from './switch.js'

const LOOK_MILLISECONDS = 1_000

export interface FileSink extends ClosableSink {
  /** Opens the file anew at the next line. */
  reopen(): void
}

/**
 * Writes to the end of a file, which is made if it is not there. Whoever puts it aside need say nothing: within a
 * second a new one is begun. While it cannot be written nothing is taken, and a sentence says so once.
 */
export function createFileSink(path: string, onTrouble: (sentence: string) => void): FileSink {
  let file: number | undefined
  let lookedAt = Number.NEGATIVE_INFINITY
  let isTroubled = false

  const close = (): void => {
    if (file !== undefined) closeSync(file)
    file = undefined
  }
  const fail = (why: string): number => {
    if (!isTroubled) onTrouble(`${path} cannot be written (${why}); lines wait, and go on there once it can be`)
    isTroubled = true
    close()
    return 0
  }
  const open = (): number => {
    const now = performance.now()
    if (file !== undefined && now - lookedAt < LOOK_MILLISECONDS) return file
    if (file !== undefined && !isAt(path, file)) close()
    lookedAt = now
    file ??= openSync(path, FLAGS, 0o640)
    if (!fstatSync(file).isFile()) throw new Error('it is no file')
    return file
  }
  return {
    write(bytes) {
      // Not at each of many steps, since the disk may be a slow one.
      if (isTroubled && performance.now() - lookedAt < LOOK_MILLISECONDS) return 0
      try {
        const count = writeSync(open(), bytes)
        isTroubled = false
        return count
      } catch (cause) {
        return fail(cause instanceof Error ? cause.message : String(cause))
      }
    },
    reopen: () => {
      lookedAt = Number.NEGATIVE_INFINITY
      close()
    },
    close,
  }
}

/** A named pipe without a reader would hold up the controller, and a link could lead anywhere. */
const FLAGS = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK

function isAt(path: string, file: number): boolean {
  try {
    const [there, here] = [statSync(path), fstatSync(file)]
    return there.ino === here.ino && there.dev === here.dev
  } catch {
    return false
  }
}
