import type { Figure } from '../analytics.js'
import { type BoardSource, DAY, figuresPanel, HOUR, lineOf, MINUTE, topPanel } from './ask.js'
import type { Measured, Panel, PanelData } from './panel.js'
import { placePanels, url } from './shared.js'

const DAILY: readonly Figure[] = [
  'requests',
  'visitors',
  'requestBytes',
  'bytesSent',
  'latencyAverage',
  'mobileShare',
  'serverErrorShare',
  'notFoundShare',
]
const MINUTELY: readonly Figure[] = [
  'requests',
  'visitors',
  'successShare',
  'serverErrorShare',
  'latencyAverage',
  'latencyP95',
  'latencyP99',
]
const STEP_SECONDS = 900

/** Ingress Overview (ack.md 5.1). */
export async function overviewPanels(source: BoardSource, now: number): Promise<readonly Panel[]> {
  const day = { from: now - DAY, to: now }
  const hour = { from: now - HOUR, to: now, groupBy: ['host', 'path'] as const, of: 'URL', name: url }
  const [daily, minutely, trend, devices, places, urls, slow, failing, missing] = await Promise.all([
    figuresPanel(source, DAILY, day, { from: now - 2 * DAY, to: now - DAY }),
    figuresPanel(source, MINUTELY, { from: now - MINUTE, to: now }),
    trendOf(source, now),
    figuresPanel(source, ['mobileShare', 'androidShare', 'iosShare'], day),
    placePanels(source, day),
    topPanel(source, { ...hour, figures: ['requests', 'latencyAverage'] }),
    topPanel(source, { ...hour, figures: ['latencyAverage', 'latencyP99', 'requests'] }),
    topPanel(source, { ...hour, figures: ['serverErrors', 'serverErrorShare', 'requests'] }),
    topPanel(source, { ...hour, figures: ['notFound', 'notFoundShare', 'requests'] }),
  ])
  return [
    {
      title: 'Day',
      window: 'last 24 h, and the 24 h before',
      wide: true,
      help: 'UV: different client addresses, within 2 percent.',
      data: daily,
    },
    { title: 'Now', window: 'last minute', wide: true, help: 'Success: a status below 400.', data: minutely },
    {
      title: 'PV trend',
      window: 'today, a day and 7 days before',
      wide: true,
      help: 'Requests a second, in steps of 15 minutes; of earlier days, of an hour.',
      data: trend,
    },
    { title: 'Devices', window: 'last 24 h', help: 'By the user agent.', data: devices },
    ...places,
    { title: 'Top URLs by PV', window: 'last hour', data: urls },
    { title: 'Top URLs by latency', window: 'last hour', data: slow },
    { title: 'Top URLs by 5xx', window: 'last hour', data: failing },
    { title: 'Top URLs by 404', window: 'last hour', data: missing },
  ]
}

/** Requests a second, since steps of earlier days are wider. */
async function trendOf(source: BoardSource, now: number): Promise<PanelData> {
  const step = STEP_SECONDS * 1000
  const to = Math.floor(now / step) * step + step
  const today = await lineOf(source, 'today', 'requestsPerSecond', { from: to - DAY, to, stepSeconds: STEP_SECONDS })
  if (typeof today === 'string') return { kind: 'nothing', reason: today }
  const earlier = await Promise.all(
    [
      { label: 'a day before', shift: DAY },
      { label: '7 days before', shift: 7 * DAY },
    ].map(async ({ label, shift }) => {
      const line = await lineOf(source, label, 'requestsPerSecond', {
        from: to - DAY - shift,
        to: to - shift,
        stepSeconds: 3600,
      })
      if (typeof line === 'string') return undefined
      const values = today.times.map((time): Measured => {
        const at = line.times.findLastIndex((begin) => begin <= time - shift)
        return line.values[at] ?? null
      })
      return values.some((value) => value !== null && value > 0) ? { label, values } : undefined
    }),
  )
  return {
    kind: 'series',
    unit: 'rate',
    times: today.times,
    lines: [today, ...earlier.filter((line) => line !== undefined)],
    marks: [],
  }
}
