import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isAlive, until } from '../../serve/program.js'
import { stateFolderAt } from '../../../src/apply/state-folder.js'
import type { Cluster } from '../cluster.js'
import { insideOf, type Inside, type Reply } from './inside.js'

const bin = fileURLToPath(new URL('../../../bin/fairlead', import.meta.url))

export const LONG = 90_000

/** `fairlead serve` with ports and a state folder of its own. */
export interface Replica {
  readonly http: number
  readonly https: number
  readonly health: number
  /** What it wrote to standard error so far, over all its starts. */
  log(): string
  /** Waits for that to be in the log, from what `forget` left. */
  logs(text: RegExp, milliseconds?: number): Promise<void>
  /** What is in the log so far no longer counts for `logs`. */
  forget(): void
  /** Spawns it; `ready` waits for what comes of it. */
  start(...flags: readonly string[]): void
  /** Waits for /readyz to say 200; throws when the process ends before. */
  ready(): Promise<void>
  /** `/readyz`, `/healthz?verbose`. */
  ask(path: string): Promise<Reply>
  process(): ChildProcess | undefined
  /** Its master process; 0: none. */
  nginx(): number
  /** Of the frame, as on disk. */
  generation(): number
  /** It has written the table to disk at least once. */
  hasSnapshot(): boolean
  /** Waits for that host to answer with that name. */
  serves(host: string, body: string): Promise<void>
  /** NGINX's configuration file. */
  readonly frame: string
  /** SIGKILL, of the controller only. */
  die(): Promise<void>
  /** SIGKILL, of NGINX too. */
  kill(): Promise<void>
  /** SIGTERM; gives the exit code. */
  stop(): Promise<number | null>
}

export interface ReplicaOptions {
  readonly kubeconfig?: string
  readonly flags?: readonly string[]
  /** What kubelet would set; default: a pod that is named for its number. */
  readonly environment?: Readonly<Record<string, string>>
}

interface Surroundings extends ReplicaOptions {
  readonly cluster: Cluster
  readonly inside: Inside
  readonly folder: string
  readonly kubeconfig: string
  readonly number: number
}

export function createReplica(surroundings: Surroundings): Replica {
  const { cluster, inside, folder, kubeconfig, number, flags = [] } = surroundings
  const state = join(folder, `state-${number}`)
  // The namespace is the cluster's own, so nobody else has them.
  const [http, https, health] = [8000 + number, 8400 + number, 8800 + number]
  const own = [
    `--kubeconfig=${kubeconfig}`,
    `--state-dir=${state}`,
    `--http-port=${http}`,
    `--https-port=${https}`,
    `--healthz-port=${health}`,
    `--publish-status-address=192.0.2.${number + 1}`,
    '--configmap=fairlead/fairlead-controller',
    '--election-id=fairlead-leader',
    '--post-shutdown-grace-period=0',
    '--no-access-log',
    '--log-format=text',
  ]
  const environment = { POD_NAME: `fairlead-${number}`, POD_NAMESPACE: 'fairlead', ...surroundings.environment }
  let child: ChildProcess | undefined
  let written = ''
  let forgotten = 0
  const nginx = (): number => {
    const file = join(state, 'private', 'nginx.pid')
    return existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0
  }
  const ask = (path: string): Promise<Reply> => inside.get({ port: health, host: 'localhost' }, path)
  return {
    http,
    https,
    health,
    log: () => written,
    async logs(text, milliseconds = LONG) {
      await until(() => Promise.resolve(text.test(written.slice(forgotten))), milliseconds).catch(() => {
        throw new Error(`${String(text)} is not in the log:\n${written.slice(forgotten)}`)
      })
    },
    forget: () => void (forgotten = written.length),
    ask,
    nginx,
    process: () => child,
    start(...more) {
      const [file, words] = insideOf(
        cluster,
        process.execPath,
        bin,
        'serve',
        '--log-retention',
        '0',
        ...own,
        ...flags,
        ...more,
      )
      child = spawn(file, words, {
        stdio: ['ignore', 'ignore', 'pipe'],
        env: { ...process.env, ...environment, NO_COLOR: '1' },
      })
      child.stderr?.on('data', (bytes: Buffer) => (written += bytes.toString()))
    },
    async ready() {
      await until(async () => {
        if (hasEnded(child)) throw new Error(`serve has ended: ${written}`)
        return (await ask('/readyz')).status === 200
      }, LONG)
    },
    generation: () =>
      (JSON.parse(readFileSync(join(state, 'private', 'frame.json'), 'utf8')) as { generation: number }).generation, // ours
    hasSnapshot: () => existsSync(stateFolderAt(state).snapshot),
    async serves(host, body) {
      let last: Reply | undefined
      await until(async () => {
        last = await inside.get({ port: http, host })
        return last.status === 200 && last.body === body
      }, LONG).catch(() => {
        throw new Error(`${host} answers ${last?.status} ${last?.body}, not ${body}; the log:\n${written}`)
      })
    },
    frame: stateFolderAt(state).frame,
    async die() {
      await end('SIGKILL')
    },
    async kill() {
      await end('SIGKILL')
      const pid = nginx()
      if (!isAlive(pid)) return
      process.kill(pid, 'SIGKILL')
      await until(() => Promise.resolve(!isAlive(pid)), LONG)
    },
    stop: () => end('SIGTERM'),
  }

  async function end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    if (child === undefined || hasEnded(child)) return child?.exitCode ?? null
    const ended = new Promise<number | null>((resolve) => child?.once('exit', (code) => resolve(code)))
    child.kill(signal)
    return ended
  }
}

function hasEnded(child: ChildProcess | undefined): boolean {
  return child === undefined || child.exitCode !== null || child.signalCode !== null
}
