import type { AnalyticsStatus, Answer, Condition, Query, RecordView, StoreStatus } from '../analytics.js'
import { createAgentReader } from './agents.js'
import type { LogFormat } from './formats.js'
import { createLineSplitter } from './lines.js'
import { compileParser, joinParsers, type LineParser } from './parser.js'
import { createRecentLines } from './recent-lines.js'
import { createRecord, type LogRecord } from './record.js'
import { createRollUp, type Level, type Place } from './roll-up.js'
import { select } from './select.js'
import { compileRecordFilter, viewOf } from './view.js'

export interface LogEngineOptions {
  /** From the likeliest on. */
  readonly formats: readonly LogFormat[]
  readonly levels?: readonly Level[]
  readonly maxRows?: number
  /** Milliseconds since 1970. */
  now(): number
  placeOf?(client: string): Place | undefined
  /** Sees each record, which holds only during the call. */
  onRecord?(record: LogRecord, line: string): void
  /** Default: nothing but roll-ups. */
  storeStatus?(): StoreStatus
}

/** Log analytics without threads and files: lines in, answers out. */
export interface LogEngine {
  read(bytes: Uint8Array): void
  /** The file is over; what is left is its last line. */
  end(): void
  /** Bytes that were read of a line whose end has not come. */
  waiting(): number
  /** Lines of what is known, for `load`. */
  save(): Iterable<string>
  /** Takes over what was saved; false: the line is none of it. */
  load(line: string): boolean
  /** So many lines were given up; what is read next begins somewhere. */
  skip(lines: number): void
  /** NGINX writes another format from now on; lines of the one before still come for a while. */
  useFormat(format: LogFormat): void
  query(query: Query): Answer
  status(): AnalyticsStatus
  /** How many lines were read so far; costs nothing. */
  counts(): { readonly records: number; readonly unparsable: number }
  recent(filter: readonly Condition[], limit: number): readonly RecordView[]
  find(requestId: string): RecordView | undefined
}

const MOST_SAMPLES = 5
const LONGEST_SAMPLE = 300
/** A line may be ahead of this clock by so much, as clocks are; beyond that its time is wrong. */
const AHEAD_MILLISECONDS = 3_600_000
const MOST_FORMATS = 4

export function createLogEngine(options: LogEngineOptions): LogEngine {
  const { now, placeOf, onRecord, storeStatus } = options
  const rollUp = createRollUp(options)
  const splitter = createLineSplitter()
  const recent = createRecentLines()
  const agents = createAgentReader()
  const record = createRecord()
  let formats = options.formats
  let parse = parserOf(formats)
  let records = 0
  let unparsable = 0
  let samples: readonly string[] = []
  let lost = 0
  let misdated = 0

  function parserOf(all: readonly LogFormat[]): LineParser {
    return joinParsers(all.map((format) => compileParser(format, now)))
  }

  function onLine(line: string, isCut: boolean): void {
    if (line === '') return
    if (isCut || !parse(line, record)) {
      unparsable++
      // The newest of them: those from long ago say little about what is wrong now.
      samples = [...samples.slice(samples.length < MOST_SAMPLES ? 0 : 1), line.slice(0, LONGEST_SAMPLE)]
      return
    }
    records++
    if (record.time > now() + AHEAD_MILLISECONDS) {
      misdated++
      record.time = now()
    }
    rollUp.add(record)
    recent.add(line)
    onRecord?.(record, line)
  }

  return {
    read: (bytes) => splitter.read(bytes, onLine),
    end: () => splitter.end(onLine),
    waiting: () => splitter.waiting(),
    save() {
      rollUp.settle()
      return rollUp.save()
    },
    load: (line) => rollUp.load(line),
    skip(lines) {
      lost += lines
      splitter.skip()
    },
    useFormat(format) {
      if (JSON.stringify(format) === JSON.stringify(formats[0])) return
      formats = [format, ...formats.filter((each) => JSON.stringify(each) !== JSON.stringify(format))].slice(
        0,
        MOST_FORMATS,
      )
      parse = parserOf(formats)
    },
    query: (query) => select(rollUp, query),
    counts: () => ({ records, unparsable }),
    status() {
      rollUp.settle()
      return {
        records,
        unparsable,
        unparsableSamples: samples,
        lost,
        misdated,
        tooOld: rollUp.tooOld(),
        ...rollUp.range(),
        rows: rollUp.rows(),
        maxRows: rollUp.maxRows,
        store: storeStatus?.() ?? { kind: 'none', reason: 'the lines themselves are not kept' },
        geography: placeOf !== undefined,
      }
    },
    recent(filter, limit) {
      const fits = compileRecordFilter(filter, { agents, ...(placeOf === undefined ? {} : { placeOf }) })
      const found: RecordView[] = []
      const own = createRecord()
      for (const line of recent.newestFirst()) {
        if (found.length >= limit) break
        if (parse(line, own) && fits(own)) found.push(viewOf(own))
      }
      return found
    },
    find(requestId) {
      const own = createRecord()
      for (const line of recent.newestFirst())
        if (line.includes(requestId) && parse(line, own) && own.requestId === requestId) return viewOf(own)
      return undefined
    },
  }
}
