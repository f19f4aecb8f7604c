import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openDatabase } from '../../src/observe/logs/raw/database.js'

/** More than two chunks of DuckDB's 2,048 rows, the last one not full. */
const ROWS = 5_000

const TEXTS = [
  '',
  'x',
  'twelve bytes',
  'thirteen byte',
  'é',
  'zwölf Zeich\u20ac',
  'a\u0000b',
  'with \u0000 in a text that is longer',
  'what occurs again and again and does not fit',
  '\u{1f600}'.repeat(5),
]

const textAt = (i: number): string => (i % 3 === 0 ? `only once, in row ${i}` : (TEXTS[i % TEXTS.length] ?? ''))
const bigAt = (i: number): bigint | null => (i % 7 === 0 ? null : BigInt(i) * 1_000_000_007n)
const smallAt = (i: number): number | null => (i % 2_049 === 5 ? null : i - 100)

test('what is handed to DuckDB by the chunk is what was added by the value', { timeout: 120_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-chunk-'))
  const database = await openDatabase(join(folder, 'tmp'), 2)
  try {
    await database.attach('piece', join(folder, 'rows.duckdb'))
    await database.run('CREATE TABLE piece.rows (big BIGINT, small INTEGER, text VARCHAR, other VARCHAR)')
    const { rows, close } = await database.appender('piece', 'rows', ['big', 'small', 'text', 'text'])
    for (let i = 0; i < ROWS; i++) {
      const [big, small] = [bigAt(i), smallAt(i)]
      if (big === null) rows.appendNull()
      else rows.appendBigInt(big)
      if (small === null) rows.appendNull()
      else rows.appendInteger(small)
      rows.appendVarchar(textAt(i))
      rows.appendVarchar(textAt(ROWS - i))
      rows.endRow()
    }
    close()
    const read = await database.ask({ sql: 'SELECT * FROM piece.rows ORDER BY rowid', values: [] })
    expect(read.length).toBe(ROWS)
    expect(read.map(({ big, small, text, other }) => [big, small, text, other])).toEqual(
      Array.from({ length: ROWS }, (_, i) => [bigAt(i), smallAt(i), textAt(i), textAt(ROWS - i)]),
    )
  } finally {
    database.close()
    rmSync(folder, { recursive: true })
  }
})
