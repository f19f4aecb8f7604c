import { randomBytes } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { readAssets } from '../../admin/dashboard/assets.js'
import { createChanges } from '../../admin/dashboard/changes.js'
import { startAdminServer, type AdminServer } from '../../admin/dashboard/server.js'
import { createPatternHelper } from '../../apply/engine/patterns.js'
import { reasonOf } from '../../apply/state-folder.js'
import type { Controller } from '../../controller/controller.js'
import type { History } from '../../controller/history.js'
import { createTokenReview } from '../../controller/token-review.js'
import { createViews } from '../../controller/views/admin-source.js'
import { programFile } from '../../disk/program-folder.js'
import type { Alerts } from '../../observe/alerts/alerts.js'
import { noAlerts } from '../../observe/alerts/view.js'
import type { BoardSource } from '../../observe/boards/ask.js'
import type { Diagnosis } from '../../observe/diagnosis/diagnosis.js'
import type { RequestMetricsStore } from '../../observe/metrics/store.js'
import { createTraffic, LOOK_SECONDS } from '../../observe/metrics/traffic.js'
import { locate } from '../locate.js'
import type { Log } from '../log.js'
import { ownVersion } from '../version.js'
import type { DataPlane } from './data-plane.js'
import type { ServeFlags } from './flags.js'
import type { OpenSource } from './source.js'
import { StartError } from './start-error.js'

/** The admin port (docs/dashboard.md). */
export interface Admin {
  /** Something happened that a page shows: the history has more, or a pass is over. */
  changed(): void
  start(controller: Controller, plane: DataPlane, source: OpenSource, observed: Observed): Promise<void>
  close(): Promise<void>
}

export interface Observed {
  /** undefined: the access log is not read. */
  readonly analytics: BoardSource | undefined
  /** undefined: requests are not counted. */
  readonly counted: RequestMetricsStore | undefined
  diagnose(): Promise<Diagnosis>
  /** undefined: there are none. */
  readonly alerts: Pick<Alerts, 'view'> | undefined
}

const NOT_COUNTED =
  'Requests are not counted: --enable-metrics is off. With it there are rates, errors and latency here.'
const PAGE = programFile('dist/dashboard')
const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost'])
const SHORTEST_TOKEN = 16

/** Nothing is kept or started unless `--admin-port` asks for it. */
export function createAdminPort(flags: ServeFlags, history: History, log: Log): Admin {
  const { adminPort, adminHost } = flags
  if (adminPort === undefined)
    return {
      changed: () => undefined,
      start: async () => undefined,
      close: async () => undefined,
    }
  const startedAt = Date.now()
  const changes = createChanges()
  let close = async (): Promise<void> => undefined
  return {
    changed: changes.mark,
    async start(controller, plane, source, { analytics, counted, diagnose, alerts }) {
      const token = readToken(flags, plane.folder.adminToken)
      const helper = createPatternHelper(plane.engine)
      const now = (): number => performance.now()
      const { cluster } = source
      const traffic = counted === undefined ? undefined : createTraffic(counted, Date.now)
      const looking =
        traffic === undefined
          ? undefined
          : setInterval(() => {
              traffic.look()
              changes.mark()
            }, LOOK_SECONDS * 1000)
      looking?.unref()
      const views = createViews({
        about: {
          version: ownVersion(),
          engine: plane.engine.label.replace(/, private folder [^)]*/, ''),
          instance: process.env['POD_NAME'] ?? hostname(),
          source: cluster === undefined ? 'folder' : 'cluster',
          startedAt,
        },
        controller,
        table: plane.table,
        history,
        helper,
        boards: analytics,
        diagnose,
        traffic: traffic ?? NOT_COUNTED,
        perHost: counted?.settings.perHost === true,
        alerts: () => alerts?.view() ?? noAlerts,
        locate: (problem) => locate(problem, source.current().snapshot),
      })
      const loopback = LOOPBACK.has(adminHost)
      const server = await listen(flags, {
        host: adminHost,
        port: adminPort,
        token,
        ...(flags.adminAuth === 'kubernetes' && cluster !== undefined
          ? { review: createTokenReview(cluster.client, now) }
          : {}),
        loopback,
        cookie: `fairlead-${adminPort}`,
        now,
        source: views,
        assets: readAssets(PAGE),
        changes,
        log,
      })
      if (!loopback)
        log('warn', `--admin-host ${adminHost}: the admin port speaks plain HTTP; let nobody read what goes there`)
      log('info', describe(flags, token, plane.folder.adminToken))
      close = async () => {
        clearInterval(looking)
        server.close()
        await helper.stop()
      }
    },
    close: () => close(),
  }
}

async function listen(
  { adminHost, adminPort }: ServeFlags,
  options: Parameters<typeof startAdminServer>[0],
): Promise<AdminServer> {
  try {
    return await startAdminServer(options)
  } catch (cause) {
    throw new StartError(
      `The admin port cannot listen on ${adminHost}:${adminPort ?? 0} (${reasonOf(cause)}); choose another one with --admin-port.`,
    )
  }
}

/** A new one at each start, for whoever may read the state folder; or the one of `--admin-token-file`. */
function readToken({ adminTokenFile }: ServeFlags, file: string): string {
  if (adminTokenFile !== undefined) {
    try {
      const given = readFileSync(adminTokenFile, 'utf8').trim()
      if (given.length >= SHORTEST_TOKEN) return given
    } catch (cause) {
      throw new StartError(`--admin-token-file cannot be read: ${reasonOf(cause)}.`)
    }
    throw new StartError(
      `The token in --admin-token-file has fewer than ${SHORTEST_TOKEN} characters; make a longer one, such as with "openssl rand -hex 32".`,
    )
  }
  const token = randomBytes(32).toString('base64url')
  try {
    rmSync(file, { force: true })
    writeFileSync(file, `${token}\n`, { mode: 0o600, flag: 'wx' })
  } catch (cause) {
    throw new StartError(`The token of the admin port cannot be written: ${reasonOf(cause)}.`)
  }
  return token
}

/** In local mode whoever reads the log started it. In a cluster logs go far, so the token does not go into them. */
function describe(
  { adminHost, adminPort, adminTokenFile, manifests }: ServeFlags,
  token: string,
  file: string,
): string {
  const name = adminHost.includes(':') ? `[${adminHost}]` : adminHost
  const url = `http://${name}:${adminPort ?? 0}/`
  if (manifests !== undefined && adminTokenFile === undefined) return `dashboard: ${url}#token=${token}`
  return `dashboard: ${url}; its token is in ${adminTokenFile ?? file}`
}
