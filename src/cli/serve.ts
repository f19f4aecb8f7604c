import type { Command } from 'commander'
import { setTimeout as sleep } from 'node:timers/promises'
import { startHealthServer } from '../admin/health-server.js'
import { createController, type Controller } from '../controller/controller.js'
import { translateOptionsOf } from './flags.js'
import { createLog, type Log } from './log.js'
import { openWithoutBlocking } from './output.js'
import { createProblemLog } from './problem-log.js'
import { followAccessLog } from './serve/access-log.js'
import { startAdmission } from './serve/admission.js'
import { prepareDataPlane, type DataPlane } from './serve/data-plane.js'
import { addServeFlags, checkFlags, postShutdownSeconds, type ServeFlags } from './serve/flags.js'
import { describeIdleFlags } from './serve/ingress-nginx-flags.js'
import { waitForStop } from './serve/signals.js'
import { openSource } from './serve/source.js'
import { StartError } from './serve/start-error.js'

export function addServe(program: Command): void {
  const command = program.command('serve').description('run NGINX for a cluster or a folder, and follow its changes')
  addServeFlags(command).action(async (flags: ServeFlags) => {
    const sink = openWithoutBlocking(2)
    const log = createLog(sink, flags.logFormat ?? (process.stderr.isTTY ? 'text' : 'json'), (flags.v ?? 0) >= 2)
    for (const sentence of describeIdleFlags(command)) log('warn', sentence)
    try {
      await serve(flags, log)
    } catch (cause) {
      if (!(cause instanceof StartError)) throw cause
      process.stderr.write(`fairlead: ${cause.message}\n`)
      process.exitCode = 2
      setImmediate(() => process.exit(2))
    }
  })
}

async function serve(flags: ServeFlags, log: Log): Promise<void> {
  process.umask(0o077)
  const started = Date.now()
  checkFlags(flags)
  const plane = await prepareDataPlane(flags, log)
  const { nginx, folder } = plane

  let controller: Controller | undefined
  const source = await openSource(flags, log, () => controller?.changed())
  controller = createController({
    source,
    applier: plane.applier,
    nginx,
    table: plane.table,
    options: translateOptionsOf(flags),
    fallbackCertificate: plane.fallbackCertificate,
    printFrame: plane.printFrame,
    onProblems: createProblemLog(log, () => source.current().snapshot),
    log,
  })
  const { health } = controller
  const healthServer = await startHealthServer(
    { host: flags.healthzHost, port: flags.healthzPort, path: flags.healthCheckPath },
    health,
  )
  log('info', `engine: ${plane.engine.label}`)
  const admission = await startAdmission(flags, () => source.current().snapshot, log)
  const accessLog = followAccessLog(flags.accessLog, folder, nginx, log)
  await controller.begin()
  sayReady(flags, controller, plane, started, source.current().snapshot.ingresses.size, log)

  await waitForStop(log)
  controller.announceStop()
  if (flags.shutdownGracePeriod > 0) {
    log('info', `serving on for ${flags.shutdownGracePeriod} s (--shutdown-grace-period)`)
    await sleep(flags.shutdownGracePeriod * 1000)
  }
  admission?.close()
  await source.stop()
  await controller.end()
  log('info', 'NGINX finishes the requests under way')
  nginx.signal('SIGQUIT')
  if (!(await nginx.waitForEnd(SHUTDOWN_MILLISECONDS))) nginx.signal('SIGTERM')
  await nginx.waitForEnd(5_000)
  await accessLog.finish()
  const stay = postShutdownSeconds(flags)
  if (stay > 0) {
    log('info', `NGINX has ended; staying for ${stay} s (--post-shutdown-grace-period)`)
    await sleep(stay * 1000)
  }
  healthServer.close()
  await plane.release()
  log('info', 'stopped')
  process.exit(0)
}

/** As long as the workers may take themselves (worker-shutdown-timeout), and a little more. */
const SHUTDOWN_MILLISECONDS = 245_000

function sayReady(
  flags: ServeFlags,
  controller: Controller,
  { nginx }: DataPlane,
  started: number,
  ingresses: number,
  log: Log,
): void {
  if (controller.health().ready) {
    const seconds = ((Date.now() - started) / 1000).toFixed(2)
    const ports = `HTTP on port ${flags.httpPort}, HTTPS on port ${flags.httpsPort}`
    log('info', `ready after ${seconds} s: ${ingresses} Ingresses, ${ports}`)
  } else if (nginx.pid() === undefined) {
    throw new StartError(`NGINX does not start: ${controller.problems().at(-1)?.message ?? 'no reason is known'}`)
  }
}
