import type { DuckDBDataChunk } from '@duckdb/node-api'
import type duckdb from '@duckdb/node-bindings'
import type { Vector } from '@duckdb/node-bindings'
import type { RowWriter } from './columns.js'

export type ColumnKind = 'big' | 'small' | 'text'

/** What it needs of DuckDB's bindings, below its API for Node, which calls them once for each value. */
export type Bindings = Pick<
  typeof duckdb,
  | 'vector_size'
  | 'data_chunk_get_vector'
  | 'data_chunk_reset'
  | 'data_chunk_set_size'
  | 'vector_get_data'
  | 'vector_assign_string_element_len'
  | 'vector_ensure_validity_writable'
  | 'copy_data_to_vector'
  | 'copy_data_to_vector_validity'
>

/** Rows on their way to a table, a chunk at a time. */
export interface RowChunk extends RowWriter {
  /** Hands on what is there of a chunk. */
  flush(): void
}

/**
 * A text in a vector has 16 bytes: its length, and itself, or 4 bytes of it and where it is (`duckdb_string_t` of
 * duckdb.h).
 */
const TEXT_WORDS = 4
const LONGEST_INSIDE = 12
const MOST_REMEMBERED = 256

/**
 * Collects rows in arrays of our own, of which DuckDB gets a column at once: a call for each value was half of what
 * storing a line takes. A short text is in its 16 bytes, so that only a long one is a call of its own, and one that the
 * chunk has already is none.
 *
 * @param hand takes the chunk, which it copies
 */
export function createRowChunk(
  chunk: DuckDBDataChunk,
  kinds: readonly ColumnKind[],
  bindings: Bindings,
  hand: (chunk: DuckDBDataChunk) => void,
): RowChunk {
  const capacity = bindings.vector_size()
  const columns = kinds.map((kind, index) => createColumn(kind, index, capacity, bindings))
  let row = 0
  let at = 0
  const begin = (): void => {
    for (const column of columns) column.begin(bindings.data_chunk_get_vector(chunk.chunk, column.index))
  }
  const next = (): Column => {
    const column = columns[at++]
    if (column === undefined) throw new Error('a row has no such column')
    return column
  }
  const flush = (): void => {
    if (row === 0) return
    for (const column of columns) column.flush(row)
    bindings.data_chunk_set_size(chunk.chunk, row)
    hand(chunk)
    bindings.data_chunk_reset(chunk.chunk)
    row = 0
    begin()
  }
  begin()
  return {
    appendBigInt: (value) => next().number(row, value),
    appendInteger: (value) => next().number(row, value),
    appendVarchar: (value) => next().text(row, value),
    appendNull: () => next().nothing(row),
    endRow() {
      at = 0
      row++
      if (row === capacity) flush()
    },
    flush,
  }
}

interface Column {
  readonly index: number
  begin(vector: Vector): void
  number(row: number, value: number | bigint): void
  text(row: number, value: string): void
  nothing(row: number): void
  flush(rows: number): void
}

function createColumn(kind: ColumnKind, index: number, capacity: number, bindings: Bindings): Column {
  return kind === 'text'
    ? createTextColumn(index, capacity, bindings)
    : createNumberColumn(kind, index, capacity, bindings)
}

function createNumberColumn(kind: 'big' | 'small', index: number, capacity: number, bindings: Bindings): Column {
  const big = new BigInt64Array(kind === 'big' ? capacity : 0)
  const small = new Int32Array(kind === 'small' ? capacity : 0)
  const values = kind === 'big' ? big : small
  const validity = new Uint8Array(capacity / 8)
  let vector: Vector
  let hasNothing = false
  return {
    index,
    begin(next) {
      vector = next
      if (hasNothing) validity.fill(0xff)
      hasNothing = false
    },
    number(row, value) {
      if (typeof value === 'bigint') big[row] = value
      else small[row] = value
    },
    text: misplaced,
    nothing(row) {
      if (!hasNothing) validity.fill(0xff)
      hasNothing = true
      validity[row >> 3] = (validity[row >> 3] ?? 0) & ~(1 << (row & 7))
    },
    flush(rows) {
      bindings.copy_data_to_vector(vector, 0, values.buffer, 0, rows * values.BYTES_PER_ELEMENT)
      if (!hasNothing) return
      bindings.vector_ensure_validity_writable(vector)
      bindings.copy_data_to_vector_validity(vector, 0, validity.buffer, 0, Math.ceil(rows / 8))
    },
  }
}

function createTextColumn(index: number, capacity: number, bindings: Bindings): Column {
  const words = new Int32Array(capacity * TEXT_WORDS)
  const known = new Map<string, number>()
  /** Rows whose text DuckDB has placed; then pairs: a row, and the one that has the same text. */
  const placed: number[] = []
  const repeated: number[] = []
  let vector: Vector
  return {
    index,
    begin(next) {
      vector = next
      known.clear()
      placed.length = 0
      repeated.length = 0
    },
    number: misplaced,
    nothing: misplaced,
    text(row, value) {
      if (value.length <= LONGEST_INSIDE && writeInside(words, row * TEXT_WORDS, value)) return
      const first = known.get(value)
      if (first !== undefined) {
        repeated.push(row, first)
        return
      }
      if (known.size < MOST_REMEMBERED) known.set(value, row)
      placed.push(row)
      bindings.vector_assign_string_element_len(vector, row, Buffer.from(value, 'utf8'))
    },
    flush(rows) {
      if (placed.length > 0) {
        const { buffer, byteOffset } = bindings.vector_get_data(vector, rows * TEXT_WORDS * 4)
        const native = new Int32Array(buffer, byteOffset, rows * TEXT_WORDS)
        for (const row of placed) copyWords(native, row, words, row)
        for (let i = 0; i < repeated.length; i += 2) copyWords(words, repeated[i + 1] ?? 0, words, repeated[i] ?? 0)
      }
      bindings.copy_data_to_vector(vector, 0, words.buffer, 0, rows * TEXT_WORDS * 4)
    },
  }
}

function copyWords(from: Int32Array, fromRow: number, into: Int32Array, intoRow: number): void {
  for (let i = 0; i < TEXT_WORDS; i++) into[intoRow * TEXT_WORDS + i] = from[fromRow * TEXT_WORDS + i] ?? 0
}

/** Every platform that DuckDB is built for has the lowest byte first. False: it is not ASCII. */
function writeInside(words: Int32Array, at: number, value: string): boolean {
  let first = 0
  let second = 0
  let third = 0
  let all = 0
  for (let i = 0; i < value.length; i++) {
    const byte = value.charCodeAt(i)
    all |= byte
    if (i < 4) first |= byte << (8 * i)
    else if (i < 8) second |= byte << (8 * (i - 4))
    else third |= byte << (8 * (i - 8))
  }
  if (all > 0x7f) return false
  words[at] = value.length
  words[at + 1] = first
  words[at + 2] = second
  words[at + 3] = third
  return true
}

function misplaced(): never {
  throw new Error('a value is of another kind than its column')
}
