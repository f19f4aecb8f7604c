import type { Figure } from '../analytics.js'
import { type BoardSource, DAY, dayPanel, figuresPanel, HOUR, lineOf, MINUTE, topPanel, unitOf } from './ask.js'
import type { Measured, Panel, PanelData } from './panel.js'
import { DAY_WINDOW, placePanels, url } from './shared.js'

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
  const hour = {
    from: now - HOUR,
    to: now,
    groupBy: ['host', 'path'] as const,
    of: 'URL',
    name: url,
    leadsTo: 'explain' as const,
  }
  const [daily, minutely, trend, visitors, devices, places, urls, slow, failing, missing] = await Promise.all([
    dayPanel(source, DAILY, now),
    figuresPanel(source, MINUTELY, { from: now - MINUTE, to: now }),
    trendOf(source, 'requestsPerSecond', STEP_SECONDS, now),
    trendOf(source, 'visitors', HOUR / 1000, now),
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
      window: DAY_WINDOW,
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
    {
      title: 'UV trend',
      window: 'today, a day and 7 days before',
      wide: true,
      help: 'Different client addresses of each hour.',
      data: visitors,
    },
    { title: 'Devices', window: 'last 24 h', help: 'By the user agent.', data: devices },
    ...places,
    { title: 'Top URLs by PV', window: 'last hour', data: urls },
    { title: 'Top URLs by latency', window: 'last hour', data: slow },
    { title: 'Top URLs by 5xx', window: 'last hour', data: failing },
    { title: 'Top URLs by 404', window: 'last hour', data: missing },
  ]
}

/** A day beside the days before. A count is told a second, since steps of earlier days are an hour. */
async function trendOf(source: BoardSource, figure: Figure, stepSeconds: number, now: number): Promise<PanelData> {
  const step = stepSeconds * 1000
  const to = Math.floor(now / step) * step + step
  const today = await lineOf(source, 'today', figure, { from: to - DAY, to, stepSeconds })
  if (typeof today === 'string') return { kind: 'nothing', reason: today }
  const earlier = await Promise.all(
    [
      { label: 'a day before', shift: DAY },
      { label: '7 days before', shift: 7 * DAY },
    ].map(async ({ label, shift }) => {
      const line = await lineOf(source, label, figure, { from: to - DAY - shift, to: to - shift, stepSeconds: 3600 })
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
    unit: unitOf(figure),
    times: today.times,
    lines: [today, ...earlier.filter((line) => line !== undefined)],
    marks: [],
  }
}
