import { type BoardSource, DAY, dayPanel, topPanel } from './ask.js'
import type { Panel } from './panel.js'
import { DAY_WINDOW, placePanels } from './shared.js'

/** Ingress Access Center (ack.md 5.2). */
export async function accessPanels(source: BoardSource, now: number): Promise<readonly Panel[]> {
  const day = { from: now - DAY, to: now }
  const window = 'last 24 h'
  const [totals, places, browsers, systems, clients] = await Promise.all([
    dayPanel(source, ['visitors', 'requests', 'mobileShare', 'androidShare', 'iosShare'], now),
    placePanels(source, day),
    topPanel(source, {
      ...day,
      of: 'browser',
      groupBy: ['browser'],
      name: ([browser = '']) => browser || 'other',
      figures: ['requests'],
      withShare: true,
    }),
    topPanel(source, {
      ...day,
      of: 'system',
      groupBy: ['os', 'device'],
      name: systemName,
      figures: ['requests'],
      withShare: true,
    }),
    topPanel(source, { ...day, of: 'client', groupBy: ['client'], figures: ['requests', 'bytesSent'] }),
  ])
  return [
    { title: 'Visitors', window: DAY_WINDOW, wide: true, data: totals },
    ...places,
    { title: 'Top browsers', window, data: browsers },
    { title: 'Top systems', window, data: systems },
    { title: 'Top client addresses', window, data: clients },
  ]
}

function systemName([system = '', device = '']: readonly string[]): string {
  const isPlain = device === '' || device === 'other' || device === system
  return isPlain ? system || 'other' : `${system || 'other'}, ${device}`
}
