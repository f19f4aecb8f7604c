import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createNginxProcess, type NginxProcess } from '../../src/apply/nginx-process.js'
import { prepareStateFolder, stateFolderAt, type StateFolder } from '../../src/apply/state-folder.js'
import { defaultFrameSettings, type FrameInput } from '../../src/frame/frame.js'
import { backendConfig } from '../backend-config.js'
import { plainConfig } from '../plain-config.js'
import { parseAccepts } from '../proc-text.js'
import { ask, until } from './ask.js'
import { endProcess } from './cleanup.js'
import { pin } from './machine.js'
import { childrenOf } from './proc.js'
import { findFreePorts } from './ports.js'
import type { Setting } from './setting.js'

/** A proxy that serves. */
export interface Proxy {
  readonly http: number
  readonly https: number
  /** The one worker, on its own core. */
  readonly worker: number
  /** Fairlead's. */
  readonly controller?: number
  /** Empties the access log: a run writes gigabytes otherwise. */
  emptyLog(): void
  end(): void
}

/** What the frame, and with it plain NGINX's configuration, is printed from. */
export function frameInput(setting: Setting, folder: StateFolder, http: number, https: number): FrameInput {
  const { engine, user } = setting
  return {
    engine,
    paths: {
      ...folder,
      lua: join(setting.repository, 'dist/lua'),
    },
    listeners: { httpPort: http, httpsPort: https, ipv4: true, ipv6: false },
    user: user === undefined ? undefined : { name: user.name, group: user.group },
    workers: { processes: 1, shutdownTimeoutSeconds: 10 },
    tableBytes: 128 * 1024 * 1024,
    settings: defaultFrameSettings,
    generation: 1,
    format: '00000000.',
    profiles: [],
  }
}

/** `certificates`: one for each host; absent: all share one. */
export async function startPlain(
  setting: Setting,
  name: string,
  hosts: number,
  backendPort: number,
  certificates?: Certificates,
): Promise<Proxy> {
  const [http = 0, https = 0] = await findFreePorts(2)
  const of = certificates ?? (() => setting.certificate)
  const files = { certificate: (index: number) => of(index).file, key: (index: number) => of(index).keyFile }
  const print = (folder: StateFolder): string =>
    plainConfig(frameInput(setting, folder, http, https), { hosts, backendPort, ...files })
  const { nginx, folder, end } = await start(setting, name, print)
  // Thousands of servers are read for a while.
  const master = await waitFor(name, nginx, folder, 120, async () => (await ask('http', http, 'x')).status > 0)
  return { http, https, worker: confineWorker(setting, master), emptyLog: () => truncateSync(folder.accessLog), end }
}

/** The certificate of a host by its number. */
export type Certificates = (index: number) => Setting['certificate']

export interface Backend {
  readonly port: number
  /** Connections that were opened to it so far, this question's included. */
  accepts(): Promise<number>
  end(): void
}

/** One process that is every endpoint, on the cores of the load generator; on any free port if none is wanted. */
export async function startBackend(
  setting: Setting,
  addresses: readonly string[],
  wantedPort?: number,
): Promise<Backend> {
  const [statusPort = 0, freePort = 0] = await findFreePorts(2)
  const port = wantedPort ?? freePort
  const print = (paths: StateFolder): string =>
    backendConfig({ addresses, port, statusPort, paths, user: setting.user })
  const { nginx, folder, end } = await start(setting, 'backend', print)
  const status = (): Promise<number> =>
    ask('http', statusPort, 'status').then(({ body, status: code }) => {
      if (code !== 200) throw new Error(`the backend's status answers ${code}`)
      return parseAccepts(
        ` ${
          body
            .split('\n')
            .find((line) => /^\s*\d+ \d+ \d+/.test(line))
            ?.trim() ?? ''
        }`,
      )
    })
  const master = await waitFor('the backend', nginx, folder, 30, async () => (await status()) > 0)
  for (const pid of [master, ...childrenOf(master)]) if (setting.cores !== undefined) pin(pid, setting.cores.others)
  return { port, accepts: status, end }
}

/** Moves the worker to the proxy's core and gives its process. */
export function confineWorker({ cores }: Setting, master: number): number {
  const [worker, ...more] = childrenOf(master)
  if (worker === undefined || more.length > 0) throw new Error(`NGINX has ${more.length + 1} workers instead of one`)
  if (cores !== undefined) pin(worker, cores.proxy)
  return worker
}

async function start(setting: Setting, name: string, print: (folder: StateFolder) => string) {
  const folder = stateFolderAt(join(setting.folder, name))
  const unusable = prepareStateFolder(folder, setting.user)
  if (unusable !== undefined) throw new Error(unusable)
  writeFileSync(folder.frame, print(folder), { mode: 0o600 })
  const nginx = createNginxProcess(setting.engine, folder)
  const started = nginx.start()
  if (!started.ok) throw new Error(`${name}: ${started.cause}`)
  const end = setting.cleanup.add(() => endProcess(nginx.pid(), 'SIGTERM'))
  return { nginx, folder, end }
}

/** Waits until it serves, and gives its master; what NGINX says when it ends instead is the error. */
async function waitFor(
  name: string,
  nginx: NginxProcess,
  folder: StateFolder,
  patienceSeconds: number,
  serves: () => Promise<boolean>,
): Promise<number> {
  const hasEnded = (): boolean => nginx.pid() === undefined && existsSync(folder.errorLog) && lastWords(folder) !== ''
  await until(`${name} serves`, async () => hasEnded() || (await serves()), patienceSeconds, 20)
  const master = nginx.pid()
  if (master === undefined) throw new Error(`${name} ended: ${lastWords(folder)}`)
  return master
}

function lastWords({ errorLog }: StateFolder): string {
  return readFileSync(errorLog, 'utf8').trim().split('\n').slice(-3).join(' | ')
}
