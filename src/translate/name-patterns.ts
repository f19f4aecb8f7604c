import type { NamePattern, NamesDocument } from '../model/documents.js'
import type { PatternVerdicts } from '../nginx/pattern.js'
import type { OtherNames } from './other-names.js'
import type { Ownership } from './ownership.js'
import { headOf } from './pattern-head.js'

/** The patterns by which names that nobody declares find a host. */
export interface NamePatterns {
  /** undefined: there is none that PCRE2 takes, and nobody owns what is below a name. */
  readonly namePatterns: NamesDocument | undefined
}

/**
 * `name.*` first, longer ones before shorter ones, as in NGINX; then regular expressions in ascending order of their hosts
 * and, of one host, of their text (HOST-2). What PCRE2 refuses is left out, and so is what nobody has tried yet: a pattern
 * that fails would answer 503 to names that are none of its business.
 */
export function collectNamePatterns(
  before: NamePatterns & Pick<OtherNames, 'nameClaims'> & Verdicts & { readonly ownership: Ownership },
  nameClaims: OtherNames['nameClaims'],
  verdicts: PatternVerdicts,
  { owned }: Ownership,
): NamePatterns {
  const isSameOwned = before.ownership.owned === owned
  if (isSameOwned && before.nameClaims === nameClaims && (before.verdicts === verdicts || nameClaims.size === 0))
    return { namePatterns: before.namePatterns }
  const wild = [...owned.keys()].filter((host) => host.startsWith('*.')).map((host) => host.slice(2))
  const claims = claimsOf(nameClaims).filter(({ pattern }) => verdicts.get(pattern)?.kind === 'valid')
  const wildcards = claims.filter(({ isWildcard }) => isWildcard)
  const ordered = [
    ...wildcards.sort((a, b) => b.pattern.length - a.pattern.length || (a.pattern < b.pattern ? -1 : 1)),
    ...claims.filter(({ isWildcard }) => !isWildcard),
  ]
  const first = new Map<string, NamePattern>()
  for (const { pattern, host } of ordered)
    if (!first.has(pattern)) first.set(pattern, { pattern, head: headOfName(pattern), host })
  const patterns = [...first.values()]
  const known = before.namePatterns?.patterns ?? []
  if (isSameOwned && patterns.length === known.length && patterns.every((one, at) => isSame(one, known[at])))
    return { namePatterns: before.namePatterns }
  if (wild.length === 0) return { namePatterns: patterns.length === 0 ? undefined : { patterns } }
  const ownedBelow = Object.fromEntries(wild.sort().map((name) => [name, true as const]))
  return { namePatterns: { ownedBelow, patterns } }
}

interface Verdicts {
  readonly verdicts: PatternVerdicts
}

interface PatternClaim {
  readonly pattern: string
  readonly isWildcard: boolean
  readonly host: string
}

/** Patterns that are not served because nobody has tried them. */
export function untriedPatterns({
  nameClaims,
  verdicts,
}: Pick<OtherNames, 'nameClaims'> & { readonly verdicts: PatternVerdicts }): readonly string[] {
  return claimsOf(nameClaims).flatMap(({ pattern }) => (verdicts.has(pattern) ? [] : [pattern]))
}

function claimsOf(nameClaims: OtherNames['nameClaims']): readonly PatternClaim[] {
  return [...nameClaims].flatMap(([host, claims]) =>
    claims.flatMap((claim) => (claim.how === 'pattern' ? claim.patterns.map((one) => ({ ...one, host })) : [])),
  )
}

/** A pattern is searched for in a name; only one that is bound to the beginning says how the name begins. */
function headOfName(pattern: string): string {
  return pattern.startsWith('^') ? headOf(pattern.slice(1)) : ''
}

function isSame(a: NamePattern, b: NamePattern | undefined): boolean {
  return a.pattern === b?.pattern && a.host === b.host
}
