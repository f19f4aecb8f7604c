import { createLogEngine } from '../../observe/logs/engine.js'
import { digestOf, inspectLogFile, isOf, readLogFile, type FilePosition } from '../../observe/logs/log-file.js'
import { openRolledUpStore } from '../../observe/logs/rolled-up-store.js'
import { createProgress } from './progress.js'
import { formatOfFile, formatsFor, type FormatFlags } from './source.js'
import { fail, tellLosses } from './span.js'

export interface ImportFlags extends FormatFlags {
  readonly store: string
}

/** How much is read between two times at which what is known is written: what a crash costs. */
const SAVE_EVERY_BYTES = 256 * 1024 * 1024
/** Rows in memory: fewer than a controller has, since the files may be those of weeks. */
const MOST_ROWS = 25_000

/** `fairlead logs import`. What was read of a file before is not read again, also when it grew or has another name by now. */
export async function importLogs(paths: readonly string[], flags: ImportFlags): Promise<void> {
  const store = openRolledUpStore(flags.store)
  const engine = createLogEngine({ formats: formatsFor(flags), now: Date.now, maxRows: MOST_ROWS })
  const { positions, warning } = await store.load(engine)
  if (warning !== undefined) process.stderr.write(`fairlead: ${warning}\n`)
  for (const path of paths) {
    const file = inspectLogFile(path)
    if (typeof file === 'string') return fail(file)
    const likely = flags.format === undefined ? formatOfFile(file) : undefined
    if (likely !== undefined) engine.useFormat(likely)
    const index = positions.findIndex((position) => isOf(position, file))
    const start = positions[index]?.offset ?? 0
    const at = (offset: number): FilePosition => ({ head: digestOf(file), headBytes: file.head.length, offset })
    const keep = (offset: number): string | undefined => {
      if (file.head.length > 0) positions.splice(index < 0 ? positions.length : index, 1, at(offset))
      return store.save(engine, positions)
    }
    let offset = start
    let saved = start
    let failure: string | undefined
    const progress = createProgress(file)
    const before = engine.counts().records
    const problem = await readLogFile(file, start, (bytes, done) => {
      engine.read(bytes)
      offset += bytes.length
      progress.show(done, () => engine.counts().records)
      if (offset - saved < SAVE_EVERY_BYTES || failure !== undefined) return
      saved = offset
      failure = keep(offset - engine.waiting())
    })
    engine.end()
    progress.end()
    failure = keep(offset)
    if (failure !== undefined) return fail(failure)
    const again = start > 0 ? `, from byte ${start} on, where the last import ended` : ''
    process.stdout.write(`${path}: ${engine.counts().records - before} requests${again}\n`)
    if (problem !== undefined) fail(problem)
  }
  const status = engine.status()
  tellLosses(status)
  if (status.records === 0 && status.unparsable > 0)
    fail('No line could be read; --format says how the lines are made.')
}
