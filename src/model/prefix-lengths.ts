import type { Route } from './documents.js'

/** How long the paths are, each length once, the longest first. */
export function lengthsOf(paths: Readonly<Record<string, Route>>): readonly number[] {
  return [...new Set(Object.keys(paths).map(({ length }) => length))].sort((a, b) => b - a)
}
