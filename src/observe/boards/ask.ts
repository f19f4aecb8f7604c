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

/** Figures of a time; with `before`, beside those of another. */
export async function figuresPanel(
  source: BoardSource,
  figures: readonly Figure[],
  span: Span,
  before?: Span,
): Promise<PanelData> {
  const [now, then] = await Promise.all([
    measure(source, figures, span),
    before === undefined ? undefined : measure(source, figures, before),
  ])
  if (typeof now === 'string') return { kind: 'nothing', reason: now }
  return {
    kind: 'figures',
    figures: figures.map((figure, i): FigureOfPanel => {
      const own = { label: labelOf(figure), unit: unitOf(figure), value: now[i] ?? null }
      return then === undefined || typeof then === 'string' ? own : { ...own, before: then[i] ?? null }
    }),
  }
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
  /** How the values of a group are one name; default: with blanks between them. */
  name?(group: readonly string[]): string
}

/** The groups with most of the first figure; those that have none of it are left out. */
export async function topPanel(source: BoardSource, question: TopQuestion): Promise<PanelData> {
  const { of, groupBy, figures, limit = 10, name = joined, from, to, filter = [] } = question
  const answer = await source.query({ from, to, filter, groupBy, figures, limit })
  if (!answer.ok) return { kind: 'nothing', reason: answer.message }
  const rows = answer.rows
    .filter(({ figures: [first] }) => typeof first === 'number' && first > 0)
    .map(({ group, figures: values }) => ({ name: name(group), values }))
  if (rows.length === 0) return { kind: 'nothing', reason: 'None in this time.' }
  if (groupBy.length === 1 && answer.rows.every(({ group: [value] }) => value === ''))
    return { kind: 'nothing', reason: `No line says the ${of}; is it in log-format-upstream?` }
  return {
    kind: 'table',
    of,
    columns: figures.map((figure) => ({ title: labelOf(figure), unit: unitOf(figure) })),
    rows,
    approximate: answer.approximate,
  }
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
