import { join } from 'node:path'
import type { Analytics } from '../../observe/analytics.js'
import { whyNoDuckDb } from '../../observe/logs/raw/installed.js'
import { firstLine, hasRawStore, openRawStore } from '../../observe/logs/raw/store.js'
import type { Source } from './log-source.js'

const THREADS = 2

/** In a folder of imported logs. */
export function linesFolder(store: string): string {
  return join(store, 'lines')
}

/** The lines of an imported log. A sentence if there are none. */
export async function openLines(folder: string): Promise<(Source & Pick<Analytics, 'find'>) | string> {
  if (!hasRawStore(folder))
    return `${folder} holds no lines: fairlead logs import makes them, where DuckDB is installed.`
  const missing = whyNoDuckDb()
  if (missing !== undefined) return `${folder} cannot be opened: ${missing}.`
  try {
    const say = (sentence: string): void => void process.stderr.write(`fairlead: ${sentence}.\n`)
    const store = await openRawStore({ folder, threads: THREADS, now: Date.now, say })
    const { lines, bytes, oldest, newest } = store.state()
    return {
      isLive: false,
      query: store.query,
      find: store.find,
      status: () =>
        Promise.resolve({
          records: lines,
          unparsable: 0,
          unparsableSamples: [],
          lost: 0,
          misdated: 0,
          tooOld: 0,
          ...(oldest === undefined ? {} : { oldest }),
          ...(newest === undefined ? {} : { newest }),
          rows: 0,
          maxRows: 0,
          store: { kind: 'raw', bytes, waitingLines: 0 },
          geography: true,
        }),
    }
  } catch (cause) {
    return `${folder} cannot be opened: ${firstLine(cause)}.`
  }
}
