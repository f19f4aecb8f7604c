import type { DuckDBConnection, DuckDBInstance, DuckDBAppender } from '@duckdb/node-api'
import type { Statement } from './statement.js'

export type Row = Readonly<Record<string, unknown>>

/** DuckDB in this process, with files attached by name. Everything may throw what DuckDB says. */
export interface Database {
  attach(name: string, path: string): Promise<void>
  detach(name: string): Promise<void>
  run(sql: string): Promise<void>
  ask(statement: Statement): Promise<readonly Row[]>
  appender(name: string, table: string): Promise<DuckDBAppender>
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

/** @param temporary a folder for what does not fit into memory */
export async function openDatabase(temporary: string, threads: number): Promise<Database> {
  // Loaded only here: it takes 100 ms and 60 MB, and may not be installed.
  const { DuckDBInstance: instances } = await import('@duckdb/node-api')
  const instance: DuckDBInstance = await instances.create(':memory:', {
    ...SETTINGS,
    threads: String(threads),
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
      const read = await connection.runAndReadAll(sql, [...values])
      return read.getRowObjects()
    },
    appender: (name, table) => connection.createAppender(table, 'main', name),
    close() {
      connection.closeSync()
      instance.closeSync()
    },
  }
}
