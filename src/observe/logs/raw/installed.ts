import { createRequire } from 'node:module'

/**
 * Why lines cannot be kept; undefined: DuckDB is installed. It is an optional dependency: npm leaves it out where there
 * is no build of it.
 *
 * @param from a file of the program, beside whose packages it is looked for
 */
export function whyNoDuckDb(from = import.meta.url): string | undefined {
  try {
    createRequire(from).resolve('@duckdb/node-api')
    return undefined
  } catch {
    return 'DuckDB is not installed (npm install --include=optional), so that only roll-ups are kept'
  }
}
