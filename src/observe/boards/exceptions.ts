import type { Figure } from '../analytics.js'
import { findAnomalies } from './anomalies.js'
import { type BoardSource, labelOf, lineOf, MINUTE, unitOf } from './ask.js'
import type { Mark, Measured, Panel, PanelData } from './panel.js'
import { serviceName } from './monitoring.js'

const STEP_SECONDS = 60
const STEPS = 170
const SERVICES = 20
/** Below these distances nothing is unusual, whatever was usual. */
const LEAST: Readonly<Partial<Record<Figure, number>>> = {
  requestsPerSecond: 0.2,
  latencyAverage: 0.02,
  serverErrorShare: 0.02,
  bytesSent: 100_000,
}
const WATCHED = ['requestsPerSecond', 'latencyAverage', 'serverErrorShare', 'bytesSent'] as const
const HELP =
  'A step is marked where it is 5 robust standard deviations or more from the median of the 30 steps before it (of at least 10).'

/** Ingress Exceptions Center (ack.md 5.5): curves of all requests with marks, and what was unusual for each Service. */
export async function exceptionsPanels(source: BoardSource, now: number): Promise<readonly Panel[]> {
  const to = Math.floor(now / MINUTE) * MINUTE
  const span = { from: to - STEPS * STEP_SECONDS * 1000, to, stepSeconds: STEP_SECONDS }
  const window = 'last 3 hours'
  const [curves, services] = await Promise.all([
    Promise.all(WATCHED.map((figure) => curveOf(source, figure, span))),
    servicesOf(source, span),
  ])
  return [
    ...curves.map((data, i): Panel => {
      const figure = WATCHED[i] ?? 'requestsPerSecond'
      return { title: labelOf(figure), window, help: HELP, data }
    }),
    { title: 'Services', window, wide: true, help: HELP, data: services },
  ]
}

interface Span {
  readonly from: number
  readonly to: number
  readonly stepSeconds: number
}

async function curveOf(source: BoardSource, figure: Figure, span: Span): Promise<PanelData> {
  const line = await lineOf(source, labelOf(figure), figure, span)
  if (typeof line === 'string') return { kind: 'nothing', reason: line }
  return { kind: 'series', unit: unitOf(figure), times: line.times, lines: [line], marks: marksOf(figure, line) }
}

/** Of times and shares only more is a reason to look. */
const UPWARDS: ReadonlySet<Figure> = new Set(['latencyAverage', 'serverErrorShare'])

function anomaliesOf(figure: Figure, values: readonly Measured[]) {
  const measured = UPWARDS.has(figure) ? values : sinceTraffic(values)
  return findAnomalies(measured, LEAST[figure]).filter(({ score }) => score > 0 || !UPWARDS.has(figure))
}

function marksOf(
  figure: Figure,
  { times, values }: { times: readonly number[]; values: readonly Measured[] },
): readonly Mark[] {
  return anomaliesOf(figure, values).map(({ index, score }) => ({
    time: times[index] ?? 0,
    text: `${labelOf(figure)}: ${Math.abs(score).toFixed(0)} deviations ${score > 0 ? 'above' : 'below'} what is usual`,
  }))
}

/** Before the first line of the log there was nothing to measure, and no quiet time either. */
function sinceTraffic(values: readonly Measured[]): readonly Measured[] {
  const first = values.findIndex((value) => value !== null && value > 0)
  return values.map((value, i) => (first < 0 || i < first ? null : value))
}

async function servicesOf(source: BoardSource, span: Span): Promise<PanelData> {
  const figures = ['requestsPerSecond', 'latencyAverage', 'serverErrorShare'] as const
  const answer = await source.query({ ...span, groupBy: ['service'], figures, limit: SERVICES })
  if (!answer.ok) return { kind: 'nothing', reason: answer.message }
  const byService = new Map<string, (readonly Measured[])[]>()
  for (const { group, figures: values } of answer.rows) {
    const name = serviceName(group)
    byService.set(name, [...(byService.get(name) ?? []), values])
  }
  const rows = [...byService].map(([name, steps]) => {
    const counts = figures.map(
      (figure, i) =>
        anomaliesOf(
          figure,
          steps.map((values) => values[i] ?? null),
        ).length,
    )
    return { name, values: [counts.reduce((sum, one) => sum + one, 0), ...counts] }
  })
  if (rows.length === 0) return { kind: 'nothing', reason: 'No Service was asked in this time.' }
  return {
    kind: 'table',
    of: 'Service',
    columns: [
      { title: 'Unusual steps', unit: 'count' },
      ...figures.map((figure) => ({ title: labelOf(figure), unit: 'count' as const })),
    ],
    rows: rows.toSorted((a, b) => (b.values[0] ?? 0) - (a.values[0] ?? 0)),
    approximate: answer.approximate,
  }
}
