import type { AnalyticsStatus, Answer, Condition, Query, RecordView } from '../analytics.js'
import { createAgentReader } from './agents.js'
import type { LogFormat } from './formats.js'
import { createLineReader, type LineCounts } from './reading.js'
import { createRecentLines } from './recent-lines.js'
import { createRecord } from './record.js'
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
  counts(): LineCounts
  recent(filter: readonly Condition[], limit: number): readonly RecordView[]
  find(requestId: string): RecordView | undefined
}

export function createLogEngine(options: LogEngineOptions): LogEngine {
  const { placeOf } = options
  const rollUp = createRollUp(options)
  const recent = createRecentLines()
  const agents = createAgentReader()
  const reader = createLineReader({
    formats: options.formats,
    now: options.now,
    onRecord(record, line) {
      rollUp.add(record)
      recent.add(line)
    },
  })

  return {
    read: reader.read,
    end: reader.end,
    waiting: reader.waiting,
    save() {
      rollUp.settle()
      return rollUp.save()
    },
    load: (line) => rollUp.load(line),
    skip: reader.skip,
    useFormat: reader.useFormat,
    query: (query) => select(rollUp, query),
    counts: reader.counts,
    status() {
      rollUp.settle()
      return {
        ...reader.counts(),
        tooOld: rollUp.tooOld(),
        ...rollUp.range(),
        rows: rollUp.rows(),
        maxRows: rollUp.maxRows,
        store: { kind: 'none', reason: 'the lines themselves are not kept' },
        geography: placeOf !== undefined,
      }
    },
    recent(filter, limit) {
      const fits = compileRecordFilter(filter, { agents, ...(placeOf === undefined ? {} : { placeOf }) })
      const found: RecordView[] = []
      const own = createRecord()
      for (const line of recent.newestFirst()) {
        if (found.length >= limit) break
        if (reader.parse(line, own) && fits(own)) found.push(viewOf(own))
      }
      return found
    },
    find(requestId) {
      const own = createRecord()
      for (const line of recent.newestFirst())
        if (line.includes(requestId) && reader.parse(line, own) && own.requestId === requestId) return viewOf(own)
      return undefined
    },
  }
}
