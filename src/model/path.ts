import { byteAt, slice } from '#bytes'
import type { HostDocument, LiteralPaths, Route } from './documents.js'

const SLASH = 47

/** The route of a host for a normalised path (PATH-3): Exact first, then the longest Prefix, then the root (PATH-4). */
export function findRoute(host: HostDocument, paths: LiteralPaths, path: string): Route {
  const exact = paths.exact[path]
  if (exact !== undefined) return exact
  return paths.lengths[0] === undefined ? host.root : (longestPrefix(paths, path) ?? host.root)
}

/**
 * For `/a/b/c` one of `/a/b/c`, `/a/b/`, `/a/b`, `/a/` and `/a` (PATH-1, PATH-2). Tried are the lengths that a Prefix
 * of this host has, longest first, so that the cost depends on the table and not on the client. Written out where a
 * loop would do: a short one keeps LuaJIT from compiling what is around it (docs/design/request-cost.md).
 */
function longestPrefix({ prefix, lengths }: LiteralPaths, path: string): Route | undefined {
  return (
    prefixOf(prefix, path, lengths[0]) ??
    prefixOf(prefix, path, lengths[1]) ??
    prefixOf(prefix, path, lengths[2]) ??
    prefixOf(prefix, path, lengths[3]) ??
    prefixOf(prefix, path, lengths[4]) ??
    prefixOf(prefix, path, lengths[5]) ??
    (lengths.length > 6 ? anyPrefix(prefix, path, lengths) : undefined)
  )
}

function anyPrefix(prefix: LiteralPaths['prefix'], path: string, lengths: LiteralPaths['lengths']): Route | undefined {
  for (let i = 6; i < lengths.length; i++) {
    const route = prefixOf(prefix, path, lengths[i])
    if (route !== undefined) return route
  }
  return undefined
}

/** The Prefix of so many bytes, if an element of the path ends there. */
function prefixOf(prefix: LiteralPaths['prefix'], path: string, length: number | undefined): Route | undefined {
  if (length === undefined || length > path.length) return undefined
  if (length < path.length && byteAt(path, length) !== SLASH && byteAt(path, length - 1) !== SLASH) return undefined
  return prefix[slice(path, 0, length)]
}
