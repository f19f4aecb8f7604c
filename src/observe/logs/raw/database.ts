import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { createRowChunk, type ColumnKind, type RowChunk } from './row-chunk.js'
import type { Statement } from './statement.js'

export type Row = Readonly<Record<string, unknown>>

/** DuckDB in this process, with files attached by name. Everything may throw what DuckDB says. */
export interface Database {
  attach(name: string, path: string): Promise<void>
  detach(name: string): Promise<void>
  run(sql: string): Promise<void>
  ask(statement: Statement): Promise<readonly Row[]>
  /** Adds rows to a table; what was not closed is not there. */
  appender(name: string, table: string, kinds: readonly ColumnKind[]): Promise<Appender>
  close(): void
}

export interface Appender {
  readonly rows: RowChunk
  close(): void
}

/** Nothing is fetched, and no file is read but those that are attached: the values of questions reach neither. */
const SETTINGS = {
  memory_limit: '128MB',
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  allow_community_extensions: 'false',
  preserve_insertion_order: 'false',
  checkpoint_threshold: '32MB',
}

/**
 * @param temporary a folder for what does not fit into memory
 * @param threads for questions. What is written is written by one: with two it takes a quarter more of the processor, to be done no sooner
 *   where others use it as well
 */
export async function openDatabase(temporary: string, threads: number): Promise<Database> {
  // Loaded only here: it takes 100 ms and 60 MB, and may not be installed.
  const {
    DuckDBInstance: instances,
    DuckDBDataChunk: chunks,
    BIGINT,
    INTEGER,
    VARCHAR,
  } = await import('@duckdb/node-api')
  const { default: bindings } = await import('@duckdb/node-bindings')
  const types = { big: BIGINT, small: INTEGER, text: VARCHAR }
  const instance: DuckDBInstance = await instances.create(':memory:', {
    ...SETTINGS,
    threads: '1',
    temp_directory: temporary,
    max_temp_directory_size: '512MB',
  })
  const connection: DuckDBConnection = await instance.connect()
  const run = async (sql: string): Promise<void> => {
    await connection.run(sql)
  }
  return {
    attach: (name, path) => run(`ATTACH '${path.replaceAll("'", "''")}' AS ${name}`),
    detach: (name) => run(`DETACH ${name}`),
    run,
    async ask({ sql, values }) {
      if (threads > 1) await run(`SET threads TO ${threads}`)
      try {
        const read = await connection.runAndReadAll(sql, [...values])
        return read.getRowObjects()
      } finally {
        if (threads > 1) await run('SET threads TO 1')
      }
    },
    async appender(name, table, kinds) {
      const appender = await connection.createAppender(table, 'main', name)
      const chunk = chunks.create(kinds.map((kind) => types[kind]))
      const rows = createRowChunk(chunk, kinds, bindings, (full) => appender.appendDataChunk(full))
      return {
        rows,
        close() {
          rows.flush()
          appender.closeSync()
        },
      }
    },
    close() {
      connection.closeSync()
      instance.closeSync()
    },
  }
}
