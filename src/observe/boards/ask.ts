import type { Analytics, AnswerRow, Condition, Dimension, Figure, Query } from '../analytics.js'
import type { FigureOfPanel, Measured, PanelData, Unit } from './panel.js'

/** What boards need of log analytics. */
export type BoardSource = Pick<Analytics, 'query' | 'status'>

export const MINUTE = 60_000
export const HOUR = 3_600_000
export const DAY = 86_400_000

/** How the figures are called and read. PV is requests, UV different client addresses (ack.md 5). */
const WORDS: Readonly<Partial<Record<Figure, readonly [label: string, unit: Unit]>>> = {
  requests: ['PV', 'count'],
  requestsPerSecond: ['Requests a second', 'rate'],
  visitors: ['UV', 'count'],
  bytesSent: ['Outbound traffic', 'bytes'],
  requestBytes: ['Inbound traffic', 'bytes'],
  successShare: ['Success rate', 'share'],
  errorShare: ['Error share', 'share'],
  serverErrorShare: ['5xx share', 'share'],
  serverErrors: ['5xx', 'count'],
  notFoundShare: ['404 share', 'share'],
  notFound: ['404', 'count'],
  notForwardedShare: ['Not forwarded', 'share'],
  mobileShare: ['Mobile share', 'share'],
  androidShare: ['Android share', 'share'],
  iosShare: ['iOS share', 'share'],
  latencyAverage: ['Average latency', 'seconds'],
  latencyP95: ['P95 latency', 'seconds'],
  latencyP99: ['P99 latency', 'seconds'],
  latencyP999: ['P999 latency', 'seconds'],
  latencyP9999: ['P9999 latency', 'seconds'],
}

export function labelOf(figure: Figure): string {
  return WORDS[figure]?.[0] ?? figure
}

export function unitOf(figure: Figure): Unit {
  return WORDS[figure]?.[1] ?? 'count'
}

interface Span {
  readonly from: number
  readonly to: number
  readonly filter?: readonly Condition[]
}

/** Figures of a time. */
export async function figuresPanel(source: BoardSource, figures: readonly Figure[], span: Span): Promise<PanelData> {
  const now = await measure(source, figures, span)
  if (typeof now === 'string') return { kind: 'nothing', reason: now }
  return { kind: 'figures', figures: figures.map((figure, i) => figureOf(figure, now[i])) }
}

/** Figures of the last 24 hours, beside those of the 24 hours before and of a week before. */
export async function dayPanel(source: BoardSource, figures: readonly Figure[], now: number): Promise<PanelData> {
  const [today, before, weekBefore] = await Promise.all(
    [0, DAY, 7 * DAY].map((shift) => measure(source, figures, { from: now - DAY - shift, to: now - shift })),
  )
  if (today === undefined || typeof today === 'string') return { kind: 'nothing', reason: today ?? '' }
  const at = (of: readonly Measured[] | string | undefined, i: number): Measured =>
    of === undefined || typeof of === 'string' ? null : (of[i] ?? null)
  return {
    kind: 'figures',
    figures: figures.map((figure, i) => ({
      ...figureOf(figure, today[i]),
      before: at(before, i),
      weekBefore: at(weekBefore, i),
    })),
  }
}

function figureOf(figure: Figure, value: Measured | undefined): FigureOfPanel {
  return { label: labelOf(figure), unit: unitOf(figure), value: value ?? null }
}

/** Figures of a time, in their order; a text says why there are none. */
export async function measure(
  source: BoardSource,
  figures: readonly Figure[],
  span: Span,
): Promise<readonly Measured[] | string> {
  const answer = await source.query({ ...span, figures })
  return answer.ok ? (answer.rows[0]?.figures ?? figures.map(() => null)) : answer.message
}

export interface TopQuestion extends Span {
  /** What the names are, for people. */
  readonly of: string
  readonly groupBy: readonly Dimension[]
  /** The first decides the order. */
  readonly figures: readonly Figure[]
  /** Default: 10. */
  readonly limit?: number
  /** Adds what part of all requests of the time each group has; the first figure has to be `requests`. */
  readonly withShare?: true
  readonly leadsTo?: 'explain' | 'monitoring'
  /** How the values of a group are one name; default: with blanks between them. */
  name?(group: readonly string[]): string
}

/** The groups with most of the first figure; those that have none of it are left out. */
export async function topPanel(source: BoardSource, question: TopQuestion): Promise<PanelData> {
  const { of, groupBy, figures, limit = 10, name = joined, from, to, filter = [], withShare, leadsTo } = question
  const [answer, all] = await Promise.all([
    source.query({ from, to, filter, groupBy, figures, limit }),
    withShare === true ? measure(source, ['requests'], { from, to, filter }) : undefined,
  ])
  if (!answer.ok) return { kind: 'nothing', reason: answer.message }
  const total = typeof all === 'string' ? null : all?.[0]
  const sharesOf = (requests: Measured | undefined): readonly Measured[] =>
    total === undefined ? [] : [total === null || total === 0 ? null : (requests ?? 0) / total]
  const rows = answer.rows
    .filter(({ figures: [first] }) => typeof first === 'number' && first > 0)
    .map(({ group, figures: [first = null, ...rest] }) => ({
      name: name(group),
      values: [first, ...sharesOf(first), ...rest],
    }))
  if (rows.length === 0) return { kind: 'nothing', reason: 'None in this time.' }
  if (groupBy.length === 1 && answer.rows.every(({ group: [value] }) => value === ''))
    return { kind: 'nothing', reason: `No line says the ${of}; is it in log-format-upstream?` }
  return {
    kind: 'table',
    of,
    columns: columnsOf(figures, withShare === true),
    rows,
    approximate: answer.approximate,
    ...(leadsTo === undefined ? {} : { leadsTo }),
  }
}

/** Short titles: what a latency is of, the title of the panel says. */
function columnsOf(figures: readonly Figure[], withShare: boolean): readonly { title: string; unit: Unit }[] {
  const [first, ...rest] = figures.map((figure) => ({
    title: labelOf(figure).replace(/ (?:latency|traffic)$/, ''),
    unit: unitOf(figure),
  }))
  if (first === undefined) return []
  return withShare ? [first, { title: 'Share', unit: 'share' }, ...rest] : [first, ...rest]
}

function joined(group: readonly string[]): string {
  return group.map((value) => (value === '' ? '–' : value)).join(' ')
}

export interface Line {
  readonly label: string
  readonly times: readonly number[]
  readonly values: readonly Measured[]
}

/** One figure over time, as one line; a text says why there is none. */
export async function lineOf(
  source: BoardSource,
  label: string,
  figure: Figure,
  query: Span & { readonly stepSeconds: number },
): Promise<Line | string> {
  const answer = await source.query({ ...query, figures: [figure] } satisfies Query)
  if (!answer.ok) return answer.message
  const rows: readonly AnswerRow[] = answer.rows
  return {
    label,
    times: rows.map(({ time = 0 }) => time),
    values: rows.map(({ figures: [value] }) => value ?? null),
  }
}

/** Lines over the same steps. */
export async function seriesPanel(
  source: BoardSource,
  figures: readonly Figure[],
  query: Span & { readonly stepSeconds: number },
): Promise<PanelData> {
  const lines = await Promise.all(figures.map((figure) => lineOf(source, labelOf(figure), figure, query)))
  const failure = lines.find((line) => typeof line === 'string')
  const whole = lines.filter((line) => typeof line !== 'string')
  const [first] = figures
  if (failure !== undefined || first === undefined)
    return { kind: 'nothing', reason: failure ?? 'Nothing was asked for.' }
  return { kind: 'series', unit: unitOf(first), times: whole[0]?.times ?? [], lines: whole, marks: [] }
}
