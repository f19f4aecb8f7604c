import type { Timing } from './rule.js'

/** What a look found: it is so, it is not, or it could not be seen. */
export type Verdict = 'holds' | 'clear' | 'unknown'

/** `assumed`: another replica leads, and tells. */
type Told =
  | { readonly kind: 'untold' }
  | { readonly kind: 'told'; readonly at: number }
  | { readonly kind: 'assumed'; readonly at: number }

/**
 * One series of a rule. Times are milliseconds since 1970. `since` of `pending` and `firing`: the first look that found
 * it, which is what the incident is known by.
 */
export type SeriesState =
  | { readonly kind: 'ok'; readonly since: number }
  | { readonly kind: 'pending'; readonly since: number; readonly holds: number }
  | {
      readonly kind: 'firing'
      readonly since: number
      readonly firedAt: number
      readonly clears: number
      readonly told: Told
    }
  /** Was firing; `began` is when that incident began. */
  | { readonly kind: 'resolved'; readonly since: number; readonly began: number }

export type Tell = 'firing' | 'reminder' | 'resolved'

/**
 * `tell`: this replica speaks. `withhold`: nobody does (a silence). `assume`: another replica does. `wait`: nobody does
 * until it is known who leads.
 */
export type Voice = 'tell' | 'withhold' | 'assume' | 'wait'

export interface Step {
  readonly state: SeriesState
  /** What is to be told now, of the incident that began at `since`. */
  readonly tell?: { readonly what: Tell; readonly since: number }
}

/** For so long a series says that it was firing, and then it is as any other. */
const REMEMBERED_MILLISECONDS = 3_600_000

/**
 * One look at one series. Each incident is told as firing at most once, as resolved at most once and only if it was
 * told, and in between once in every notification interval if there is one. What could not be seen changes nothing.
 */
export function step(
  before: SeriesState | undefined,
  verdict: Verdict,
  timing: Timing,
  { now, voice }: { readonly now: number; readonly voice: Voice },
): Step {
  const state = before ?? { kind: 'ok', since: now }
  if (verdict === 'unknown') return { state }
  if (verdict === 'clear') return clear(state, timing, now, voice)
  switch (state.kind) {
    case 'ok':
    case 'resolved':
      return hold({ since: now, holds: 1 }, timing, now, voice)
    case 'pending':
      return hold({ since: state.since, holds: state.holds + 1 }, timing, now, voice)
    case 'firing':
      return tellFiring({ ...state, clears: 0 }, timing, now, voice)
  }
}

/** This replica begins to lead: what it thought told from `since` on was told by nobody, as there was no leader then. */
export function takeOver(state: SeriesState, since: number): SeriesState {
  return state.kind === 'firing' && state.told.kind === 'assumed' && state.told.at >= since
    ? { ...state, told: { kind: 'untold' } }
    : state
}

function hold(
  { since, holds }: { readonly since: number; readonly holds: number },
  timing: Timing,
  now: number,
  voice: Voice,
): Step {
  if (holds < timing.consecutive) return { state: { kind: 'pending', since, holds } }
  return tellFiring({ kind: 'firing', since, firedAt: now, clears: 0, told: { kind: 'untold' } }, timing, now, voice)
}

function tellFiring(
  state: Extract<SeriesState, { kind: 'firing' }>,
  { notifyEveryMilliseconds: every }: Timing,
  now: number,
  voice: Voice,
): Step {
  const { told, since } = state
  if (told.kind === 'untold') {
    if (voice === 'withhold' || voice === 'wait') return { state }
    if (voice === 'assume') return { state: { ...state, told: { kind: 'assumed', at: now } } }
    return { state: { ...state, told: { kind: 'told', at: now } }, tell: { what: 'firing', since } }
  }
  // A clock that was set back must not put the next reminder off for longer than the interval.
  if (now < told.at) return { state: { ...state, told: { ...told, at: now } } }
  if (every === undefined || now - told.at < every || voice === 'withhold' || voice === 'wait') return { state }
  if (voice === 'assume') return { state: { ...state, told: { kind: 'assumed', at: now } } }
  return { state: { ...state, told: { kind: 'told', at: now } }, tell: { what: 'reminder', since } }
}

function clear(state: SeriesState, { resolveAfter }: Timing, now: number, voice: Voice): Step {
  switch (state.kind) {
    case 'ok':
      return { state }
    case 'pending':
      return { state: { kind: 'ok', since: now } }
    case 'resolved':
      return { state: now - state.since < REMEMBERED_MILLISECONDS ? state : { kind: 'ok', since: state.since } }
    case 'firing': {
      const { since, told } = state
      const clears = state.clears + 1
      const isPremature = voice === 'wait' && told.kind !== 'untold'
      if (clears < resolveAfter || isPremature) return { state: { ...state, clears } }
      const over: SeriesState = { kind: 'resolved', since: now, began: since }
      const isHeard = told.kind !== 'untold' && voice === 'tell'
      return isHeard ? { state: over, tell: { what: 'resolved', since } } : { state: over }
    }
  }
}
