import { createHash } from 'node:crypto'
import { closeSync, createReadStream, existsSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { makeFolders } from '../../disk/make-folders.js'
import type { LogEngine } from './engine.js'
import type { FilePosition } from './log-file.js'
import { readPositions } from './positions.js'
import { reasonOf } from './reason.js'

/** A folder with roll-ups, and where each imported file was read up to, in one file, so that both agree. */
export interface RolledUpStore {
  readonly path: string
  /** What was saved before goes into the engine. A sentence if the file had to be put aside: then nothing of it does. */
  load(engine: LogEngine): Promise<{ readonly positions: FilePosition[]; readonly warning?: string }>
  /** A sentence if it cannot be written; what was there before is still there. */
  save(engine: LogEngine, positions: readonly FilePosition[]): string | undefined
}

/** The number is that of the version: another one is not read. */
const HEADER = 'fairlead roll-ups 2'
const END = 'end '
const BUFFER_CHARACTERS = 262_144

export function openRolledUpStore(folder: string): RolledUpStore {
  const path = join(folder, 'roll-ups.ndjson')

  function putAside(why: string): { readonly positions: FilePosition[]; readonly warning: string } {
    const aside = `${path}.broken`
    try {
      renameSync(path, aside)
    } catch (cause) {
      return { positions: [], warning: `${path} could not be read (${why}), nor be put aside (${reasonOf(cause)}).` }
    }
    return {
      positions: [],
      warning: `${path} could not be read (${why}): it is kept as ${aside}, and a new one is begun.`,
    }
  }

  return {
    path,
    async load(engine) {
      if (!existsSync(path)) return { positions: [] }
      try {
        const problem = await check(path)
        if (problem !== undefined) return putAside(problem)
        let positions: FilePosition[] | undefined
        let count = 0
        for await (const line of linesOf(path)) {
          count++
          if (count === 1 || line.startsWith(END)) continue
          if (count > 2) engine.load(line)
          else positions = readPositions(line)
        }
        return positions === undefined ? putAside('it is damaged') : { positions }
      } catch (cause) {
        return putAside(reasonOf(cause))
      }
    },
    save(engine, positions) {
      try {
        makeFolders(folder, 0o700)
        writeWhole(path, [HEADER, JSON.stringify(positions)], engine.save())
        return undefined
      } catch (cause) {
        rmSync(`${path}.new`, { force: true })
        return `${path} cannot be written: ${reasonOf(cause)}.`
      }
    },
  }
}

/** Why the file is not to be believed; its last line has the digest of all before it. */
async function check(path: string): Promise<string | undefined> {
  const hash = createHash('sha256')
  let first: string | undefined
  let last = ''
  for await (const line of linesOf(path)) {
    if (first !== undefined) hash.update(`${last}\n`)
    first ??= line
    last = line
  }
  if (first?.startsWith(HEADER.slice(0, -1)) === true && first !== HEADER) return 'it is of another version of Fairlead'
  return first === HEADER && last === END + hash.digest('hex') ? undefined : 'it is cut off or damaged'
}

function linesOf(path: string): AsyncIterable<string> {
  return createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY })
}

function writeWhole(path: string, head: readonly string[], lines: Iterable<string>): void {
  const file = openSync(`${path}.new`, 'w', 0o600)
  const hash = createHash('sha256')
  const write = (text: string): void => {
    hash.update(text)
    writeAll(file, text)
  }
  try {
    let waiting = `${head.join('\n')}\n`
    for (const line of lines) {
      waiting += `${line}\n`
      if (waiting.length < BUFFER_CHARACTERS) continue
      write(waiting)
      waiting = ''
    }
    write(waiting)
    writeAll(file, `${END}${hash.digest('hex')}\n`)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(`${path}.new`, path)
}

/** A full disk may take a part. */
function writeAll(file: number, text: string): void {
  const bytes = Buffer.from(text, 'utf8')
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
}
