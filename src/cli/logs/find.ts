import type { RecordView } from '../../observe/analytics.js'
import { findRequest } from './ask-controller.js'
import { linesFolder, openLines } from './lines-source.js'
import { printable, printableJson } from './safe-text.js'
import { fail } from './span.js'

export interface FindFlags {
  readonly requestId: string
  readonly stateDir?: string
  readonly store?: string
  readonly json?: boolean
}

/** `fairlead logs find`: the line of a request id, among the newest of a controller or among all that are kept. */
export async function findInLogs({ requestId, stateDir, store, json }: FindFlags): Promise<void> {
  const found = await find(requestId, stateDir, store)
  if (typeof found === 'string') return fail(found)
  if (found === null) return fail(`The lines that are kept have no request ${JSON.stringify(requestId)}.`)
  const shown = { ...found, time: new Date(found.time).toISOString() }
  process.stdout.write(json === true ? `${printableJson(shown, 2)}\n` : printRecord(found))
}

async function find(requestId: string, stateDir?: string, folder?: string): Promise<RecordView | null | string> {
  if (stateDir !== undefined) return findRequest(stateDir, requestId)
  if (folder === undefined) return 'Name --state-dir DIR of a controller that runs, or --store DIR of imported lines.'
  const source = await openLines(linesFolder(folder))
  return typeof source === 'string' ? source : ((await source.find(requestId)) ?? null)
}

/** What the line says, one fact below the other. */
export function printRecord(record: RecordView): string {
  const facts = Object.entries({ ...record, time: new Date(record.time).toISOString() })
  const width = Math.max(...facts.map(([name]) => name.length))
  return facts.map(([name, value]) => `${name.padEnd(width)}  ${printable(String(value))}\n`).join('')
}
