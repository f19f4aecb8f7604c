import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startTestBackend, type TestBackend } from '../serve/backends.js'
import { ingress, service, slice, writeObjects } from '../serve/manifests.js'
import { until } from '../serve/program.js'
import { freePorts } from '../support/ports.js'

/** Where the tests and the program are. */
export const repository = fileURLToPath(new URL('../..', import.meta.url))
const script = fileURLToPath(new URL('container.sh', import.meta.url))

/** The root file system of the image, built unless it is there. */
export function imageRoot(): string {
  const { stdout, stderr, status } = spawnSync(join(repository, 'deploy/image/build'), { encoding: 'utf8' })
  if (status !== 0) throw new Error(`deploy/image/build failed: ${stderr}`)
  return stdout.trim()
}

/** The command that runs words in the image as in a container: `mounted` is its /mnt, `writable` what it can write to. */
export function commandInImage(
  root: string,
  mounted: string,
  writable: readonly string[],
  words: readonly string[],
): readonly [string, ...string[]] {
  return ['unshare', ...namespaces, script, root, mounted, writable.join(' '), ...words]
}

/** Runs words in the image as in a container, to their end. Only /tmp can be written to. */
export function runInImage(root: string, ...words: readonly string[]) {
  const [program, ...rest] = commandInImage(root, '/mnt', ['/tmp'], words)
  const { status, stdout, stderr } = spawnSync(program, rest, { encoding: 'utf8' })
  return { status, said: stdout + stderr }
}

/** The image as a running container that serves `app.test` from one backend, in the machine's own network. */
export interface Container {
  readonly http: number
  readonly backend: TestBackend
  /** What it wrote to standard error so far. */
  log(): string
  /** Numbers of processes, as this machine sees them. */
  init(): number
  controller(): number | undefined
  nginx(): number | undefined
  processes(): readonly Process[]
  isReady(): Promise<boolean>
  /** Runs words in it, as Kubernetes runs a hook. */
  exec(...words: readonly string[]): Promise<{ readonly status: number | null; readonly said: string }>
  ended: Promise<number | null>
  remove(): Promise<void>
}

export interface Process {
  readonly pid: number
  readonly name: string
  readonly state: string
}

export interface ContainerOptions {
  readonly command?: readonly string[]
  readonly flags?: readonly string[]
  /** Folders of the container that can be written to. */
  readonly writable?: readonly string[]
}

const namespaces = ['--mount', '--pid', '--fork', '--kill-child', '--propagation', 'private']
const asCharts = ['/usr/bin/dumb-init', '--', '/nginx-ingress-controller']

export async function startContainer(root: string, options: ContainerOptions = {}): Promise<Container> {
  const { command = asCharts, flags = [], writable = ['/var/lib/fairlead', '/tmp'] } = options
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-image-'))
  const manifests = join(folder, 'k8s')
  mkdirSync(manifests)
  for (const path of [folder, manifests]) chmodSync(path, 0o755)
  const backend = await startTestBackend('one')
  writeObjects(manifests, 'app', [ingress('app', 'app.test', 'app'), service('app'), slice('app', [backend.port])])
  const [http = 0, https = 0, health = 0] = await freePorts(3)
  const ports = ['--http-port', String(http), '--https-port', String(https), '--healthz-port', String(health)]
  const words = [...command, '--manifests', '/mnt', '--no-access-log', ...ports, ...flags]
  const [program, ...rest] = commandInImage(root, manifests, writable, words)
  const child = spawn(program, rest, { stdio: ['ignore', 'ignore', 'pipe'] })
  let written = ''
  child.stderr.on('data', (bytes: Buffer) => (written += bytes.toString()))
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const init = (): number => childrenOf(child.pid ?? 0)[0] ?? 0
  const processes = (): readonly Process[] => descendantsOf(init())
  const named = (...names: readonly string[]): number | undefined =>
    processes().find(({ name, state }) => names.includes(name) && state !== 'Z')?.pid
  return {
    http,
    backend,
    log: () => written,
    init,
    // Node names its main thread, and some versions in their own way.
    controller: () => named('node', 'MainThread', 'node-MainThread'),
    nginx: () => named('nginx'),
    processes,
    isReady: async () => (await fetch(`http://127.0.0.1:${health}/readyz`).catch(() => undefined))?.status === 200,
    exec(...inside) {
      const enter = ['--target', String(init()), '--mount', '--pid', '--root', '--wd']
      const hook = spawn('nsenter', [...enter, 'setpriv', ...hookRights, ...inside])
      let said = ''
      for (const stream of [hook.stdout, hook.stderr]) stream.on('data', (bytes: Buffer) => (said += bytes.toString()))
      return new Promise((resolve) => hook.once('close', (status) => resolve({ status, said })))
    },
    ended,
    async remove() {
      // What is in it ends with its first process. It would not with `unshare`: another user's signal of a dead parent
      // is off.
      const first = init()
      if (first > 0) process.kill(first, 'SIGKILL')
      else if (child.exitCode === null) child.kill('SIGKILL')
      await ended
      backend.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const hookRights = ['--reuid=101', '--regid=101', '--clear-groups', '--no-new-privs', '--bounding-set=-all']

/** Ready at the latest after 60 s; fails early when it has ended. */
export async function untilReady(container: Container): Promise<void> {
  let code: number | null | undefined
  void container.ended.then((given) => (code = given))
  await until(async () => {
    if (code !== undefined) throw new Error(`the container has ended with ${code}: ${container.log()}`)
    return container.isReady()
  }, 60_000)
}

function childrenOf(pid: number): readonly number[] {
  const file = `/proc/${pid}/task/${pid}/children`
  try {
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split(' ').filter(Boolean).map(Number) : []
  } catch {
    return [] // It ended in the meantime.
  }
}

/**
 * All processes below one, itself first, those of a session of their own too: a namespace's orphans go to its first
 * process.
 */
function descendantsOf(pid: number): readonly Process[] {
  const [, name, state] = /^\d+ \((.*)\) (.)/s.exec(statOf(pid)) ?? []
  if (name === undefined || state === undefined) return []
  return [{ pid, name, state }, ...childrenOf(pid).flatMap(descendantsOf)]
}

function statOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return ''
  }
}
