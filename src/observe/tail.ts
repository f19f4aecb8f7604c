import { closeSync, constants, existsSync, fstatSync, openSync, readSync, renameSync, rmSync, statSync } from 'node:fs'

/** Where log lines go. `write` says how many bytes were taken; fewer than given: the reader is slow, come again. */
export interface LogSink {
  write(bytes: Buffer): number
}

export interface Tail {
  /** Copies what is new; to be called again and again. */
  step(): void
  close(): void
}

const CHUNK = 65_536
/** The file is put aside when it has grown to this size and everything in it has been copied. */
const ROTATE_BYTES = 64 * 1024 * 1024

/**
 * Follows NGINX's access log and copies it to a sink. The file is the buffer: while the sink takes nothing, NGINX goes on
 * writing and nothing waits. `reopen` makes NGINX open the file anew after it was put aside.
 */
export function createTail(path: string, sink: LogSink, startAtEnd: boolean, reopen: () => void): Tail {
  let file: number | undefined
  let position = 0
  let rest = Buffer.alloc(0)
  let first = true

  function open(): boolean {
    if (file !== undefined) return true
    if (!existsSync(path)) return false
    file = openSync(path, constants.O_RDONLY)
    position = first && startAtEnd ? fstatSync(file).size : 0
    first = false
    return true
  }

  function drain(): boolean {
    if (rest.length === 0) return true
    rest = rest.subarray(sink.write(rest))
    return rest.length === 0
  }

  function rotate(): void {
    const aside = `${path}.1`
    renameSync(path, aside)
    reopen()
  }

  return {
    step() {
      if (!open() || file === undefined || !drain()) return
      for (let round = 0; round < 64; round++) {
        const bytes = Buffer.allocUnsafe(CHUNK)
        const count = readSync(file, bytes, 0, CHUNK, position)
        position += count
        rest = bytes.subarray(0, count)
        if (count === 0 || !drain()) break
      }
      if (rest.length > 0) return
      if (movedAside(path, file)) {
        closeSync(file)
        file = undefined
        rmSync(`${path}.1`, { force: true })
      } else if (position > ROTATE_BYTES) rotate()
    },
    close() {
      if (file !== undefined) closeSync(file)
      file = undefined
    },
  }
}

/** NGINX writes to another file by now, and the one we read has come to its end. */
function movedAside(path: string, file: number): boolean {
  return existsSync(path) && statSync(path).ino !== fstatSync(file).ino
}
