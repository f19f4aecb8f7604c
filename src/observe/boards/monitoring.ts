import type { Condition, Figure } from '../analytics.js'
import { type BoardSource, figuresPanel, HOUR, MINUTE, seriesPanel, topPanel } from './ask.js'
import type { Panel } from './panel.js'

const SHARES: readonly Figure[] = [
  'successShare',
  'errorShare',
  'serverErrorShare',
  'notFoundShare',
  'notForwardedShare',
]
const TIMES: readonly Figure[] = ['latencyAverage', 'latencyP95', 'latencyP99', 'latencyP999', 'latencyP9999']

/** Ingress Monitoring Center (ack.md 5.3). `host`: of one host only; empty: of all. */
export async function monitoringPanels(source: BoardSource, now: number, host: string): Promise<readonly Panel[]> {
  const filter: readonly Condition[] = host === '' ? [] : [{ dimension: 'host', operator: '=', value: host }]
  const hour = { from: now - HOUR, to: now, filter }
  const to = Math.floor(now / MINUTE) * MINUTE
  const minutes = { from: to - HOUR, to, filter, stepSeconds: 60 }
  const services = { ...hour, of: 'Service', groupBy: ['service'] as const, name: serviceName }
  const window = 'last hour'
  const [shares, times, rate, latency, statuses, pressure, busy, failing, slow, heavy] = await Promise.all([
    figuresPanel(source, SHARES, hour),
    figuresPanel(source, TIMES, hour),
    seriesPanel(source, ['requestsPerSecond'], minutes),
    seriesPanel(source, ['latencyAverage', 'latencyP95', 'latencyP99'], minutes),
    topPanel(source, { ...hour, of: 'status', groupBy: ['status'], figures: ['requests'], limit: 20, withShare: true }),
    topPanel(source, {
      ...hour,
      of: 'host',
      groupBy: ['host'],
      figures: ['requests', 'serverErrorShare'],
      withShare: true,
      leadsTo: 'monitoring',
    }),
    topPanel(source, { ...services, figures: ['requests'], withShare: true }),
    topPanel(source, { ...services, figures: ['serverErrorShare', 'serverErrors', 'requests'] }),
    topPanel(source, { ...services, figures: ['latencyAverage', 'latencyP99', 'requests'] }),
    topPanel(source, { ...services, figures: ['bytesSent', 'requestBytes'] }),
  ])
  return [
    {
      title: 'Answers',
      window,
      wide: true,
      help: 'Success: a status below 400. Error: from 400 on. Not forwarded: no backend was asked, as for a redirect.',
      data: shares,
    },
    { title: 'Latency', window, wide: true, help: 'Of the whole request; quantiles within 1 percent.', data: times },
    { title: 'Requests a second', window, data: rate },
    { title: 'Latency over time', window, data: latency },
    { title: 'Status codes', window, data: statuses },
    { title: 'Pressure by host', window, data: pressure },
    { title: 'Top Services by PV', window, data: busy },
    { title: 'Top Services by failure rate', window, data: failing },
    { title: 'Top Services by latency', window, data: slow },
    { title: 'Top Services by traffic', window, data: heavy },
  ]
}

export function serviceName([service = '']: readonly string[]): string {
  return service === '' ? '(none)' : service
}
