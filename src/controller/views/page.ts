import type { Page } from '../../observe/shown.js'

/** Which part of a list is asked for; `search` in lower case, empty for everything. */
export interface PageQuestion {
  readonly search: string
  readonly offset: number
  readonly limit: number
}

/** The rows whose text holds every word of the search, of which `limit` are made from `offset` on. */
export function pageOf<S, T>(
  sources: readonly S[],
  textOf: (source: S) => string,
  { search, offset, limit }: PageQuestion,
  make: (source: S) => T,
): Page<T> {
  const words = search.split(/\s+/).filter((word) => word !== '')
  const fitting =
    words.length === 0
      ? sources
      : sources.filter((source) => {
          const text = textOf(source)
          return words.every((word) => text.includes(word))
        })
  return { rows: fitting.slice(offset, offset + limit).map(make), total: fitting.length, offset }
}
