import type { LogFormat } from './formats.js'
import { createLineSplitter } from './lines.js'
import { compileParser, joinParsers, type LineParser } from './parser.js'
import { createRecord, type LogRecord } from './record.js'

export interface LineReaderOptions {
  /** From the likeliest on. */
  readonly formats: readonly LogFormat[]
  /** Milliseconds since 1970. */
  now(): number
  /** Gets each record, which holds only during the call. */
  onRecord(record: LogRecord, line: string): void
}

/** Bytes of a log in, records out; what is none is counted. */
export interface LineReader {
  read(bytes: Uint8Array): void
  /** The file is over; what is left is its last line. */
  end(): void
  /** Bytes that were read of a line whose end has not come. */
  waiting(): number
  /** So many lines were given up; what is read next begins somewhere. */
  skip(lines: number): void
  /** NGINX writes another format from now on; lines of the one before still come for a while. */
  useFormat(format: LogFormat): void
  /** Reads one line that was a record before. */
  parse(line: string, into: LogRecord): boolean
  counts(): LineCounts
}

export interface LineCounts {
  readonly records: number
  readonly unparsable: number
  readonly unparsableSamples: readonly string[]
  readonly lost: number
  readonly misdated: number
}

const MOST_SAMPLES = 5
const LONGEST_SAMPLE = 300
/** A line may be ahead of this clock by so much, as clocks are; beyond that its time is wrong. */
const AHEAD_MILLISECONDS = 3_600_000
const MOST_FORMATS = 4

export function createLineReader(options: LineReaderOptions): LineReader {
  const { now, onRecord } = options
  const splitter = createLineSplitter()
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
    onRecord(record, line)
  }

  return {
    read: (bytes) => splitter.read(bytes, onLine),
    end: () => splitter.end(onLine),
    waiting: () => splitter.waiting(),
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
    parse: (line, into) => parse(line, into),
    counts: () => ({ records, unparsable, unparsableSamples: samples, lost, misdated }),
  }
}
