import { type BoardSource, DAY, figuresPanel, topPanel } from './ask.js'
import type { Panel } from './panel.js'
import { placePanels } from './shared.js'

/** Ingress Access Center (ack.md 5.2). */
export async function accessPanels(source: BoardSource, now: number): Promise<readonly Panel[]> {
  const day = { from: now - DAY, to: now }
  const window = 'last 24 h'
  const [totals, places, browsers, systems, clients] = await Promise.all([
    figuresPanel(source, ['visitors', 'requests', 'mobileShare', 'androidShare', 'iosShare'], day, {
      from: now - 2 * DAY,
      to: now - DAY,
    }),
    placePanels(source, day),
    topPanel(source, {
      ...day,
      of: 'browser',
      groupBy: ['browser'],
      name: ([browser = '']) => browser || 'other',
      figures: ['requests'],
    }),
    topPanel(source, { ...day, of: 'system, device', groupBy: ['os', 'device'], figures: ['requests'] }),
    topPanel(source, { ...day, of: 'client', groupBy: ['client'], figures: ['requests', 'bytesSent'] }),
  ])
  return [
    { title: 'Visitors', window: 'last 24 h, and the 24 h before', wide: true, data: totals },
    ...places,
    { title: 'Top browsers', window, data: browsers },
    { title: 'Top systems', window, data: systems },
    { title: 'Top client addresses', window, data: clients },
  ]
}
