import type { Command } from 'commander'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startHealthServer } from '../admin/health-server.js'
import { createApplier } from '../apply/applier.js'
import { createControlClient } from '../apply/control-client.js'
import { findEngine } from '../apply/engine/find.js'
import { lockStateFolder } from '../apply/lock.js'
import { formatOf } from '../apply/lua-format.js'
import { createNginxProcess } from '../apply/nginx-process.js'
import { prepareStateFolder, reasonOf, stateFolderAt, type StateFolder } from '../apply/state-folder.js'
import { createTableWriter } from '../apply/table-writer.js'
import { findWorkerUser } from '../apply/worker-user.js'
import { createController, type Controller } from '../controller/controller.js'
import { keepFallbackCertificate } from '../controller/fallback-certificate.js'
import { findBusyPort, hasIpv6 } from '../controller/ports.js'
import { defaultFrameSettings, printFrame } from '../frame/frame.js'
import type { FrameChoices } from '../model/global-settings.js'
import { createTail } from '../observe/tail.js'
import { createFilesSource } from '../sources/files/index.js'
import {
  addTranslationFlags,
  defaultStateFolder,
  parsePort,
  parseWhole,
  translateOptionsOf,
  type TranslationFlags,
} from './flags.js'
import { createLog, type Log } from './log.js'
import { openWithoutBlocking } from './output.js'
import { createProblemLog } from './problem-log.js'

interface ServeFlags extends TranslationFlags {
  readonly httpPort: number
  readonly httpsPort: number
  readonly healthzHost: string
  readonly healthzPort: number
  readonly stateDir?: string
  readonly nginx?: string
  readonly tableSize: number
  readonly accessLog: boolean
  readonly logFormat?: 'text' | 'json'
  readonly shutdownGracePeriod: number
  readonly v?: number
}

const LUA = fileURLToPath(new URL('../lua', import.meta.url))
const MEGABYTE = 1024 * 1024

/** A start that cannot succeed: the sentence says why and what to do. Exit code 2. */
class StartError extends Error {}

export function addServe(program: Command): void {
  const command = program
    .command('serve')
    .description('run NGINX on a folder of manifests and follow its changes')
    .requiredOption('--manifests <folder>', 'folder of Kubernetes manifests (*.yaml, *.yml, *.json)')
    .option('--http-port <port>', 'port for HTTP', parsePort, 80)
    .option('--https-port <port>', 'port for HTTPS', parsePort, 443)
    .option('--healthz-host <address>', 'address of the health endpoints (empty: all)', '')
    .option('--healthz-port <port>', 'port of the health endpoints', parsePort, 10254)
    .option('--state-dir <folder>', 'what outlives a restart: snapshot, sockets, logs')
    .option('--nginx <path>', 'NGINX with the Lua module, or a folder made by engine/fetch (also FAIRLEAD_NGINX)')
    .option('--table-size <megabytes>', 'shared memory for routes and certificates', parseWhole, 128)
    .option('--no-access-log', 'do not copy the access log to standard output')
    .option('--log-format <text|json>', 'form of the log on standard error')
    .option('--shutdown-grace-period <seconds>', 'how long to go on serving after SIGTERM', parseWhole, 0)
    .option('-v, --v <level>', 'verbosity; 2 or more logs details', parseWhole)
  addTranslationFlags(command)
  command.action(async (flags: ServeFlags) => {
    const sink = openWithoutBlocking(2)
    const log = createLog(sink, flags.logFormat ?? (process.stderr.isTTY ? 'text' : 'json'), (flags.v ?? 0) >= 2)
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
  const manifests = resolve(flags.manifests ?? '.')
  const found = await findEngine({ explicit: flags.nginx })
  if (!found.ok) throw new StartError(found.message)
  const { engine } = found
  const folder = stateFolderAt(resolve(flags.stateDir ?? defaultStateFolder(flags.httpPort)))
  const user = findWorkerUser()
  refuse(prepareStateFolder(folder, user))
  const lock = await lockStateFolder(folder.lockSocket)
  if (!lock.ok) throw new StartError(lock.message)

  const nginx = createNginxProcess(engine, folder)
  const wanted = [
    { flag: '--http-port', port: flags.httpPort },
    { flag: '--https-port', port: flags.httpsPort },
    { flag: '--healthz-port', port: flags.healthzPort },
  ]
  // An NGINX that is taken over has its ports already.
  refuse(await findBusyPort(nginx.pid() === undefined ? wanted : wanted.slice(2)))

  const format = formatOf(LUA)
  const client = createControlClient(folder.controlSocket, format)
  const table = createTableWriter(client, folder.snapshot, format)
  const applier = createApplier({ folder, nginx, client, table, format, log })
  const fallback = keepFallbackCertificate(
    { certificate: folder.fallbackCertificate, key: folder.fallbackKey },
    Date.now(),
  )
  const print = createFramePrinter({ flags, folder, engine, user, format, ipv6: await hasIpv6() })

  let controller: Controller | undefined
  const source = createFilesSource({
    folder: manifests,
    endpoints: flags.endpoints,
    log,
    onChange: () => controller?.changed(),
  })
  const read = await source.start()
  if (!read.ok) throw new StartError(`${read.message}. Name a folder of manifests with --manifests.`)
  controller = createController({
    source,
    applier,
    nginx,
    table,
    options: translateOptionsOf(flags),
    fallbackCertificate: { chain: fallback.certificate, key: fallback.key },
    printFrame: print,
    onProblems: createProblemLog(log, () => source.current().snapshot),
    log,
  })
  const health = await startHealthServer(
    { host: flags.healthzHost, port: flags.healthzPort, path: flags.healthCheckPath },
    controllerHealth(controller),
  )
  log('info', `engine: ${engine.label}`)
  const tail = followAccessLog(flags, folder, nginx)
  await controller.begin()
  const state = source.current().snapshot
  const seconds = ((Date.now() - started) / 1000).toFixed(2)
  if (controller.health().ready) {
    log(
      'info',
      `ready after ${seconds} s: ${state.ingresses.size} Ingresses, HTTP on port ${flags.httpPort}, HTTPS on port ${flags.httpsPort}`,
    )
  } else if (nginx.pid() === undefined) {
    throw new StartError(`NGINX does not start: ${controller.problems().at(-1)?.message ?? 'no reason is known'}`)
  }
  await waitForStop(log)
  controller.announceStop()
  if (flags.shutdownGracePeriod > 0) {
    log('info', `serving on for ${flags.shutdownGracePeriod} s (--shutdown-grace-period)`)
    await new Promise((next) => setTimeout(next, flags.shutdownGracePeriod * 1000))
  }
  await source.stop()
  await controller.end()
  log('info', 'NGINX finishes the requests under way')
  nginx.signal('SIGQUIT')
  if (!(await nginx.waitForEnd(defaultShutdownMilliseconds))) nginx.signal('SIGTERM')
  await nginx.waitForEnd(5_000)
  tail.finish()
  health.close()
  await client.close()
  lock.release()
  log('info', 'stopped')
  process.exit(0)
}

/** As long as the workers may take themselves (worker-shutdown-timeout), and a little more. */
const defaultShutdownMilliseconds = 245_000

function refuse(problem: string | undefined): void {
  if (problem !== undefined) throw new StartError(problem)
}

function controllerHealth(controller: Controller): () => ReturnType<Controller['health']> {
  return () => controller.health()
}

interface FrameParts {
  readonly flags: ServeFlags
  readonly folder: StateFolder
  readonly engine: Extract<Awaited<ReturnType<typeof findEngine>>, { ok: true }>['engine']
  readonly user: ReturnType<typeof findWorkerUser>
  readonly format: string
  readonly ipv6: boolean
}

function createFramePrinter({ flags, folder, engine, user, format, ipv6 }: FrameParts) {
  return (choices: FrameChoices, generation: number): string =>
    printFrame({
      engine,
      paths: {
        pid: folder.pid,
        errorLog: folder.errorLog,
        accessLog: folder.accessLog,
        controlSocket: folder.controlSocket,
        temporary: folder.temporary,
        snapshot: folder.snapshot,
        lua: LUA,
        fallbackCertificate: folder.fallbackCertificate,
        fallbackKey: folder.fallbackKey,
      },
      listeners: { httpPort: flags.httpPort, httpsPort: flags.httpsPort, ipv4: true, ipv6 },
      user: user === undefined ? undefined : { name: user.name, group: user.group },
      workers: {
        processes: choices.workerProcesses ?? 'auto',
        shutdownTimeoutSeconds: choices.workerShutdownTimeoutSeconds ?? 240,
      },
      tableBytes: flags.tableSize * MEGABYTE,
      settings: {
        ...defaultFrameSettings,
        ...(choices.keepAliveSeconds === undefined ? {} : { keepAliveSeconds: choices.keepAliveSeconds }),
        ...(choices.keepAliveRequests === undefined ? {} : { keepAliveRequests: choices.keepAliveRequests }),
      },
      generation,
      format,
      profiles: [],
    })
}

const FOLLOW_MILLISECONDS = 100

/** Copies NGINX's access log to standard output; without that it is only kept from growing for ever. */
function followAccessLog(
  flags: ServeFlags,
  folder: StateFolder,
  nginx: ReturnType<typeof createNginxProcess>,
): { finish(): void } {
  const sink = flags.accessLog ? openWithoutBlocking(1) : { write: (bytes: Buffer) => bytes.length }
  const tail = createTail(folder.accessLog, sink, nginx.pid() !== undefined, () => nginx.signal('SIGUSR1'))
  const timer = setInterval(() => tail.step(), FOLLOW_MILLISECONDS)
  timer.unref()
  return {
    finish() {
      clearInterval(timer)
      tail.step()
      tail.close()
    },
  }
}

/** Resolves at the first SIGTERM, SIGINT or SIGQUIT; a second one ends the process at once, and NGINX serves on. */
function waitForStop(log: Log): Promise<void> {
  const keepAlive = setInterval(() => undefined, 3_600_000)
  return new Promise((resolve) => {
    let asked = false
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGQUIT'] as const) {
      process.on(signal, () => {
        if (asked) process.exit(1)
        asked = true
        clearInterval(keepAlive)
        log('info', `${signal}: stopping`)
        resolve()
      })
    }
    process.on('SIGHUP', () => log('info', 'SIGHUP is ignored: changes are followed as they happen'))
    process.on('unhandledRejection', (cause) => log('error', `unhandled: ${reasonOf(cause)}`))
  })
}
