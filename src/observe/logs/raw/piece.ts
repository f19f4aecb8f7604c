import { renameSync, rmSync, statSync } from 'node:fs'
import { reasonOf } from '../reason.js'
import { columnDefinitions } from './columns.js'
import type { Database } from './database.js'

/** A file with lines of some time. A whole one is deleted when it is too old: that gives its room back, and takes no time. */
export interface Piece {
  readonly path: string
  /** Its name in DuckDB. */
  readonly name: string
  readonly number: number
  lines: number
  /** Times of lines, in milliseconds. */
  oldest: number
  newest: number
}

/** Of the tables below; another one is not read. */
const VERSION = 1

export function pieceOf(path: string, number: number): Piece {
  return {
    path,
    name: `piece_${number}`,
    number,
    lines: 0,
    oldest: Number.POSITIVE_INFINITY,
    newest: Number.NEGATIVE_INFINITY,
  }
}

/** Makes the file. */
export async function makePiece(database: Database, piece: Piece): Promise<void> {
  await database.attach(piece.name, piece.path)
  await database.run(`CREATE TABLE ${piece.name}.about (version INTEGER, note VARCHAR)`)
  await database.run(`INSERT INTO ${piece.name}.about VALUES (${VERSION}, '')`)
  await database.run(`CREATE TABLE ${piece.name}.lines (${columnDefinitions})`)
}

/** Attaches a file that there is, and sees what is in it. Gives its note. */
export async function openPiece(database: Database, piece: Piece): Promise<string> {
  await database.attach(piece.name, piece.path)
  const [about] = await database.ask({ sql: `SELECT version, note FROM ${piece.name}.about`, values: [] })
  if (about?.['version'] !== VERSION) throw new Error('it is of another version of Fairlead')
  const [seen] = await database.ask({
    sql: `SELECT count(*) AS lines, min("time") AS oldest, max("time") AS newest FROM ${piece.name}.lines`,
    values: [],
  })
  piece.lines = Number(seen?.['lines'] ?? 0)
  if (piece.lines > 0) {
    piece.oldest = Number(seen?.['oldest'])
    piece.newest = Number(seen?.['newest'])
  }
  return typeof about['note'] === 'string' ? about['note'] : ''
}

export async function deletePiece(database: Pick<Database, 'detach'>, piece: Piece): Promise<void> {
  try {
    await database.detach(piece.name)
  } catch (cause) {
    // On a full disk it cannot be tidied up first; to delete it is what makes room.
    if (!/Detached database .* CHECKPOINT/.test(reasonOf(cause))) throw cause
  }
  for (const path of filesOf(piece.path)) rmSync(path, { force: true })
}

/** Kept under another name, for whoever wants to know. */
export function putPieceAside(path: string, now: number): string {
  const aside = `${path}.broken-${now}`
  for (const each of filesOf(path))
    if (statSync(each, { throwIfNoEntry: false }) !== undefined) renameSync(each, `${aside}${each.slice(path.length)}`)
  return aside
}

export function bytesOf({ path }: Piece): number {
  return filesOf(path).reduce((sum, each) => sum + (statSync(each, { throwIfNoEntry: false })?.size ?? 0), 0)
}

/** Milliseconds since 1970; never, if it is gone. */
export function writtenAt({ path }: Piece): number {
  const times = filesOf(path).flatMap((each) => statSync(each, { throwIfNoEntry: false })?.mtimeMs ?? [])
  return times.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...times)
}

/** With the log of what is not in it yet. */
function filesOf(path: string): readonly string[] {
  return [path, `${path}.wal`]
}
