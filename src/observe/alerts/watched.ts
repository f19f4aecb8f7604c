import { Cron } from 'croner'
import { printAmount, printDuration } from './amounts.js'
import type { Look } from './evaluate.js'
import { unitOf, type Labels } from './figures.js'
import type { KeptSeries } from './kept.js'
import { step, takeOver, type SeriesState, type Step, type Voice } from './machine.js'
import { cleanLabels } from './notification.js'
import type { Rule } from './rule.js'
import type { AlertRuleRow, AlertSeriesRow } from './view.js'

/** A rule with what is known of its series. */
export interface Watched {
  readonly rule: Rule
  isDue(now: number): boolean
  /** Gives what is to be told. */
  found(look: Look, now: number, voiceOf: (labels: Labels) => Voice): readonly Told[]
  /** The rule has been changed: its incidents go on. */
  with(rule: Rule): Watched
  takeOver(since: number): void
  /** What a restart has to know; what is pending begins anew. */
  kept(): readonly KeptSeries[]
  firing(): number
  row(silencedUntil: (labels: Labels) => number | undefined): AlertRuleRow
}

export interface Told {
  readonly labels: Labels
  readonly value: number | null
  readonly tell: NonNullable<Step['tell']>
}

interface Series {
  readonly labels: Labels
  readonly value: number | null
  readonly state: SeriesState
}

/** At once, of one rule: what a client can choose, such as a path, must not make any number of incidents. */
const MOST_FIRING = 100
const MOST_REMEMBERED = 100
const MOST_SHOWN = 20
const RANKS = { firing: 0, pending: 1, resolved: 2, ok: 3 } as const

export function watch(rule: Rule, kept: readonly KeptSeries[]): Watched {
  return watchSeries(rule, new Map(kept.map(({ key, labels, state }) => [key, { labels, state, value: null }])))
}

function watchSeries(rule: Rule, series: Map<string, Series>): Watched {
  let lastLook: number | undefined
  let nextLook: number | undefined
  let lastTold: number | undefined
  let problem: string | undefined

  const countFiring = (): number => [...series.values()].filter(({ state }) => state.kind === 'firing').length

  function scheduleAfter(now: number): void {
    const { schedule } = rule
    nextLook =
      schedule.kind === 'every'
        ? now + schedule.milliseconds
        : new Cron(schedule.pattern, { paused: true }).nextRun(new Date(now))?.getTime()
  }

  function found(look: Look, now: number, voiceOf: (labels: Labels) => Voice): readonly Told[] {
    lastLook = now
    scheduleAfter(now)
    problem = look.ok ? undefined : look.message
    if (!look.ok) return []
    const told: Told[] = []
    let firing = countFiring()
    const seen = new Set<string>()
    const others = [...series].map(([key, { labels }]) => ({ key, labels, value: null, verdict: look.others }))
    for (const { key, labels, value, verdict } of [...look.series, ...others]) {
      if (seen.has(key)) continue
      seen.add(key)
      const before = series.get(key)
      const wasFiring = before?.state.kind === 'firing'
      if (verdict === 'holds' && !wasFiring && firing >= MOST_FIRING) continue
      const { state, tell } = step(before?.state, verdict, rule.timing, { now, voice: voiceOf(labels) })
      firing += Number(state.kind === 'firing') - Number(wasFiring)
      series.set(key, { labels, value, state })
      if (tell !== undefined) told.push({ labels, value, tell })
    }
    if (told.length > 0) lastTold = now
    forget(new Set(look.series.map(({ key }) => key)))
    return told
  }

  /** Of what is not there any more only incidents are worth to be remembered, and of past ones not any number. */
  function forget(present: ReadonlySet<string>): void {
    const gone = [...series].filter(([key, { state }]) => !present.has(key) && state.kind !== 'firing')
    const past = gone
      .filter(([, { state }]) => state.kind === 'resolved')
      .sort(([, a], [, b]) => b.state.since - a.state.since)
    const kept = new Set(past.slice(0, MOST_REMEMBERED).map(([key]) => key))
    for (const [key] of gone) if (!kept.has(key)) series.delete(key)
  }

  return {
    rule,
    isDue(now) {
      if (nextLook === undefined && rule.schedule.kind === 'cron') scheduleAfter(now)
      // A clock that was set back would otherwise put the next look off.
      if (lastLook !== undefined && now < lastLook) return true
      return nextLook === undefined || now >= nextLook
    },
    found,
    with: (next) => watchSeries(next, series),
    takeOver(since) {
      for (const [key, one] of series) series.set(key, { ...one, state: takeOver(one.state, since) })
    },
    kept: () =>
      [...series]
        .filter(([, { state }]) => state.kind === 'firing' || state.kind === 'resolved')
        .map(([key, { labels, state }]) => ({ key, labels, state })),
    firing: countFiring,
    row(silencedUntil) {
      const sorted = [...series.values()].sort(
        (a, b) => RANKS[a.state.kind] - RANKS[b.state.kind] || b.state.since - a.state.since,
      )
      const [worst] = sorted
      return {
        name: rule.name,
        description: rule.description,
        severity: rule.severity,
        condition: conditionOf(rule),
        state: worst?.state.kind ?? 'ok',
        ...(worst === undefined ? {} : { since: worst.state.since }),
        ...(lastLook === undefined ? {} : { lastLook }),
        ...(lastTold === undefined ? {} : { lastTold }),
        ...(problem === undefined ? {} : { problem }),
        series: sorted.slice(0, MOST_SHOWN).map((one) => seriesRow(rule, one, silencedUntil(one.labels))),
        more: Math.max(0, sorted.length - MOST_SHOWN),
      }
    },
  }
}

function seriesRow(
  { query }: Rule,
  { labels, value, state }: Series,
  silencedUntil: number | undefined,
): AlertSeriesRow {
  return {
    labels: cleanLabels(labels),
    state: state.kind,
    since: state.since,
    ...(value === null ? {} : { value: printAmount(value, unitOf(query.figure)) }),
    ...(silencedUntil === undefined ? {} : { silencedUntil }),
  }
}

/** Such as `serverErrorShare above 1 % (last 5m)`. */
export function conditionOf({ query, threshold }: Rule): string {
  const limit = `${query.figure} ${threshold.side} ${printAmount(threshold.value, unitOf(query.figure))}`
  if (query.source === 'controller') return limit
  const filter = query.filter.map(({ dimension, operator, value }) => `${dimension}${operator}${value}`).join(' and ')
  const by = query.by.length === 0 ? '' : ` by ${query.by.join(', ')}`
  return `${limit}${filter === '' ? '' : ` where ${filter}`}${by} (last ${printDuration(query.windowMilliseconds)})`
}
