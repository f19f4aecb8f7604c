import { statSync } from 'node:fs'
import { controllerFamilies, ownFamilies } from '../../controller/metrics/families.js'
import type { ControllerRecord } from '../../controller/metrics/record.js'
import { createExporter, type Exporter } from '../../observe/metrics/exposition.js'
import type { Family } from '../../observe/metrics/family.js'
import { startGathering } from '../../observe/metrics/gather.js'
import { createNginxFamilies, parseConnections, readNginxProcesses } from '../../observe/metrics/nginx-families.js'
import { createProcessFamilies } from '../../observe/metrics/process-families.js'
import { parseExcluded } from '../../observe/metrics/request-text.js'
import { createRequestMetricsStore, type RequestMetricsStore } from '../../observe/metrics/store.js'
import type { Labels } from '../../observe/metrics/text.js'
import type { Log } from '../log.js'
import { ownVersion } from '../version.js'
import type { DataPlane } from './data-plane.js'
import type { ServeFlags } from './flags.js'
import type { Membership } from './membership.js'
import type { WatchCount } from './watch-count.js'

export interface MetricsParts {
  readonly flags: ServeFlags
  readonly plane: DataPlane
  readonly record: ControllerRecord
  readonly watches: WatchCount
  readonly membership: Membership | undefined
  /** Of alerts. */
  alertFamilies(): readonly Family[]
  readonly log: Log
}

export interface Metrics {
  readonly exporter: Exporter
  /** What was counted of requests; undefined: nothing is. */
  readonly store: RequestMetricsStore | undefined
  stop(): void
}

const LOOK_MILLISECONDS = 1_000

/** Everything behind `/metrics`. */
export function createMetrics(parts: MetricsParts): Metrics {
  const { flags, record, watches } = parts
  const constant: Labels = [
    ['controller_class', flags.controllerClass],
    ['controller_namespace', process.env['POD_NAMESPACE'] ?? ''],
    ['controller_pod', process.env['POD_NAME'] ?? ''],
  ]
  const requests = countRequests(parts)
  const own = createOwn(parts, constant, requests?.store)
  const timer = setInterval(() => {
    watches.look()
    // A worker may have counted for an Ingress after it was deleted (MET-5).
    const served = record.latest()?.report.served
    if (served !== undefined) requests?.store.keepOnly(served)
  }, LOOK_MILLISECONDS)
  timer.unref()
  return {
    exporter: createExporter({ requests, constant, own }),
    store: requests?.store,
    stop() {
      clearInterval(timer)
      requests?.gathering.stop()
    },
  }
}

function countRequests({ flags, plane: { client, metrics }, log }: MetricsParts) {
  if (metrics === undefined) return undefined
  const store = createRequestMetricsStore(metrics)
  const take = async (): Promise<string | undefined> => {
    const answer = await client.takeCounted()
    return answer.ok ? answer.value : undefined
  }
  const gathering = startGathering(take, store, (over) =>
    log(
      'warn',
      `metrics: ${over} requests are counted under "_overflow", since there are more than ${flags.metricsMaxSeries} label sets (--metrics-max-series)`,
    ),
  )
  const { names: excluded, unknown } = parseExcluded(flags.excludeSocketMetrics)
  // As in ingress-nginx, whose versions had other metrics, a name that is none keeps nobody from starting.
  for (const name of unknown)
    log('warn', `--exclude-socket-metrics: there is no request metric ${JSON.stringify(name)}`)
  return { store, gathering, excluded }
}

/** Without --enable-metrics, what costs nothing until it is asked for. */
function createOwn(
  { flags, plane, record, watches, membership, alertFamilies }: MetricsParts,
  constant: Labels,
  store: RequestMetricsStore | undefined,
): () => Promise<Iterable<Family>> {
  const { client, nginx, table, folder, applier } = plane
  const version = ownVersion()
  const processFamilies = createProcessFamilies()
  const nginxFamilies = createNginxFamilies(constant)
  const digest = digestOnce(
    () => table.revision(),
    () => table.digest(),
  )
  return async () => {
    const [status, connections] = await Promise.all([client.status(), client.connections()])
    const own = ownFamilies(record, {
      version,
      revision: table.revision(),
      pushed: plane.pushed(),
      reloads: applier.reloadCount().byReason(),
      table: status.ok ? { free: status.value.free, capacity: status.value.capacity } : undefined,
      snapshotAge: ageOf(folder.snapshot),
      watchRestarts: watches.restarts(),
      watchLag: watches.lag(Date.now()),
      requestSeries: store === undefined ? undefined : { size: store.size(), overflowed: store.overflowed() },
    })
    if (flags.enableMetrics !== true) return [...own, ...alertFamilies(), ...processFamilies()]
    return [
      ...controllerFamilies(record, {
        constant,
        controllerClass: flags.controllerClass,
        version,
        configDigest: digest(),
        isLeader: membership?.isLeader(),
        electionId: flags.electionId,
        reviews: flags.validatingWebhook !== '',
      }),
      ...nginxFamilies(
        readNginxProcesses(nginx.pid()),
        connections.ok ? parseConnections(connections.value) : undefined,
      ),
      ...own,
      ...alertFamilies(),
      ...processFamilies(),
    ]
  }
}

/** Made anew when the table is another one: it goes through all documents. */
function digestOnce(revision: () => number, digest: () => string): () => string {
  let of: number | undefined
  let known = ''
  return () => {
    if (of !== revision()) {
      of = revision()
      known = digest()
    }
    return known
  }
}

function ageOf(file: string): number | undefined {
  try {
    return Math.max(Date.now() - statSync(file).mtimeMs, 0) / 1000
  } catch {
    return undefined
  }
}
