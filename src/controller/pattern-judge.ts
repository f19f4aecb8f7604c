import type { PatternHelper } from '../apply/engine/patterns.js'
import type { PatternVerdicts } from '../nginx/pattern.js'

/** What is known of patterns; it asks the engine about others. */
export interface PatternJudge {
  /** The same object until something new is learnt. */
  verdicts(): PatternVerdicts
  /** Asks about those that are not known, in one question. Says why nothing was learnt; undefined: all are known now. */
  learn(patterns: readonly string[]): Promise<string | undefined>
}

/** More than a cluster has; beyond it the oldest are forgotten. What is in use is asked again when it is needed. */
const MOST_KEPT = 50_000

export function createPatternJudge(helper: Pick<PatternHelper, 'compile'>, mostKept = MOST_KEPT): PatternJudge {
  let known: PatternVerdicts = new Map()
  return {
    verdicts: () => known,
    async learn(patterns) {
      const unknown = [...new Set(patterns)].filter((pattern) => !known.has(pattern))
      if (unknown.length === 0) return undefined
      const told = await helper.compile(unknown)
      if (!told.ok) return told.cause
      const learnt = unknown.flatMap((pattern, i) => {
        const verdict = told.answers[i]
        return verdict === undefined ? [] : [[pattern, verdict] as const]
      })
      const kept = [...known].slice(Math.max(0, known.size + learnt.length - mostKept))
      known = new Map([...kept, ...learnt])
      return undefined
    },
  }
}
