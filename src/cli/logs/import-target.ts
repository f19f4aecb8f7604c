import { existsSync } from 'node:fs'
import { createAgentReader } from '../../observe/logs/agents.js'
import { createLogEngine } from '../../observe/logs/engine.js'
import type { FilePosition } from '../../observe/logs/log-file.js'
import { openPlaces } from '../../observe/logs/places.js'
import { readPositions } from '../../observe/logs/positions.js'
import { whyNoDuckDb } from '../../observe/logs/raw/installed.js'
import { firstLine, hasRawStore, openRawStore } from '../../observe/logs/raw/store.js'
import { createLineReader, type LineReader } from '../../observe/logs/reading.js'
import { openRolledUpStore } from '../../observe/logs/rolled-up-store.js'
import { linesFolder } from './lines-source.js'
import { formatsFor, type FormatFlags } from './source.js'

/** What an import fills. */
export interface ImportTarget extends Pick<LineReader, 'read' | 'end' | 'waiting' | 'useFormat' | 'counts'> {
  /** Of earlier imports. */
  readonly positions: FilePosition[]
  /** How much is read between two times at which what is known is kept: what a crash costs. */
  readonly keepEveryBytes: number
  /** Keeps what was read up to these positions, both or nothing. A sentence if it cannot. */
  keep(positions: readonly FilePosition[]): Promise<string | undefined>
  tooOld(): number
  close(): Promise<void>
}

export interface TargetFlags extends FormatFlags {
  readonly store: string
  /** Keep the lines themselves: where DuckDB is installed. */
  readonly raw: boolean
  readonly geoip?: string
}

const MEGABYTE = 1024 * 1024
/** Rows in memory: fewer than a controller has, since the files may be those of weeks. */
const MOST_ROWS = 16_000

/** A folder goes on in the form in which it was begun. A sentence if it cannot be opened. */
export async function openTarget(flags: TargetFlags, warn: (sentence: string) => void): Promise<ImportTarget | string> {
  const places = flags.geoip === undefined ? undefined : openPlaces(flags.geoip)
  if (places?.ok === false) return `--geoip: ${places.message}.`
  const placing = places === undefined ? {} : { placeOf: places.placeOf }
  const missing = whyNoDuckDb()
  const isRaw = hasRawStore(linesFolder(flags.store))
  if (isRaw && missing !== undefined) return `${flags.store} holds lines: ${missing}.`
  const isRolledUp = existsSync(openRolledUpStore(flags.store).path)
  return isRaw || (!isRolledUp && flags.raw && missing === undefined)
    ? openLineTarget(flags, placing, warn)
    : openRollUps(flags, placing, warn)
}

type Placing = Pick<Parameters<typeof createLogEngine>[0], 'placeOf'>

async function openRollUps(
  flags: TargetFlags,
  placing: Placing,
  warn: (sentence: string) => void,
): Promise<ImportTarget> {
  const store = openRolledUpStore(flags.store)
  const engine = createLogEngine({ formats: formatsFor(flags), now: Date.now, maxRows: MOST_ROWS, ...placing })
  const { positions, warning } = await store.load(engine)
  if (warning !== undefined) warn(warning)
  return {
    ...engine,
    positions,
    keepEveryBytes: 256 * MEGABYTE,
    keep: (kept) => Promise.resolve(store.save(engine, kept)),
    tooOld: () => engine.status().tooOld,
    close: () => Promise.resolve(),
  }
}

async function openLineTarget(
  flags: TargetFlags,
  { placeOf }: Placing,
  warn: (sentence: string) => void,
): Promise<ImportTarget | string> {
  const folder = linesFolder(flags.store)
  try {
    const store = await openRawStore({ folder, threads: 1, now: Date.now, say: (sentence) => warn(`${sentence}.`) })
    const agents = createAgentReader()
    const reader = createLineReader({
      formats: formatsFor(flags),
      now: Date.now,
      onRecord: (record) => store.add(record, agents.read(record.userAgent), placeOf?.(record.client)),
    })
    await store.begin()
    return {
      ...reader,
      positions: readPositions(store.note()) ?? [],
      keepEveryBytes: 128 * MEGABYTE,
      async keep(positions) {
        try {
          agents.begin()
          await store.commit(JSON.stringify(positions))
          await store.begin()
          return undefined
        } catch (cause) {
          return `${folder} cannot be written: ${firstLine(cause)}.`
        }
      },
      tooOld: () => 0,
      close: () => store.close(),
    }
  } catch (cause) {
    return `${folder} cannot be opened: ${firstLine(cause)}.`
  }
}
