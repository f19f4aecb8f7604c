import type { Figure } from '../analytics.js'
import { type Anomaly, type Baseline, DAYS, judge, LEAST, LEAST_DAYS, UNUSUAL, WINDOW } from './anomalies.js'
import { type BoardSource, DAY, HOUR, labelOf, lineOf, MINUTE, unitOf } from './ask.js'
import { serviceName } from './monitoring.js'
import type { Mark, Measured, Panel, PanelData } from './panel.js'

const SERVICES = 20
/** Below these distances nothing is unusual, whatever was usual. */
const LEAST_DISTANCE: Readonly<Partial<Record<Figure, number>>> = {
  requestsPerSecond: 0.2,
  latencyAverage: 0.02,
  serverErrorShare: 0.02,
}
/** Bytes are a sum, so it depends on the width of a step. */
const LEAST_BYTES_A_SECOND = 1_700
const WATCHED = ['requestsPerSecond', 'latencyAverage', 'serverErrorShare', 'bytesSent'] as const
/** Of times and shares only more is a reason to look. */
const UPWARDS: ReadonlySet<Figure> = new Set(['latencyAverage', 'serverErrorShare'])

interface Plan {
  readonly window: string
  readonly step: string
  readonly stepSeconds: number
  /** How many steps are shown, and how many are read for them. */
  readonly shown: number
  readonly read: number
}

const PLANS: Readonly<Record<Baseline, Plan>> = {
  // The roll-up by minutes keeps three hours.
  recent: { window: 'last 3 hours', step: 'minute', stepSeconds: 60, shown: 170, read: 170 },
  season: { window: 'last 24 hours', step: 'hour', stepSeconds: HOUR / 1000, shown: 24, read: 24 * (DAYS + 1) },
}

/** How marks are made, for people. */
export const exceptionLeads: Readonly<Record<Baseline, string>> = {
  recent: `A minute is marked where it is ${UNUSUAL} robust standard deviations (median absolute deviation) or more from the median of the ${WINDOW} minutes before it; ${LEAST} of them have to be known.`,
  season: `An hour is marked where it is ${UNUSUAL} robust standard deviations (median absolute deviation) or more from the median of the same hour on the ${DAYS} days before; ${LEAST_DAYS} of them have to be known.`,
}

/** Ingress Exceptions Center (ack.md 5.5): curves of all requests with marks, and what was unusual for each Service. */
export async function exceptionsPanels(source: BoardSource, now: number, kind: Baseline): Promise<readonly Panel[]> {
  const plan = PLANS[kind]
  const unit = plan.stepSeconds === 60 ? MINUTE : HOUR
  const to = Math.floor(now / unit) * unit
  const span = { from: to - plan.read * unit, to, stepSeconds: plan.stepSeconds }
  const { oldest } = await source.status()
  if (kind === 'season' && (oldest === undefined || oldest > to - LEAST_DAYS * DAY)) {
    const reason = `The same hour of ${LEAST_DAYS} days is needed to say what is usual, and the log is not known for so long. Until then, compare with the minutes before.`
    return [{ title: 'Exceptions by season', window: plan.window, wide: true, data: { kind: 'nothing', reason } }]
  }
  const [curves, services] = await Promise.all([
    Promise.all(WATCHED.map((figure) => curveOf(source, figure, kind, span))),
    servicesOf(source, kind, span),
  ])
  return [
    ...curves.map((data, i): Panel => ({ title: labelOf(WATCHED[i] ?? 'requests'), window: plan.window, data })),
    {
      title: 'Services',
      window: plan.window,
      wide: true,
      help: `How many ${plan.step}s of each Service are marked.`,
      data: services,
    },
  ]
}

interface Span {
  readonly from: number
  readonly to: number
  readonly stepSeconds: number
}

async function curveOf(source: BoardSource, figure: Figure, kind: Baseline, span: Span): Promise<PanelData> {
  const line = await lineOf(source, labelOf(figure), figure, span)
  if (typeof line === 'string') return { kind: 'nothing', reason: line }
  const { anomalies, usual } = judged(figure, line.values, kind)
  const from = -PLANS[kind].shown
  return {
    kind: 'series',
    unit: unitOf(figure),
    times: line.times.slice(from),
    lines: [
      { label: line.label, values: line.values.slice(from) },
      { label: 'usual', values: usual.slice(from) },
    ],
    marks: anomalies.map(
      ({ index, score }): Mark => ({
        time: line.times[index] ?? 0,
        text: `${labelOf(figure)}: ${Math.abs(score).toFixed(0)} deviations ${score > 0 ? 'above' : 'below'} what is usual`,
      }),
    ),
  }
}

/** Of the steps that are shown. */
function judged(
  figure: Figure,
  values: readonly Measured[],
  kind: Baseline,
): { readonly anomalies: readonly Anomaly[]; readonly usual: readonly Measured[] } {
  const measured = UPWARDS.has(figure) ? values : sinceTraffic(values)
  const least = LEAST_DISTANCE[figure] ?? LEAST_BYTES_A_SECOND * PLANS[kind].stepSeconds
  const { anomalies, usual } = judge(measured, kind, least)
  const first = values.length - PLANS[kind].shown
  return {
    anomalies: anomalies.filter(({ index, score }) => index >= first && (score > 0 || !UPWARDS.has(figure))),
    usual,
  }
}

/** Before the first line of the log there was nothing to measure, and no quiet time either. */
function sinceTraffic(values: readonly Measured[]): readonly Measured[] {
  const first = values.findIndex((value) => value !== null && value > 0)
  return values.map((value, i) => (first < 0 || i < first ? null : value))
}

async function servicesOf(source: BoardSource, kind: Baseline, span: Span): Promise<PanelData> {
  const figures = ['requestsPerSecond', 'latencyAverage', 'serverErrorShare'] as const
  const answer = await source.query({ ...span, groupBy: ['service'], figures, limit: SERVICES })
  if (!answer.ok) return { kind: 'nothing', reason: answer.message }
  const byService = new Map<string, (readonly Measured[])[]>()
  for (const { group, figures: values } of answer.rows) {
    const name = serviceName(group)
    const steps = byService.get(name)
    if (steps === undefined) byService.set(name, [values])
    else steps.push(values)
  }
  const rows = [...byService].map(([name, steps]) => {
    const counts = figures.map((figure, i) => {
      const values = steps.map((step) => step[i] ?? null)
      return judged(figure, values, kind).anomalies.length
    })
    return { name, values: [counts.reduce((sum, one) => sum + one, 0), ...counts] }
  })
  if (rows.length === 0) return { kind: 'nothing', reason: 'No Service was asked in this time.' }
  return {
    kind: 'table',
    of: 'Service',
    columns: [
      { title: `Marked ${PLANS[kind].step}s`, unit: 'count' },
      ...figures.map((figure) => ({ title: labelOf(figure), unit: 'count' as const })),
    ],
    rows: rows.toSorted((a, b) => (b.values[0] ?? 0) - (a.values[0] ?? 0)),
    approximate: answer.approximate,
  }
}
