import { byteAt, slice } from '#bytes'
import type { HostDocument, LiteralPaths, Route } from './documents.js'

const SLASH = 47

/** The route of a host for a normalised path (PATH-3): Exact first, then the longest Prefix, then the root (PATH-4). */
export function findRoute(host: HostDocument, paths: LiteralPaths, path: string): Route {
  const exact = paths.exact[path]
  if (exact !== undefined) return exact
  return paths.longest === 0 ? host.root : (longestPrefix(paths, path) ?? host.root)
}

/**
 * Walks from the end of the path to its beginning, element by element: for `/a/b/c` it asks for `/a/b/c`, `/a/b/`,
 * `/a/b`, `/a/` and `/a` (PATH-1, PATH-2). Starts no further than the longest prefix there is, so that the cost depends
 * on the table and not on the client.
 */
function longestPrefix(paths: LiteralPaths, path: string): Route | undefined {
  const { prefix, longest } = paths
  const length = path.length
  for (let end = length > longest ? longest : length; end > 0; end--) {
    const boundary = end === length || byteAt(path, end) === SLASH
    if (boundary || byteAt(path, end - 1) === SLASH) {
      const route = prefix[slice(path, 0, end)]
      if (route !== undefined) return route
    }
  }
  return undefined
}
