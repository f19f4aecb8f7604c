import type { Letters, Match, MatchPattern } from '../../model/match.js'
import type { MatchQuestion, PatternHelper } from './patterns.js'

/** What a function gave that needed matches, or why they could not be made. */
export type WithMatches<T> =
  | { readonly ok: true; readonly value: T }
  /** `value`: as if no pattern had matched. */
  | { readonly ok: false; readonly value: T; readonly cause: string }

/**
 * Runs a pure function until all matches it asks for are known: what it asks anew is answered by the helper, in one
 * question for each run. It must ask for the same when it is told the same.
 */
export async function runWithMatches<T>(
  helper: Pick<PatternHelper, 'match'>,
  run: (match: MatchPattern) => T,
): Promise<WithMatches<T>> {
  const known = new Map<string, Match>()
  for (;;) {
    const asked: MatchQuestion[] = []
    const value = run((pattern, text, letters) => {
      const answer = known.get(keyOf(pattern, text, letters))
      // As if it did not match, so that the patterns after it are asked for as well.
      if (answer === undefined) asked.push({ pattern, text, letters })
      return answer ?? { kind: 'none' }
    })
    if (asked.length === 0) return { ok: true, value }
    const told = await helper.match(asked)
    if (!told.ok) return { ok: false, value, cause: told.cause }
    for (const [i, { pattern, text, letters }] of asked.entries()) {
      known.set(keyOf(pattern, text, letters), told.answers[i] ?? { kind: 'failed' })
    }
  }
}

function keyOf(pattern: string, text: string, letters: Letters): string {
  return `${letters} ${pattern.length} ${pattern}${text}`
}
