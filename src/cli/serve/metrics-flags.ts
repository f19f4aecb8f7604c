import { InvalidArgumentError, type Command } from 'commander'
import { MOST_BUCKETS, type RequestMetrics } from '../../model/request-metrics.js'
import { parseWhole } from '../flags.js'
import { goSwitch } from '../go-flags.js'
import { StartError } from './start-error.js'

/** Names and defaults are those of ingress-nginx (observability.md section 2), but for `--metrics-max-series`. */
export interface MetricsFlags {
  readonly enableMetrics?: boolean
  readonly metricsPerHost: boolean
  readonly metricsPerUndefinedHost?: boolean
  readonly reportStatusClasses?: boolean
  readonly excludeSocketMetrics: string
  readonly timeBuckets: readonly number[]
  readonly lengthBuckets: readonly number[]
  readonly sizeBuckets: readonly number[]
  readonly metricsMaxSeries: number
}

const TIMES = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const LENGTHS = [10, 20, 30, 40, 50, 60, 70, 80, 90, 100]
const SIZES = [10, 100, 1e3, 1e4, 1e5, 1e6, 1e7]

export function addMetricsFlags(command: Command): void {
  command
    .optionsGroup('Metrics:')
    .addOption(goSwitch('enable-metrics', 'count requests and serve metrics at /metrics of the health port'))
    .addOption(goSwitch('metrics-per-host', 'tell hosts apart', true))
    .addOption(goSwitch('metrics-per-undefined-host', 'count requests for hosts that no Ingress declares too, by name'))
    .addOption(goSwitch('report-status-classes', 'count statuses as 2xx, 3xx, …'))
    .option('--exclude-socket-metrics <names>', 'request metrics that are not served, separated by commas', '')
    .option('--time-buckets <seconds>', 'upper bounds of buckets of times', parseBuckets, TIMES)
    .option('--length-buckets <bytes>', 'upper bounds of buckets of requests and responses', parseBuckets, LENGTHS)
    .option('--size-buckets <bytes>', 'upper bounds of buckets of bytes_sent', parseBuckets, SIZES)
    .option('--metrics-max-series <count>', 'label sets that are kept; what is beyond is one more', parseWhole, 20_000)
}

/** What is counted; undefined: nothing. Throws a StartError for flags that cannot be together. */
export function requestMetricsOf(flags: MetricsFlags): RequestMetrics | undefined {
  if (flags.metricsPerUndefinedHost === true && !flags.metricsPerHost)
    throw new StartError('--metrics-per-undefined-host tells hosts apart, so it needs --metrics-per-host.')
  if (flags.enableMetrics !== true) return undefined
  return {
    times: flags.timeBuckets,
    lengths: flags.lengthBuckets,
    sizes: flags.sizeBuckets,
    perHost: flags.metricsPerHost,
    undefinedHosts: flags.metricsPerUndefinedHost === true,
    statusClasses: flags.reportStatusClasses === true,
    most: Math.max(flags.metricsMaxSeries, 1),
  }
}

/** As Go reads a list of numbers: `0.1,1,5`. */
function parseBuckets(text: string): readonly number[] {
  const bounds = text.split(',').map((word) => (word.trim() === '' ? Number.NaN : Number(word)))
  if (!bounds.every((bound, i) => Number.isFinite(bound) && bound > 0 && bound > (bounds[i - 1] ?? 0)))
    throw new InvalidArgumentError('Rising numbers above 0 are needed, separated by commas, such as 0.1,1,5.')
  if (bounds.length > MOST_BUCKETS) throw new InvalidArgumentError(`At most ${MOST_BUCKETS} buckets are possible.`)
  return bounds
}
