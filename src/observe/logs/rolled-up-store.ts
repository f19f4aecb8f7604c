import { createReadStream, existsSync, mkdirSync, openSync, closeSync, renameSync, writeSync, fsyncSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { LogEngine } from './engine.js'
import type { FilePosition } from './log-file.js'
import { reasonOf } from './reason.js'

/** A folder with what was imported: roll-ups, and where each file was read up to, in one file, so that both agree. */
export interface RolledUpStore {
  readonly path: string
  /** What was imported before goes into the engine. A sentence if the file had to be put aside. */
  load(engine: LogEngine): Promise<{ readonly positions: FilePosition[]; readonly warning?: string }>
  /** A sentence if it cannot be written; what was there before is still there. */
  save(engine: LogEngine, positions: readonly FilePosition[]): string | undefined
}

const HEADER = 'fairlead roll-ups 1'
const BUFFER_CHARACTERS = 262_144

export function openRolledUpStore(folder: string): RolledUpStore {
  const path = join(folder, 'roll-ups.ndjson')

  function putAside(why: string): string {
    const aside = `${path}.broken-${Date.now()}`
    renameSync(path, aside)
    return `${path} could not be read (${why}): it is kept as ${aside}, and a new one is begun.`
  }

  return {
    path,
    async load(engine) {
      if (!existsSync(path)) return { positions: [] }
      const lines: string[] = []
      try {
        for await (const line of createInterface({
          input: createReadStream(path, 'utf8'),
          crlfDelay: Number.POSITIVE_INFINITY,
        }))
          lines.push(line)
      } catch (cause) {
        return { positions: [], warning: putAside(reasonOf(cause)) }
      }
      const [header, positionsLine, ...intervals] = lines
      const positions = header === HEADER ? readPositions(positionsLine ?? '') : undefined
      if (positions === undefined || intervals.pop() !== END)
        return { positions: [], warning: putAside('it is cut off or damaged') }
      if (!intervals.every((line) => engine.load(line))) return { positions: [], warning: putAside('it is damaged') }
      return { positions }
    },
    save(engine, positions) {
      try {
        mkdirSync(folder, { recursive: true, mode: 0o700 })
        writeWhole(path, [HEADER, JSON.stringify(positions)], engine.save())
        return undefined
      } catch (cause) {
        return `${path} cannot be written: ${reasonOf(cause)}.`
      }
    },
  }
}

const END = 'end'

function writeWhole(path: string, head: readonly string[], lines: Iterable<string>): void {
  const file = openSync(`${path}.new`, 'w', 0o600)
  try {
    let waiting = `${head.join('\n')}\n`
    for (const line of lines) {
      waiting += `${line}\n`
      if (waiting.length < BUFFER_CHARACTERS) continue
      writeAll(file, waiting)
      waiting = ''
    }
    writeAll(file, `${waiting}${END}\n`)
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

function readPositions(line: string): FilePosition[] | undefined {
  try {
    const json: unknown = JSON.parse(line)
    return Array.isArray(json) && json.every(isPosition) ? json : undefined
  } catch {
    return undefined
  }
}

function isPosition(value: unknown): value is FilePosition {
  return (
    typeof value === 'object' &&
    value !== null &&
    'head' in value &&
    typeof value.head === 'string' &&
    'headBytes' in value &&
    typeof value.headBytes === 'number' &&
    'offset' in value &&
    typeof value.offset === 'number'
  )
}
