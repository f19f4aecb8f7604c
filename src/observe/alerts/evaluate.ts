import { OTHER, type Analytics, type AnswerRow } from '../analytics.js'
import { isCounting, type Labels, type OwnFigure, type OwnSample } from './figures.js'
import type { Verdict } from './machine.js'
import type { Rule, RuleQuery, Threshold } from './rule.js'

/** One series as a look found it. */
export interface Measured {
  /** Of the incident; different for different series of the rule, and the same in every look. */
  readonly key: string
  /** What the series is told apart by. */
  readonly labels: Labels
  /** null: there was nothing to measure. */
  readonly value: number | null
  readonly verdict: Verdict
}

export type Look =
  | {
      readonly ok: true
      readonly series: readonly Measured[]
      /** What holds of series that were there before and are not among these. */
      readonly others: Verdict
    }
  | { readonly ok: false; readonly message: string }

export interface LookParts {
  /** undefined: the access log is not read. */
  readonly analytics: Pick<Analytics, 'query'> | undefined
  own(figure: OwnFigure): readonly OwnSample[]
}

/** Of each rule; what is beyond holds the condition less. */
export const MOST_SERIES = 100
const DAY = 86_400_000

/**
 * Looks whether a rule's condition is so, at `now`. `since`: from when on the log is known, in milliseconds; until a
 * window has passed since then, nothing is said to be over, and nothing to be too little.
 */
export async function look(
  { query, threshold }: Rule,
  { analytics, own }: LookParts,
  { now, since }: { readonly now: number; readonly since: number },
): Promise<Look> {
  if (query.source === 'controller') return lookAtOwn(threshold, own(query.figure))
  if (analytics === undefined) return { ok: false, message: 'The access log is not read (--log-analytics=false).' }
  const { figure, filter, by, windowMilliseconds, atLeast } = query
  const answer = await analytics.query({
    from: now - windowMilliseconds,
    to: now,
    filter,
    groupBy: by,
    figures: [figure, 'requests'],
    order: { by: figure, direction: threshold.side === 'above' ? 'most' : 'least' },
    limit: MOST_SERIES,
  })
  if (!answer.ok) return { ok: false, message: answer.message }
  const isSettled = now - since >= windowMilliseconds
  const measured = answer.rows.map((row) => measure(row, query, threshold, isSettled, atLeast))
  const missing = await findMissing(query, threshold, analytics, answer.rows, now)
  const series = [...measured, ...missing.map((row) => measure(row, query, threshold, isSettled, atLeast))]
  return { ok: true, series, others: isSettled && answer.rows.length < MOST_SERIES ? 'clear' : 'unknown' }
}

function measure(
  { group, figures: [value = null, requests = 0] }: AnswerRow,
  { by, figure }: Extract<RuleQuery, { source: 'log' }>,
  threshold: Threshold,
  isSettled: boolean,
  atLeast: number,
): Measured {
  const isEnough = isCounting(figure) || (requests ?? 0) >= atLeast
  const holds = value !== null && isEnough && isBeyond(value, threshold)
  // What has only just begun to be read has no traffic by itself, and no errors.
  const isCertain = isSettled || (holds && threshold.side === 'above')
  return {
    key: JSON.stringify(group),
    labels: by.map((name, i) => [name, group[i] ?? '']),
    value,
    verdict: !isCertain ? 'unknown' : holds ? 'holds' : 'clear',
  }
}

/** Of counts that must not be small: what was asked for within a day and now is not there at all counts 0. */
async function findMissing(
  { figure, filter, by }: Extract<RuleQuery, { source: 'log' }>,
  { side }: Threshold,
  analytics: Pick<Analytics, 'query'>,
  rows: readonly AnswerRow[],
  now: number,
): Promise<readonly AnswerRow[]> {
  if (side === 'above' || by.length === 0 || !isCounting(figure)) return []
  const known = await analytics.query({
    from: now - DAY,
    to: now,
    filter,
    groupBy: by,
    figures: ['requests'],
    limit: MOST_SERIES,
  })
  if (!known.ok) return []
  const present = new Set(rows.map(({ group }) => JSON.stringify(group)))
  return known.rows
    .filter(({ group }) => !group.includes(OTHER) && !present.has(JSON.stringify(group)))
    .map(({ group }) => ({ group, figures: [0, 0] }))
}

function lookAtOwn(threshold: Threshold, samples: readonly OwnSample[]): Look {
  const series = samples
    .map(({ labels, value }) => ({
      key: JSON.stringify(labels.map(([, text]) => text)),
      labels,
      value,
      holds: isBeyond(value, threshold),
    }))
    .sort((a, b) => Number(b.holds) - Number(a.holds))
  return {
    ok: true,
    series: series.slice(0, MOST_SERIES).map(({ holds, ...rest }) => ({ ...rest, verdict: holds ? 'holds' : 'clear' })),
    others: series.length > MOST_SERIES ? 'unknown' : 'clear',
  }
}

function isBeyond(value: number, { side, value: limit }: Threshold): boolean {
  return side === 'above' ? value > limit : value < limit
}
