import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { stateFolderAt } from '../../apply/state-folder.js'
import type { RecordView } from '../../observe/analytics.js'
import { createAgentReader } from '../../observe/logs/agents.js'
import { createLineSplitter } from '../../observe/logs/lines.js'
import { compileParser, joinParsers } from '../../observe/logs/parser.js'
import { reasonOf } from '../../observe/logs/reason.js'
import { createRecord, readable } from '../../observe/logs/record.js'
import { compileRecordFilter, viewOf } from '../../observe/logs/view.js'
import { csvLine, printable, printableJson } from './safe-text.js'
import { formatsFor, type FormatFlags } from './source.js'
import { fail, filterOf, formOf, type FilterFlags } from './span.js'

export interface TailFlags extends FormatFlags, FilterFlags {
  readonly stateDir?: string
  readonly follow?: boolean
  readonly lines: number
}

const LOOK_MILLISECONDS = 200
const PIECE_BYTES = 65_536
/** How far from the end of a file the last requests are looked for. */
const FURTHEST_BYTES = 64 * 1024 * 1024

/** `fairlead logs tail`. A file that is put aside and made anew, or cut off, is followed on. */
export async function tailLog(given: string | undefined, flags: TailFlags): Promise<void> {
  const path = given ?? (flags.stateDir === undefined ? undefined : stateFolderAt(flags.stateDir).accessLog)
  if (path === undefined) return fail('Name a file, or --state-dir DIR of a controller that runs.')
  const filter = filterOf(flags)
  if (typeof filter === 'string') return fail(filter)
  const show = createPrinter(flags, filter)
  let file: number
  try {
    file = openSync(path, 'r')
  } catch (cause) {
    return fail(`${path} cannot be read: ${reasonOf(cause)}.`)
  }
  const { size } = fstatSync(file)
  let position = Math.max(0, size - FURTHEST_BYTES)
  const splitter = createLineSplitter()
  if (position > 0) splitter.skip()
  const last: string[] = []
  const readOn = (onText: (text: string) => void): void => {
    const piece = Buffer.alloc(PIECE_BYTES)
    for (let count = read(file, piece, position); count > 0; count = read(file, piece, position)) {
      position += count
      splitter.read(piece.subarray(0, count), (line) => {
        const text = show(line)
        if (text !== undefined) onText(text)
      })
    }
  }
  readOn((text) => {
    last.push(text)
    if (last.length > flags.lines) last.shift()
  })
  if (formOf(flags) === 'csv') process.stdout.write(csvLine(COLUMNS))
  process.stdout.write(last.join(''))
  while (flags.follow === true) {
    await sleep(LOOK_MILLISECONDS)
    readOn((text) => process.stdout.write(text))
    const next = reopened(path, file, position)
    if (next === undefined) continue
    file = next
    position = 0
  }
  closeSync(file)
}

/** The file that has the name by now, if it is another one or begins anew; undefined: it is the same. */
function reopened(path: string, file: number, position: number): number | undefined {
  const now = statSync(path, { throwIfNoEntry: false })
  if (now === undefined || (now.ino === fstatSync(file).ino && now.size >= position)) return undefined
  closeSync(file)
  return openSync(path, 'r')
}

function read(file: number, into: Buffer, position: number): number {
  return readSync(file, into, 0, into.length, position)
}

const COLUMNS = [
  'time',
  'status',
  'method',
  'host',
  'uri',
  'client',
  'service',
  'upstreamAddress',
  'upstreamStatus',
  'seconds',
  'upstreamSeconds',
  'bytesSent',
  'requestBytes',
  'userAgent',
  'requestId',
] as const satisfies readonly (keyof RecordView)[]

/**
 * A line as it is to be shown; undefined: it does not fit. A line that is of no format is shown where nothing is asked
 * of it.
 */
function createPrinter(flags: TailFlags, filter: Exclude<ReturnType<typeof filterOf>, string>) {
  const form = formOf(flags)
  const parse = joinParsers(formatsFor(flags).map((format) => compileParser(format, Date.now)))
  const fits = compileRecordFilter(filter, { agents: createAgentReader() })
  const record = createRecord()
  return (line: string): string | undefined => {
    const isRead = parse(line, record)
    if (!isRead || !fits(record))
      return isRead || filter.length > 0 || form !== 'table' ? undefined : `${printable(readable(line))}\n`
    if (form === 'table') return `${printable(readable(line))}\n`
    const view = viewOf(record)
    const shown = { ...view, time: new Date(view.time).toISOString() }
    return form === 'json' ? `${printableJson(shown)}\n` : csvLine(COLUMNS.map((column) => shown[column] ?? null))
  }
}
