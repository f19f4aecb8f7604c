import type { Command } from 'commander'
import { setTimeout as sleep } from 'node:timers/promises'
import { type HealthServer, startHealthServer } from '../admin/health-server.js'
import { startLogsServer } from '../admin/logs-server.js'
import { startStatusServer } from '../admin/status-server.js'
import { createPatternHelper } from '../apply/engine/patterns.js'
import { followLuaFaults } from '../apply/lua-faults.js'
import { reasonOf } from '../apply/state-folder.js'
import { createController, type Controller } from '../controller/controller.js'
import { createPulse } from '../controller/pulse.js'
import { createHistory } from '../controller/history.js'
import { createControllerRecord } from '../controller/metrics/record.js'
import { createStapler } from '../controller/ocsp/stapler.js'
import { createPatternJudge } from '../controller/pattern-judge.js'
import { systemClock } from '../kubernetes/clock.js'
import type { Happening } from '../apply/frame-change.js'
import { describeFlags } from './diagnose/describe-flags.js'
import { translateOptionsOf } from './flags.js'
import type { Alerts } from '../observe/alerts/alerts.js'
import type { Exporter } from '../observe/metrics/exposition.js'
import { completeLoadBalancerFlags } from './loadbalancer-flags.js'
import { createLog, type Log } from './log.js'
import { openWithoutBlocking } from './output.js'
import { createProblemLog } from './problem-log.js'
import { keepRecent, type LogEntry } from './recent-log.js'
import { followLogs } from './serve/follow-logs.js'
import { createAdminPort } from './serve/admin.js'
import { createServeAlerts } from './serve/alerts.js'
import { startAnalytics } from './serve/analytics.js'
import { startAdmission } from './serve/admission.js'
import { keepErrorLogShort } from './serve/error-log.js'
import { createDiagnosis } from './serve/diagnosis.js'
import { prepareDataPlane, type DataPlane } from './serve/data-plane.js'
import { addServeFlags, checkFlags, postShutdownSeconds, type ServeFlags } from './serve/flags.js'
import { describeIdleFlags } from './serve/ingress-nginx-flags.js'
import { createMembership } from './serve/membership.js'
import { createMetrics } from './serve/metrics.js'
import { waitForStop } from './serve/signals.js'
import { keepHeapSmall } from './serve/small-heap.js'
import { sendSpans } from './serve/spans.js'
import { createStatusReport } from './serve/status.js'
import { openSource, type OpenSource } from './serve/source.js'
import { StartError } from './serve/start-error.js'
import { countWatches } from './serve/watch-count.js'

export function addServe(program: Command): void {
  const command = program.command('serve').description('run NGINX for a cluster or a folder, and follow its changes')
  addServeFlags(command).action(async (given: ServeFlags) => {
    const flags = inItsSurroundings(given, command)
    const sink = openWithoutBlocking(2)
    const { log, recent } = keepRecent(
      createLog(sink, flags.logFormat ?? (process.stderr.isTTY ? 'text' : 'json'), (flags.v ?? 0) >= 2),
    )
    for (const sentence of describeIdleFlags(command)) log('warn', sentence)
    try {
      await serve(flags, log, { recent, flags: describeFlags(command) })
    } catch (cause) {
      if (!(cause instanceof StartError)) throw cause
      process.stderr.write(`fairlead: ${cause.message}\n`)
      process.exitCode = 2
      setImmediate(() => process.exit(2))
    }
  })
}

/** In a cluster there is no main ConfigMap unless a flag names one; a folder has that of ingress-nginx's chart. */
function inItsSurroundings(flags: ServeFlags, command: Command): ServeFlags {
  const isNamed = flags.manifests !== undefined || command.getOptionValueSource('configmap') === 'cli'
  return isNamed ? flags : { ...flags, configmap: '' }
}

/** Of the command itself, for `fairlead diagnose`. */
interface Told {
  recent(): readonly LogEntry[]
  readonly flags: string
}

async function serve(given: ServeFlags, log: Log, told: Told): Promise<void> {
  process.umask(0o077)
  keepHeapSmall()
  const started = Date.now()
  checkFlags(given)
  const stopAsked = waitForStop(log)
  const flags = await completeLoadBalancerFlags(given, process.env)
  let controller: Controller | undefined
  const record = createControllerRecord(systemClock)
  const source = openSource(flags, log, () => {
    record.changed()
    controller?.changed()
  })
  const membership = source.cluster === undefined ? undefined : createMembership(source.cluster, flags, log)
  const history = createHistory(Date.now)
  const admin = createAdminPort(flags, history, log)
  const happened = (happening: Happening): void => {
    history.record(happening)
    admin.changed()
  }
  const plane = await prepareDataPlane(flags, log, happened)
  const { nginx, folder } = plane
  const watches = countWatches(source.watches)
  const alertFamilies = (): ReturnType<Alerts['families']> => alerts?.families() ?? []
  const metrics = createMetrics({ flags, plane, record, watches, membership, alertFamilies, log })
  const helper = createPatternHelper(plane.engine)
  const patterns = createPatternJudge(helper)
  const analytics = flags.logAnalytics ? startAnalytics(flags, folder, log) : undefined
  const alerts = createServeAlerts({
    flags,
    folder,
    analytics,
    membership,
    facts: {
      health: () => controller?.health(),
      problems: () => controller?.problems() ?? [],
      isFrameRefused: () => record.reloads().lastFailure !== undefined && !record.reloads().isLastGood,
      choices: () => record.latest()?.translation.choices,
      watchLag: () => watches.lag(Date.now()),
    },
    log,
  })
  const stapler = createStapler({
    onChange: () => controller?.changed(),
    log,
    // Whoever writes a folder of manifests runs this program too; Secrets of a cluster are of many.
    reach: flags.manifests === undefined ? 'others' : 'this machine too',
  })
  const spans = sendSpans(folder, nginx, log)
  const logs = followLogs(flags.accessLog, folder, nginx, log, analytics?.feed)
  const faults = followLuaFaults(folder.errorLog)
  const running = createController({
    source: { current: record.taking(source.current) },
    applier: plane.applier,
    nginx,
    table: plane.table,
    options: translateOptionsOf(flags, plane.engineAbilities, plane.abilities),
    patterns,
    streamPorts: plane.streamPorts,
    quicPort: plane.quicPort,
    fallbackCertificate: plane.fallbackCertificate,
    stapler,
    faults: faults.problems,
    pulse: createPulse(async () => (await plane.client.status()).ok),
    printFrame: plane.printFrame,
    onFrame(choices) {
      analytics?.follow(choices)
      logs.follow(choices)
      spans.follow(choices.spanExport)
    },
    onProblems: createProblemLog(log, () => source.current().snapshot),
    onPass: (report, translation) => {
      membership?.passed(report)
      record.passed(report, translation)
      admin.changed()
    },
    onReload: (report) => {
      membership?.reloaded(report)
      record.reloaded(report)
    },
    happened,
    log,
  })
  controller = running
  const healthServer = await startHealth(flags, running, metrics.exporter)
  const statusReport = createStatusReport(running, plane, record, watches, membership)
  const diagnose = createDiagnosis({
    controller: running,
    plane,
    history,
    exporter: metrics.exporter,
    status: statusReport,
    snapshot: () => source.current().snapshot,
    ...told,
  })
  const statusServer = startStatusServer(folder.statusSocket, statusReport, diagnose, (message) => log('warn', message))
  log('info', `engine: ${plane.engine.label}`)
  const admission = await startAdmission(
    flags,
    plane.engineAbilities,
    () => source.current().snapshot,
    patterns,
    log,
    record.reviewed,
  )
  await admin.start(running, plane, source, { analytics, counted: metrics.store, diagnose, alerts })
  const logsServer = analytics === undefined ? undefined : await startLogsServer(folder.logSocket, analytics)
  const errorLog = keepErrorLogShort({
    path: folder.errorLog,
    reopen: () => nginx.signal('SIGUSR1'),
    looked() {
      if (faults.look(performance.now())) running.changed()
    },
    log,
  })

  const begin = async (): Promise<void> => {
    if (source.cluster !== undefined) await running.restore()
    await source.start()
    await running.begin()
    membership?.start()
    alerts?.start()
    sayReady(flags, running, plane, started, source, log)
  }
  await Promise.race([begin(), stopAsked])
  await stopAsked
  running.announceStop(flags.shutdownGracePeriod > 0 ? 'tell' : 'leave')
  if (flags.shutdownGracePeriod > 0) {
    log('info', `serving on for ${flags.shutdownGracePeriod} s (--shutdown-grace-period)`)
    await sleep(flags.shutdownGracePeriod * 1000)
  }
  admission?.close()
  stapler.stop()
  await source.stop()
  await running.end()
  await alerts?.stop()
  await membership?.stop()
  await helper.stop()
  log('info', 'NGINX finishes the requests under way')
  nginx.signal('SIGQUIT')
  if (!(await nginx.waitForEnd(SHUTDOWN_MILLISECONDS))) nginx.signal('SIGTERM')
  await nginx.waitForEnd(5_000)
  await logs.finish()
  logsServer?.close()
  await spans.finish()
  await analytics?.close()
  errorLog.close()
  const stay = postShutdownSeconds(flags)
  if (stay > 0) {
    log('info', `NGINX has ended; staying for ${stay} s (--post-shutdown-grace-period)`)
    await sleep(stay * 1000)
  }
  metrics.stop()
  statusServer.close()
  healthServer.close()
  await admin.close()
  await plane.release()
  await source.cluster?.client.close()
  log('info', 'stopped')
  process.exit(0)
}

async function startHealth(
  { healthzHost: host, healthzPort: port, healthCheckPath: path }: ServeFlags,
  { health }: Controller,
  exporter: Exporter,
): Promise<HealthServer> {
  try {
    return await startHealthServer({ host, port, path }, health, exporter)
  } catch (cause) {
    throw new StartError(
      `The health endpoints cannot listen on ${host}:${port} (${reasonOf(cause)}); choose others with --healthz-host and --healthz-port.`,
    )
  }
}

/** As long as the workers may take themselves (worker-shutdown-timeout), and a little more. */
const SHUTDOWN_MILLISECONDS = 245_000

function sayReady(
  flags: ServeFlags,
  controller: Controller,
  { nginx }: DataPlane,
  started: number,
  source: OpenSource,
  log: Log,
): void {
  const { ready, reason } = controller.health()
  const { snapshot, complete } = source.current()
  if (!complete) {
    log('warn', `not everything could be read yet: ${reason}`)
  } else if (ready) {
    const seconds = ((Date.now() - started) / 1000).toFixed(2)
    const ports = `HTTP on port ${flags.httpPort}, HTTPS on port ${flags.httpsPort}`
    log('info', `ready after ${seconds} s: ${snapshot.ingresses.size} Ingresses, ${ports}`)
  } else if (nginx.pid() === undefined) {
    throw new StartError(`NGINX does not start: ${controller.problems().at(-1)?.message ?? 'no reason is known'}`)
  }
}
