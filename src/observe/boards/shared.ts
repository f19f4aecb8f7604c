import { OTHER } from '../analytics.js'
import { type BoardSource, topPanel } from './ask.js'
import type { Panel } from './panel.js'

/** Of `dayPanel`. */
export const DAY_WINDOW = 'last 24 h; 1 d: against the 24 h before, 7 d: against a week before'

/** Host and path as one name. */
export function url([host = '', path = '']: readonly string[]): string {
  return host === OTHER && path === OTHER ? OTHER : `${host}${path}`
}

/** Where requests come from; needs a database of places. */
export async function placePanels(
  source: BoardSource,
  span: { readonly from: number; readonly to: number },
): Promise<readonly Panel[]> {
  const { geography } = await source.status()
  const window = 'last 24 h'
  if (!geography) {
    const reason = 'Where clients are is not known: there is no database of places (docs/observability.md).'
    return [{ title: 'Geography', window, data: { kind: 'nothing', reason } }]
  }
  const figures = ['requests', 'visitors'] as const
  const [countries, regions, cities] = await Promise.all([
    topPanel(source, { ...span, of: 'country', groupBy: ['country'], figures, limit: 20 }),
    topPanel(source, { ...span, of: 'area', groupBy: ['country', 'region'], figures }),
    topPanel(source, { ...span, of: 'city', groupBy: ['country', 'city'], figures }),
  ])
  return [
    { title: 'Requests and visitors by country', window, data: countries },
    { title: 'Top areas', window, data: regions },
    { title: 'Top cities', window, data: cities },
  ]
}
