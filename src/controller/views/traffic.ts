import type { Panel } from '../../observe/boards/panel.js'
import type { Traffic } from '../../observe/metrics/traffic.js'
import type { TrafficState } from '../../observe/shown.js'

/** What the overview says of the requests of the last minute. `traffic` as a sentence: why none are counted. */
export function trafficState(traffic: Traffic | string, perHost: boolean): TrafficState {
  if (typeof traffic === 'string') return { kind: 'none', reason: traffic }
  return {
    kind: 'counted',
    looks: traffic.looks(),
    all: traffic.all(),
    ...(perHost
      ? {}
      : {
          limited: 'Hosts are not told apart (--metrics-per-host=false), so there are no figures of single routes.',
        }),
  }
}

const WINDOW = 'last 10 minutes, in steps of 5 s'

/** Curves of the last minutes, of all requests that were counted; none where none are. */
export function trafficPanels(traffic: Traffic | undefined): readonly Panel[] {
  if (traffic === undefined) return []
  const moments = traffic.recent()
  if (moments.length === 0) return []
  const times = moments.map(({ at }) => at)
  return [
    {
      title: 'Requests a second',
      window: WINDOW,
      data: {
        kind: 'series',
        unit: 'rate',
        times,
        lines: [
          { label: 'all', values: moments.map(({ requestsPerSecond }) => requestsPerSecond) },
          {
            label: '5xx',
            values: moments.map(
              ({ requestsPerSecond, serverErrorShare }) => requestsPerSecond * (serverErrorShare ?? 0),
            ),
          },
        ],
        marks: [],
      },
    },
    {
      title: 'Latency',
      window: WINDOW,
      data: {
        kind: 'series',
        unit: 'seconds',
        times,
        lines: [
          { label: 'average', values: moments.map(({ latencyAverage }) => latencyAverage) },
          { label: 'P95', values: moments.map(({ latencyP95 }) => latencyP95) },
        ],
        marks: [],
      },
    },
  ]
}
