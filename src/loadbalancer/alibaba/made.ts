import type { StepResult } from '../provider.js'
import type { Fields } from './answer.js'
import { CloudError } from './ask.js'

/** So long something new may be unseen; then it was deleted by somebody. */
const SEEN_WITHIN_MILLISECONDS = 120_000

/**
 * Makes something in the cloud exactly once, although it is not seen at once and the controller may be killed: the call
 * carries a token that is the same each time, until what it made is known to be gone. Then the id of that is part of
 * the next token.
 */
export interface Made {
  /**
   * `call` gets what the token is made with. The first time the result is its id; after that `wait`, until `seen` is
   * told.
   */
  create(key: string, call: (after: string) => Promise<string>): Promise<MadeResult>
  seen(key: string): void
  /** It was deleted here: the next one is another. */
  deleted(key: string, id: string): void
}

export type MadeResult =
  | { readonly kind: 'made'; readonly id: string }
  | (StepResult<never> & { readonly kind: 'wait' })

export function createMade(now: () => number, seenWithin = SEEN_WITHIN_MILLISECONDS): Made {
  const states = new Map<string, { after: string; id?: string; since?: number }>()
  const stateOf = (key: string): { after: string; id?: string; since?: number } => {
    const found = states.get(key) ?? { after: '' }
    states.set(key, found)
    return found
  }
  return {
    async create(key, call) {
      const state = stateOf(key)
      if (state.since !== undefined && now() - state.since > seenWithin) {
        // Nobody has seen it: the token leads to something that is gone.
        state.after = `${state.after}/${state.id ?? ''}`
        delete state.since
        delete state.id
      }
      if (state.id !== undefined) return waitFor(now() - (state.since ?? now()))
      try {
        state.id = await call(state.after)
        state.since ??= now()
        return { kind: 'made', id: state.id }
      } catch (cause) {
        // It was made with other parameters, and will be seen; or it is gone, and the token is of no use any more.
        if (!(cause instanceof CloudError) || cause.failure.class !== 'token') throw cause
        state.since ??= now()
        return waitFor(now() - state.since)
      }
    },
    seen(key) {
      const state = states.get(key)
      if (state === undefined) return
      delete state.since
      delete state.id
    },
    deleted(key, id) {
      states.set(key, { after: `${stateOf(key).after}/${id}` })
    },
  }
}

/** For something whose id is of no use before it can be seen. */
export function untilSeen(result: MadeResult): StepResult<never> {
  return result.kind === 'made' ? waitFor(0) : result
}

/** Short at first, since most things are seen soon; what is seen late is found late by a twentieth at most. */
function waitFor(age: number): StepResult<never> & { readonly kind: 'wait' } {
  const milliseconds = Math.min(5000, Math.max(200, age / 20))
  return { kind: 'wait', milliseconds, message: 'it was created, and is not seen yet' }
}

/** Id of what an answer says was made. */
export function idIn(answer: Fields, ...names: readonly string[]): string {
  const found = names.map((name) => answer[name]).find((value) => typeof value === 'string' && value !== '')
  if (typeof found !== 'string') throw new Error(`the answer has no ${names.join(' or ')}`)
  return found
}
