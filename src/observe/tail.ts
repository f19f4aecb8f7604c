import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  type Stats,
} from 'node:fs'

/** Where log lines go. `write` says how many bytes were taken; fewer than given: the reader is slow, come again. */
export interface LogSink {
  write(bytes: Buffer): number
}

export interface Tail {
  /** Copies what is new; to be called again and again. */
  step(): void
  /** Ends; gives how many lines were not copied. */
  close(): number
  /** Everything that NGINX has written so far was copied. */
  isEven(): boolean
  /** How far the sink has taken it; undefined: nothing was read yet. */
  place(): Place | undefined
}

/** In a file, which may have another name by now. */
export interface Place {
  readonly inode: number
  readonly offset: number
}

export interface TailOptions {
  /** Begin with what is written from now on: the lines before are another controller's. */
  readonly startAtEnd: boolean
  /** Begin here, where an earlier reader ended. A file that is not that one is read from its beginning. Absent: see above. */
  readonly from?: Place | undefined
  /** The file is put aside when it has grown to this size and everything in it has been copied. Default: 64 MB. */
  readonly rotateBytes?: number
  /** How much may wait for a reader that has stopped; beyond it all of that is given up. Default: 512 MB. */
  readonly maxWaitingBytes?: number
  /** The file that was put aside is somebody else's, who also says when that is; nothing here removes it. */
  readonly isKept?: true
  /** Makes NGINX open the file anew after it was put aside. */
  reopen(): void
  /** So many lines were given up, since the reader took none for too long. */
  onLost(lines: number): void
  /** Sees everything that is read, once, also what the sink does not get any more. */
  onRead?(bytes: Uint8Array): void
}

const MEGABYTE = 1024 * 1024
const CHUNK = 65_536
const NEWLINE = 10
/** How long a file that was put aside is still read: workers let go of it one after the other. */
const SETTLE_MILLISECONDS = 2_000

/**
 * Follows NGINX's access log and copies it to a sink. The file is the buffer: while the sink takes nothing, NGINX goes on
 * writing and nothing waits. A line is copied whole, or counted as lost.
 */
export function createTail(path: string, sink: LogSink, options: TailOptions): Tail {
  const {
    startAtEnd,
    from,
    rotateBytes = 64 * MEGABYTE,
    maxWaitingBytes = 512 * MEGABYTE,
    isKept,
    reopen,
    onLost,
    onRead,
  } = options
  let file: number | undefined
  let position = 0
  let rest: Buffer = Buffer.alloc(0)
  let first = true
  let movedSince: number | undefined

  function open(): boolean {
    if (file !== undefined) return true
    const isAside = first && from !== undefined && inodeOf(`${path}.1`) === from.inode
    // Who put it aside may not have come to say so.
    if (isAside && !existsSync(path)) reopen()
    if (!isAside && !existsSync(path)) return false
    file = openSync(isAside ? `${path}.1` : path, constants.O_RDONLY)
    position = first ? beginning(fstatSync(file)) : 0
    first = false
    movedSince = undefined
    return true
  }

  function beginning({ ino, size }: Stats): number {
    if (from === undefined) return startAtEnd ? size : 0
    return ino === from.inode && from.offset <= size ? from.offset : 0
  }

  function drain(): boolean {
    if (rest.length > 0) rest = rest.subarray(sink.write(rest))
    return rest.length === 0
  }

  function readOn(): Buffer {
    const bytes = Buffer.allocUnsafe(CHUNK)
    const count = file === undefined ? 0 : readSync(file, bytes, 0, CHUNK, position)
    position += count
    const read = bytes.subarray(0, count)
    if (count > 0) onRead?.(read)
    return read
  }

  function copy(): void {
    for (let round = 0; drain() && round < 64; round++) {
      rest = readOn()
      if (rest.length === 0) return
    }
  }

  /** The reader will get the end of the line it has the beginning of, and then what is written from now on. */
  function giveUp(): void {
    while (!rest.includes(NEWLINE)) {
      const more = readOn()
      if (more.length === 0) return
      rest = Buffer.concat([rest, more])
    }
    const end = rest.indexOf(NEWLINE) + 1
    let lines = countLines(rest.subarray(end))
    rest = rest.subarray(0, end)
    for (let bytes = readOn(); bytes.length > 0; bytes = readOn()) lines += countLines(bytes)
    if (lines > 0) onLost(lines)
  }

  function putAside(): void {
    renameSync(path, `${path}.1`)
    reopen()
  }

  function followOn(): void {
    if (file !== undefined) closeSync(file)
    file = undefined
    if (isKept !== true) rmSync(`${path}.1`, { force: true })
  }

  return {
    step() {
      if (!open() || file === undefined) return
      copy()
      if (rest.length > 0 && fstatSync(file).size - position > maxWaitingBytes) giveUp()
      if (fstatSync(file).size > position) return
      if (movedAside(path, file)) {
        movedSince ??= performance.now()
        if (performance.now() - movedSince >= SETTLE_MILLISECONDS) followOn()
      } else if (isKept !== true && position > rotateBytes && existsSync(path)) putAside()
    },
    isEven: () => rest.length === 0 && (file === undefined || fstatSync(file).size === position),
    // What waits may be of the file before, which is gone.
    place: () =>
      file === undefined ? undefined : { inode: fstatSync(file).ino, offset: Math.max(position - rest.length, 0) },
    close() {
      let lines = countLines(rest)
      for (let bytes = readOn(); bytes.length > 0; bytes = readOn()) lines += countLines(bytes)
      if (file !== undefined) closeSync(file)
      file = undefined
      return lines
    },
  }
}

function countLines(bytes: Buffer): number {
  let count = 0
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) count++
  return count
}

/** NGINX's master writes to another file by now. */
function movedAside(path: string, file: number): boolean {
  return existsSync(path) && statSync(path).ino !== fstatSync(file).ino
}

function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino
}
