import type { Snapshot } from '../../snapshot/snapshot.js'
import { readGlobalSettings } from '../../translate/configmap.js'
import { declareIngress } from '../../translate/ingress.js'
import { ownPatterns } from '../../translate/own-patterns.js'
import type { TranslateOptions } from '../../translate/options.js'
import { refusedPatternMessage } from '../../translate/regex-paths.js'
import { isOurs } from '../../translate/select.js'
import { refusedValueMessage, valuePatternField } from '../../translate/value-patterns.js'
import type { PatternJudge } from '../pattern-judge.js'
import type { Candidate } from './review.js'

/**
 * Why an Ingress that `reviewIngress` admits is refused all the same: a path that its own annotations make a regular
 * expression, or one in an annotation, that PCRE2 does not take. Where nobody can try it, it is admitted; the path or what
 * the annotation is about would then be left out alone.
 */
export async function reviewPatterns(
  { ingress, isBeingDeleted }: Candidate,
  snapshot: Snapshot,
  options: TranslateOptions,
  patterns: PatternJudge,
): Promise<string | undefined> {
  if (isBeingDeleted || !isOurs(ingress, snapshot, options)) return undefined
  const { reading } = readGlobalSettings(snapshot.configMaps.get(options.configMap)).value
  const declared = declareIngress(ingress, { ...reading, options, snapshot })
  const own = ownPatterns(declared)
  const values = declared.features.patterns
  await patterns.learn([...own, ...values].map(({ pattern }) => pattern))
  const verdicts = patterns.verdicts()
  for (const { path, pattern, field } of own) {
    const verdict = verdicts.get(pattern)
    if (verdict?.kind === 'refused') return `${field}: ${refusedPatternMessage(path, verdict)} [path/pattern-refused]`
  }
  for (const one of values) {
    const verdict = verdicts.get(one.pattern)
    if (verdict?.kind !== 'refused') continue
    const field = valuePatternField(one, options.annotationsPrefix)
    return `${field}: ${refusedValueMessage(one, verdict)} [annotation/pattern-refused]`
  }
  return undefined
}
