import { lower, slice } from '#bytes'
import type { HostDocument, RegexPath, RegexPaths, Route } from './documents.js'
import type { MatchPattern } from './match.js'

/**
 * The route of a host whose paths are patterns, with the groups of the one that matched; `captures[0]` is the whole
 * match.
 */
export type RegexRoute =
  | { readonly kind: 'found'; readonly route: Route; readonly captures: readonly string[] }
  /** The match on the way to it failed: whether the request belongs to this route cannot be known, so it gets 503. */
  | { readonly kind: 'failed'; readonly route: Route }

/**
 * The first pattern that matches a normalised path, else the root (PATH-5). A match that fails ends the search: the
 * patterns after it may be less protected than the one that would have matched.
 */
export function findRegexRoute(host: HostDocument, paths: RegexPaths, path: string, match: MatchPattern): RegexRoute {
  const { patterns } = paths
  const lowered = lower(path)
  const first = patterns[0]
  // Before the loop, at which LuaJIT would give up compiling the requests of the many hosts that have one pattern.
  if (first !== undefined && slice(lowered, 0, first.head.length) === first.head) {
    const found = match(first.pattern, path, 'caseless')
    if (found.kind === 'match') return { kind: 'found', route: first.route, captures: found.captures }
    if (found.kind === 'failed') return { kind: 'failed', route: first.route }
  }
  return searchPatterns(host, patterns, path, lowered, match)
}

function searchPatterns(
  host: HostDocument,
  patterns: readonly RegexPath[],
  path: string,
  lowered: string,
  match: MatchPattern,
): RegexRoute {
  let beginning = ''
  for (let i = 1; i < patterns.length; i++) {
    const one = patterns[i]
    if (one === undefined) break
    const { pattern, head, route } = one
    // They are in order of length, so that neighbours often ask for the same beginning.
    if (beginning.length !== head.length) beginning = slice(lowered, 0, head.length)
    if (beginning !== head) continue
    const found = match(pattern, path, 'caseless')
    if (found.kind === 'match') return { kind: 'found', route, captures: found.captures }
    if (found.kind === 'failed') return { kind: 'failed', route }
  }
  return { kind: 'found', route: host.root, captures: [] }
}
