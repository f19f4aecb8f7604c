import type { RegexPath, RegexPaths, Route } from '../model/documents.js'
import type { PatternVerdict, PatternVerdicts } from '../nginx/pattern.js'
import { headOf } from './pattern-head.js'

/** A path of a host whose paths are regular expressions. */
export interface PathAsPattern {
  readonly path: string
  readonly match: 'exact' | 'prefix'
  /** Its own Ingress asked for regular expressions, or rewrites it: it counts once, as it is written (PATH-6). */
  readonly asWritten: boolean
}

/** Which patterns a path becomes, and what PCRE2 says of them. */
export interface PatternsOfPaths<P extends PathAsPattern> {
  readonly paths: RegexPaths
  readonly refused: readonly { readonly from: P; readonly verdict: Extract<PatternVerdict, { kind: 'refused' }> }[]
  /** Patterns of which nothing is known yet, and where they come from. They are in `paths`. */
  readonly unjudged: readonly { readonly from: P; readonly pattern: string }[]
}

/**
 * Paths as the patterns of a host, in the order in which they are tried: longest text first, texts of one length in
 * descending order of bytes (PATH-5). Of two equal patterns the one that is written so goes first, then the older.
 *
 * @param paths oldest first
 * @param routeOf the route of a path as a pattern, whose text is its second argument
 */
export function patternsOf<P extends PathAsPattern>(
  paths: readonly P[],
  verdicts: PatternVerdicts,
  routeOf: (from: P, text: string) => Route,
): PatternsOfPaths<P> {
  const sources = new Map<string, P>()
  const exact = new Set(paths.filter(({ match }) => match === 'exact').map(({ path }) => path))
  const texts = paths.flatMap((from) => textsOf(from, exact).map((text) => ({ from, text })))
  const written = texts.filter(({ from, text }) => text === from.path)
  for (const { from, text } of [...written, ...texts]) if (!sources.has(text)) sources.set(text, from)
  const patterns: RegexPath[] = []
  const refused: PatternsOfPaths<P>['refused'][number][] = []
  const unjudged: PatternsOfPaths<P>['unjudged'][number][] = []
  for (const [text, from] of [...sources].sort(([a], [b]) => byLength(a, b))) {
    const pattern = patternOf(text)
    const verdict = verdicts.get(pattern)
    if (verdict?.kind === 'refused') {
      refused.push({ from, verdict })
      continue
    }
    if (verdict === undefined) unjudged.push({ from, pattern })
    patterns.push({ pattern, head: headOf(text), route: routeOf(from, text) })
  }
  return { paths: { kind: 'regex', patterns }, refused, unjudged }
}

/** The pattern of a path (PATH-5): anchored at the beginning and not at the end. */
export function patternOf(path: string): string {
  return `^${path}`
}

/** What is wrong with a path, and how to put it right. */
export function refusedPatternMessage(
  path: string,
  { reason, position }: Extract<PatternVerdict, { kind: 'refused' }>,
): string {
  // The position counts the ^ that is put before the path.
  const place = position === undefined ? '' : ` (after ${Math.max(0, position - 1)} bytes)`
  return `${JSON.stringify(path)} is not a regular expression that NGINX takes: ${reason}${place}. Put a backslash before characters that stand for themselves.`
}

/** PATH-6: a Prefix path counts as `/foo` and as `/foo/`, unless an Exact one is `/foo`. */
function textsOf({ path, match, asWritten }: PathAsPattern, exact: ReadonlySet<string>): readonly string[] {
  if (asWritten || match === 'exact' || path.endsWith('/')) return [path]
  return exact.has(path) ? [`${path}/`] : [path, `${path}/`]
}

function byLength(a: string, b: string): number {
  if (a.length !== b.length) return b.length - a.length
  return a < b ? 1 : -1
}
