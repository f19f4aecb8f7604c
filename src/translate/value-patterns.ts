import type { Difference } from '../collections/differences.js'
import type { Change, SortedMap } from '../collections/sorted-map.js'
import type { ValuePattern } from '../features/declare.js'
import type { PatternVerdict, PatternVerdicts } from '../nginx/pattern.js'
import type { Problem } from '../problems/problem.js'
import type { DeclaredIngress } from './ingress.js'
import { problemOf } from './reference.js'

/** What PCRE2 says of regular expressions in values of annotations. */
export interface TriedValues {
  /** By Ingress; those that have a regular expression only. */
  readonly tried: SortedMap<TriedCell>
}

interface TriedCell {
  readonly problems: readonly Problem[]
  /** Those of which nothing is known yet. */
  readonly unjudged: readonly string[]
}

/** The cells after Ingresses changed, and other verdicts. */
export function tryValues(
  before: TriedValues & { readonly verdicts: PatternVerdicts },
  changes: readonly Difference<DeclaredIngress>[],
  declared: SortedMap<DeclaredIngress>,
  verdicts: PatternVerdicts,
  prefix: string,
): TriedValues {
  const stale = new Set(changes.map(({ key }) => key))
  if (before.verdicts !== verdicts)
    for (const [key, { unjudged }] of before.tried) if (unjudged.length > 0) stale.add(key)
  const cells = [...stale].map((key): Change<TriedCell> => {
    const found = declared.get(key)
    return [
      key,
      found === undefined || found.features.patterns.length === 0 ? undefined : tryAll(found, verdicts, prefix),
    ]
  })
  return { tried: before.tried.with(cells.filter(([key, cell]) => cell !== undefined || before.tried.has(key))) }
}

function tryAll(
  { ingress, features: { patterns } }: DeclaredIngress,
  verdicts: PatternVerdicts,
  prefix: string,
): TriedCell {
  const problems = patterns.flatMap((one): readonly Problem[] => {
    const verdict = verdicts.get(one.pattern)
    const field = valuePatternField(one, prefix)
    if (verdict === undefined) return [problemOf('annotation/pattern-unjudged', ingress, field, unjudgedMessage(one))]
    if (verdict.kind === 'valid') return []
    const message = `${refusedValueMessage(one, verdict)} ${one.instead}`
    return [problemOf('annotation/pattern-refused', ingress, field, message)]
  })
  return { problems, unjudged: patterns.map(({ pattern }) => pattern).filter((pattern) => !verdicts.has(pattern)) }
}

export function valuePatternField({ annotation }: ValuePattern, prefix: string): string {
  return `metadata.annotations["${prefix}/${annotation}"]`
}

/** What is wrong with it, and how to put it right. */
export function refusedValueMessage(
  { pattern }: ValuePattern,
  { reason, position }: Extract<PatternVerdict, { kind: 'refused' }>,
): string {
  const place = position === undefined ? '' : ` (after ${position} bytes)`
  return `${JSON.stringify(pattern)} is not a regular expression that NGINX takes: ${reason}${place}. Put a backslash before characters that stand for themselves.`
}

function unjudgedMessage({ pattern }: ValuePattern): string {
  return `No NGINX was there to try the regular expression ${JSON.stringify(pattern)}, so whether it is valid is not known. Run "make engine", or name an NGINX in FAIRLEAD_NGINX.`
}
