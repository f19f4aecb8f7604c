import { startGathering, type Gathering } from '../../observe/metrics/gather.js'
import { createExporter, type Exporter } from '../../observe/metrics/exposition.js'
import { parseExcluded } from '../../observe/metrics/request-text.js'
import { createRequestMetricsStore, type RequestMetricsStore } from '../../observe/metrics/store.js'
import type { PassReport } from '../../controller/events/recorder.js'
import type { Log } from '../log.js'
import type { DataPlane } from './data-plane.js'
import type { ServeFlags } from './flags.js'

export interface Metrics {
  readonly exporter: Exporter
  /** What was counted of requests; undefined: nothing is. */
  readonly store: RequestMetricsStore | undefined
  /** After each pass. */
  passed(report: PassReport): void
  stop(): void
}

/** Everything behind `/metrics`. */
export function createMetrics(flags: ServeFlags, { client, metrics }: DataPlane, log: Log): Metrics {
  const store = metrics === undefined ? undefined : createRequestMetricsStore(metrics)
  let gathering: Gathering | undefined
  if (store !== undefined) {
    const take = async (): Promise<string | undefined> => {
      const answer = await client.takeCounted()
      return answer.ok ? answer.value : undefined
    }
    gathering = startGathering(take, store, (requests) =>
      log(
        'warn',
        `metrics: ${requests} requests are counted under "_overflow", since there are more than ${flags.metricsMaxSeries} label sets (--metrics-max-series)`,
      ),
    )
  }
  const exporter = createExporter({
    requests:
      store === undefined || gathering === undefined
        ? undefined
        : { store, gathering, excluded: parseExcluded(flags.excludeSocketMetrics).names },
    constant: [
      ['controller_class', flags.controllerClass],
      ['controller_namespace', process.env['POD_NAMESPACE'] ?? ''],
      ['controller_pod', process.env['POD_NAME'] ?? ''],
    ],
    printOwn: () => Promise.resolve(''),
  })
  return {
    exporter,
    store,
    passed: ({ served }) => store?.keepOnly(served),
    stop: () => gathering?.stop(),
  }
}
