import { lower, slice } from '#bytes'
import type { HostDocument, RegexPaths, Route } from './documents.js'
import type { MatchPattern } from './match.js'

/** The route of a host whose paths are patterns, with the groups of the one that matched; `captures[0]` is the whole match. */
export type RegexRoute =
  | { readonly kind: 'found'; readonly route: Route; readonly captures: readonly string[] }
  /** The match on the way to it failed: whether the request belongs to this route cannot be known, so it gets 503. */
  | { readonly kind: 'failed'; readonly route: Route }

/**
 * The first pattern that matches a normalised path, else the root (PATH-5). A match that fails ends the search: the
 * patterns after it may be less protected than the one that would have matched.
 */
export function findRegexRoute(host: HostDocument, paths: RegexPaths, path: string, match: MatchPattern): RegexRoute {
  const lowered = lower(path)
  let beginning = ''
  for (const { pattern, head, route } of paths.patterns) {
    // They are in order of length, so that neighbours often ask for the same beginning.
    if (beginning.length !== head.length) beginning = slice(lowered, 0, head.length)
    if (beginning !== head) continue
    const found = match(pattern, path, 'caseless')
    if (found.kind === 'match') return { kind: 'found', route, captures: found.captures }
    if (found.kind === 'failed') return { kind: 'failed', route }
  }
  return { kind: 'found', route: host.root, captures: [] }
}
