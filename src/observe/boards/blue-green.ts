import type { Figure } from '../analytics.js'
import { type BoardSource, HOUR, labelOf, lineOf, measure, MINUTE, unitOf } from './ask.js'
import type { Panel, PanelData } from './panel.js'

const FIGURES: readonly Figure[] = [
  'requests',
  'serverErrorShare',
  'successShare',
  'latencyAverage',
  'latencyP95',
  'latencyP99',
  'latencyP999',
  'latencyP9999',
  'bytesSent',
  'requestBytes',
]

/** Ingress Monitoring Center for Blue/Green (ack.md 5.4): two Services side by side, as the log names them. */
export async function blueGreenPanels(
  source: BoardSource,
  now: number,
  a: string,
  b: string,
): Promise<readonly Panel[]> {
  const window = 'last hour'
  if (a === '' || b === '') {
    const reason = 'Choose two Services above: the one that serves, and the one that is to take over.'
    return [{ title: 'A and B', window, wide: true, data: { kind: 'nothing', reason } }]
  }
  const span = (service: string) => ({
    from: now - HOUR,
    to: now,
    filter: [{ dimension: 'service', operator: '=', value: service } as const],
  })
  const [left, right] = await Promise.all([measure(source, FIGURES, span(a)), measure(source, FIGURES, span(b))])
  const compared: PanelData =
    typeof left === 'string' || typeof right === 'string'
      ? { kind: 'nothing', reason: typeof left === 'string' ? left : String(right) }
      : {
          kind: 'compare',
          a,
          b,
          rows: FIGURES.map((figure, i) => ({
            label: labelOf(figure),
            unit: unitOf(figure),
            a: left[i] ?? null,
            b: right[i] ?? null,
          })),
        }
  const curves: readonly (readonly [string, Figure])[] = [
    ['Requests a second', 'requestsPerSecond'],
    ['Average latency', 'latencyAverage'],
    ['5xx share', 'serverErrorShare'],
    ['Outbound traffic', 'bytesSent'],
  ]
  return [
    {
      title: 'A and B',
      window,
      wide: true,
      help: 'A canary counts for itself where the format of the log has the alternative upstream, as the usual one has.',
      data: compared,
    },
    ...(await Promise.all(
      curves.map(
        async ([title, figure]): Promise<Panel> => ({ title, window, data: await both(source, now, figure, a, b) }),
      ),
    )),
  ]
}

async function both(source: BoardSource, now: number, figure: Figure, a: string, b: string): Promise<PanelData> {
  const to = Math.floor(now / MINUTE) * MINUTE
  const line = (label: string, service: string) =>
    lineOf(source, label, figure, {
      from: to - HOUR,
      to,
      stepSeconds: 60,
      filter: [{ dimension: 'service', operator: '=', value: service }],
    })
  const [left, right] = await Promise.all([line(`A ${a}`, a), line(`B ${b}`, b)])
  if (typeof left === 'string') return { kind: 'nothing', reason: left }
  if (typeof right === 'string') return { kind: 'nothing', reason: right }
  return { kind: 'series', unit: unitOf(figure), times: left.times, lines: [left, right], marks: [] }
}
