import type { PatternHelper } from '../apply/engine/patterns.js'
import type { PatternVerdict, PatternVerdicts } from '../nginx/pattern.js'

/** What is known of patterns; it asks the engine about others. */
export interface PatternJudge {
  /** The same object until something new is learnt. */
  verdicts(): PatternVerdicts
  /** Asks about those that are not known, in one question. Says why nothing was learnt; undefined: all are known now. */
  learn(patterns: readonly string[]): Promise<string | undefined>
}

/**
 * More than a cluster has, in number and in characters; beyond either the oldest are forgotten. What is in use is asked again
 * when it is needed. The webhook is asked about patterns that nobody uses, and they may be long.
 */
const MOST_KEPT = 50_000
const MOST_CHARACTERS = 16 * 1024 * 1024

export function createPatternJudge(
  helper: Pick<PatternHelper, 'compile'>,
  mostKept = MOST_KEPT,
  mostCharacters = MOST_CHARACTERS,
): PatternJudge {
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
      const kept = newest([...known], mostKept - learnt.length, mostCharacters - charactersOf(learnt))
      known = new Map([...kept, ...learnt])
      return undefined
    },
  }
}

type Known = readonly [pattern: string, verdict: PatternVerdict]

/** The last ones, as many as fit. */
function newest(known: readonly Known[], most: number, mostCharacters: number): readonly Known[] {
  let first = known.length
  let room = mostCharacters
  for (; first > 0 && known.length - first < most; first--) {
    room -= known[first - 1]?.[0].length ?? 0
    if (room < 0) break
  }
  return known.slice(first)
}

function charactersOf(known: readonly Known[]): number {
  return known.reduce((sum, [pattern]) => sum + pattern.length, 0)
}
