import { accessPanels } from './access.js'
import { type BoardSource, DAY } from './ask.js'
import { blueGreenPanels } from './blue-green.js'
import type { Baseline } from './anomalies.js'
import { exceptionLeads, exceptionsPanels } from './exceptions.js'
import { monitoringPanels } from './monitoring.js'
import { overviewPanels } from './overview.js'
import type { Board, NoBoard, Panel } from './panel.js'

/** The five boards over the access log (ack.md 5). */
export const boardTitles = {
  overview: 'Traffic',
  access: 'Access',
  monitoring: 'Monitoring',
  'blue-green': 'Blue/green',
  exceptions: 'Exceptions',
} as const

export type BoardName = keyof typeof boardTitles

export function isBoardName(name: string): name is BoardName {
  return Object.hasOwn(boardTitles, name)
}

/**
 * What may be chosen: one host (monitoring), two Services (blue/green), with what is compared (exceptions); empty:
 * nothing.
 */
export interface BoardChoice {
  readonly host: string
  readonly a: string
  readonly b: string
  readonly kind: Baseline
}

/** Makes a board at a moment, in milliseconds since the epoch; where the log said nothing yet, a sentence. */
export async function makeBoard(
  name: BoardName,
  choice: BoardChoice,
  source: BoardSource,
  now: number,
): Promise<Board | NoBoard> {
  const status = await source.status()
  if (status.records === 0) {
    const unread =
      status.unparsable === 0 ? '' : ` ${status.unparsable} lines could not be read; is log-format-upstream known?`
    return { nothing: `No line of the access log yet. Send a request; it is here within seconds.${unread}` }
  }
  const [panels, services] = await Promise.all([panelsOf(name, choice, source, now), servicesOf(source, now)])
  const lead = name === 'exceptions' ? { lead: exceptionLeads[choice.kind] } : {}
  return { title: boardTitles[name], ...lead, panels, services, status, at: now }
}

function panelsOf(
  name: BoardName,
  { host, a, b, kind }: BoardChoice,
  source: BoardSource,
  now: number,
): Promise<readonly Panel[]> {
  switch (name) {
    case 'overview':
      return overviewPanels(source, now)
    case 'access':
      return accessPanels(source, now)
    case 'monitoring':
      return monitoringPanels(source, now, host)
    case 'blue-green':
      return blueGreenPanels(source, now, a, b)
    case 'exceptions':
      return exceptionsPanels(source, now, kind)
  }
}

async function servicesOf(source: BoardSource, now: number): Promise<readonly string[]> {
  const query = { from: now - DAY, to: now, groupBy: ['service'], figures: ['requests'], limit: 100 } as const
  const answer = await source.query(query)
  return answer.ok ? answer.rows.map(({ group: [service = ''] }) => service).filter((service) => service !== '') : []
}
