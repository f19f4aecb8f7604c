import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolders } from '../../../disk/make-folders.js'
import type { Answer, Query, RecordView } from '../../analytics.js'
import type { Agent } from '../agents.js'
import { reasonOf } from '../reason.js'
import type { LogRecord } from '../record.js'
import type { Place } from '../roll-up.js'
import { checkQuery } from '../select.js'
import { answerOf } from './answer.js'
import { columnKinds, viewOfRow, writeRow } from './columns.js'
import { openDatabase, type Appender } from './database.js'
import { bytesOf, deletePiece, makePiece, openPiece, pieceOf, putPieceAside, writtenAt, type Piece } from './piece.js'
import { findStatement, statementOf } from './statement.js'

export interface RawStoreOptions {
  readonly folder: string
  /** All files together; beyond it the oldest lines go. Absent: no bound. */
  readonly maxBytes?: number
  readonly maxAgeMilliseconds?: number
  /** Of DuckDB. */
  readonly threads: number
  /** Milliseconds since 1970. */
  now(): number
  /** A sentence about something that had to be put aside. */
  say(sentence: string): void
}

/**
 * The lines of a log in files of DuckDB. Rejects with what DuckDB says when it cannot be opened or written; it is of no
 * use then, and another one may be opened. Nothing here may be called before what was called last has ended, but for
 * `add`.
 */
export interface RawStore {
  /** Only between `begin` and `commit`. */
  add(record: LogRecord, agent: Agent, place: Place | undefined): void
  begin(): Promise<void>
  /** What was added is kept from now on, and the note with it. */
  commit(note?: string): Promise<void>
  /** That of the last commit that had one. */
  note(): string
  query(query: Query): Promise<Answer>
  find(requestId: string): Promise<RecordView | undefined>
  state(): RawState
  /**
   * Deletes what is too old by now, also when nothing is added; whether there was anything. Not between `begin` and
   * `commit`.
   */
  dropOld(): Promise<boolean>
  close(): Promise<void>
}

export interface RawState {
  readonly bytes: number
  readonly lines: number
  readonly oldest?: number
  readonly newest?: number
}

const MEGABYTE = 1024 * 1024
const LONGEST_LOOK_MILLISECONDS = 60_000
const SHORTEST_LOOK_MILLISECONDS = 1_000
/** A store has so many files, by size and by age, so that the oldest line is about as old as it may be. */
const PIECES = 16
const FILE = /^lines-(\d{6,})\.duckdb$/
const MOST_ASIDE = 2

/** How often to look for what is too old. */
export function lookMilliseconds(maxAgeMilliseconds: number): number {
  return Math.max(SHORTEST_LOOK_MILLISECONDS, Math.min(LONGEST_LOOK_MILLISECONDS, maxAgeMilliseconds / PIECES))
}

export async function openRawStore(options: RawStoreOptions): Promise<RawStore> {
  const { folder, maxBytes = Number.POSITIVE_INFINITY, maxAgeMilliseconds = Number.POSITIVE_INFINITY, now } = options
  makeFolders(folder, 0o700)
  const database = await openDatabase(join(folder, 'tmp'), options.threads)
  const pieces: Piece[] = []
  let note = ''
  let appender: Appender | undefined
  let next = 1

  for (const { name, number } of filesIn(folder)) {
    const piece = pieceOf(join(folder, name), number)
    next = Math.max(next, number + 1)
    try {
      note = (await openPiece(database, piece)) || note
      pieces.push(piece)
    } catch (cause) {
      if (isOfTheWorld(cause)) {
        database.close()
        throw cause
      }
      await database.detach(piece.name).catch(() => undefined)
      const aside = putPieceAside(piece.path, now())
      options.say(
        `${piece.path} could not be read (${firstLine(cause)}): it is kept as ${aside}, and a new one is begun`,
      )
    }
  }
  removeOldAside(folder)

  async function current(): Promise<Piece> {
    const last = pieces.at(-1)
    const isFull =
      last === undefined ||
      bytesOf(last) > Math.max(maxBytes / PIECES, MEGABYTE) ||
      now() - last.oldest > maxAgeMilliseconds / PIECES
    if (!isFull) return last
    const number = next++
    const made = pieceOf(join(folder, `lines-${String(number).padStart(6, '0')}.duckdb`), number)
    await makePiece(database, made)
    pieces.push(made)
    await dropOld()
    return made
  }

  async function dropOld(): Promise<boolean> {
    const before = pieces.length
    let bytes = pieces.reduce((sum, piece) => sum + bytesOf(piece), 0)
    for (const piece of pieces.slice()) {
      // The newest one is in use: it may only be too old, once it has lines.
      const isTooMuch = bytes > maxBytes && piece !== pieces.at(-1)
      if (!isTooMuch && !(piece.lines > 0 && piece.newest < now() - maxAgeMilliseconds)) continue
      bytes -= bytesOf(piece)
      await deletePiece(database, piece)
      pieces.splice(pieces.indexOf(piece), 1)
    }
    return pieces.length < before
  }

  function state(): RawState {
    const lines = pieces.reduce((sum, piece) => sum + piece.lines, 0)
    return {
      bytes: pieces.reduce((sum, piece) => sum + bytesOf(piece), 0),
      lines,
      ...(lines === 0
        ? {}
        : {
            oldest: Math.min(...pieces.map(({ oldest }) => oldest)),
            newest: Math.max(...pieces.map(({ newest }) => newest)),
          }),
    }
  }

  return {
    async begin() {
      if (appender !== undefined) return
      const piece = await current()
      await database.run('BEGIN')
      appender = await database.appender(piece.name, 'lines', columnKinds)
    },
    add(record, agent, place) {
      const piece = pieces.at(-1)
      if (appender === undefined || piece === undefined) throw new Error('nothing was begun')
      writeRow(appender.rows, record, agent, place)
      piece.lines++
      if (record.time < piece.oldest) piece.oldest = record.time
      if (record.time > piece.newest) piece.newest = record.time
    },
    async commit(given) {
      const piece = pieces.at(-1)
      if (appender === undefined || piece === undefined) return
      appender.close()
      appender = undefined
      if (given !== undefined) {
        await database.ask({ sql: `UPDATE ${piece.name}.about SET note = $1`, values: [given] })
        note = given
      }
      await database.run('COMMIT')
      await dropOld()
    },
    note: () => note,
    async query(query) {
      const wrong = checkQuery(query)
      if (wrong !== undefined) return { ok: false, message: wrong }
      const inTime = pieces.filter(({ oldest, newest }) => newest >= query.from && oldest < query.to)
      const asked = inTime.length > 0 ? inTime : pieces.slice(-1)
      if (asked.length === 0) return { ok: false, message: 'No line is kept yet.' }
      try {
        const tables = asked.map(({ name }) => `${name}.lines`)
        return answerOf(query, await database.ask(statementOf(tables, query)))
      } catch (cause) {
        return { ok: false, message: `The lines that are kept could not be asked: ${firstLine(cause)}` }
      }
    },
    async find(requestId) {
      for (const { name } of pieces.toReversed()) {
        const [row] = await database.ask(findStatement(`${name}.lines`, requestId))
        if (row !== undefined) return viewOfRow(row)
      }
      return undefined
    },
    state,
    dropOld,
    async close() {
      if (appender !== undefined) {
        appender.close()
        await database.run('COMMIT')
      }
      database.close()
    },
  }
}

/**
 * Whether a store in a folder has a file that was written last before a time, in milliseconds: none of its lines is
 * newer.
 */
export function hasLinesBefore(folder: string, time: number): boolean {
  return filesIn(folder).some(({ name, number }) => writtenAt(pieceOf(join(folder, name), number)) < time)
}

/** Whether there is a store in a folder. */
export function hasRawStore(folder: string): boolean {
  return filesIn(folder).length > 0
}

function filesIn(folder: string): readonly { readonly name: string; readonly number: number }[] {
  try {
    return readdirSync(folder)
      .flatMap((name) => {
        const [, number] = FILE.exec(name) ?? []
        return number === undefined ? [] : [{ name, number: Number(number) }]
      })
      .toSorted((a, b) => a.number - b.number)
  } catch {
    return []
  }
}

/** What is broken again and again is not to fill the disk. */
function removeOldAside(folder: string): void {
  const aside = readdirSync(folder).filter((name) => name.includes('.duckdb.broken-'))
  const byAge = aside.toSorted((a, b) => Number(/\d+$/.exec(a)) - Number(/\d+$/.exec(b)))
  for (const name of byAge.slice(0, -MOST_ASIDE)) rmSync(join(folder, name), { force: true })
}

/** The file may well be sound: there is no room, no right, or another process has it. */
export function isOfTheWorld(cause: unknown): boolean {
  return /No space|ENOSPC|Permission denied|EACCES|EROFS|Read-only|Could not set lock|Too many open files|Out of Memory|Cannot allocate|Quota|Input\/output/i.test(
    reasonOf(cause),
  )
}

export function firstLine(cause: unknown): string {
  return (reasonOf(cause).split('\n')[0] ?? '').slice(0, 300)
}
