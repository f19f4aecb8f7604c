import { existsSync } from 'node:fs'
import { createLogEngine, type LogEngine } from '../../observe/logs/engine.js'
import { guesses, parseFormat, type LogFormat } from '../../observe/logs/formats.js'
import { inspectLogFile, readLogFile, type LogFile } from '../../observe/logs/log-file.js'
import { guessFormat } from '../../observe/logs/parser.js'
import { hasRawStore } from '../../observe/logs/raw/store.js'
import { openRolledUpStore } from '../../observe/logs/rolled-up-store.js'
import { askController } from './ask-controller.js'
import { linesFolder, openLines } from './lines-source.js'
import type { Source } from './log-source.js'
import { createProgress } from './progress.js'

export interface FormatFlags {
  readonly format?: string
  readonly escape: 'default' | 'json' | 'none'
}

export interface SourceFlags extends FormatFlags {
  readonly store?: string
  readonly stateDir?: string
}

/** Files, a folder of imported ones, or a controller that runs. A sentence if there is nothing to read. */
export async function openLogs(files: readonly string[], flags: SourceFlags): Promise<Source | string> {
  if (files.length > 0) return readFiles(files, flags)
  if (flags.store !== undefined) return readStore(flags.store)
  if (flags.stateDir !== undefined) return askController(flags.stateDir)
  return 'Name files of a log, --store DIR for imported ones, or --state-dir DIR of a controller that runs.'
}

async function readFiles(paths: readonly string[], flags: FormatFlags): Promise<Source | string> {
  const engine = createLogEngine({ formats: formatsFor(flags), now: Date.now })
  for (const path of paths) {
    const file = inspectLogFile(path)
    if (typeof file === 'string') return file
    const progress = createProgress(file)
    const problem = await readLogFile(file, 0, (bytes, done) => {
      engine.read(bytes)
      progress.show(done, () => engine.counts().records)
    })
    engine.end()
    progress.end()
    if (problem !== undefined) process.stderr.write(`fairlead: ${problem}\n`)
  }
  return sourceOf(engine)
}

async function readStore(folder: string): Promise<Source | string> {
  if (hasRawStore(linesFolder(folder))) return openLines(linesFolder(folder))
  const store = openRolledUpStore(folder)
  if (!existsSync(store.path))
    return `${folder} holds no imported log: fairlead logs import FILE --store ${folder} makes one.`
  const engine = createLogEngine({ formats: guesses, now: Date.now })
  const { warning } = await store.load(engine)
  return warning ?? sourceOf(engine)
}

function sourceOf(engine: LogEngine): Source {
  return {
    isLive: false,
    query: (query) => Promise.resolve(engine.query(query)),
    status: () => Promise.resolve(engine.status()),
  }
}

/** What is given, or everything that is known. */
export function formatsFor({ format, escape }: FormatFlags): readonly LogFormat[] {
  return format === undefined ? guesses : [parseFormat(format, escape)]
}

/** Which known format the beginning of a file has; undefined: none. */
export function formatOfFile({ head, isPacked }: LogFile): LogFormat | undefined {
  if (isPacked) return undefined
  const lines = head.toString('latin1').split('\n').slice(0, -1)
  return guessFormat(lines, guesses)
}
