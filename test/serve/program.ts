import { spawn, type ChildProcess } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePorts } from '../support/ports.js'

const repository = fileURLToPath(new URL('../..', import.meta.url))

/** `fairlead serve` on a folder of its own. */
export interface Program {
  readonly folder: string
  readonly manifests: string
  readonly state: string
  readonly http: number
  readonly https: number
  readonly health: number
  /** What it wrote to standard error so far. */
  log(): string
  /** Ready at the latest after 20 s. `home`: another copy of the program. */
  start(home?: string, flags?: readonly string[]): Promise<void>
  controller(): ChildProcess
  nginx(): number
  generation(): number
  /** Ends everything and removes the folder. */
  remove(): Promise<void>
}

export async function createProgram(): Promise<Program> {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-serve-'))
  chmodSync(folder, 0o711)
  const manifests = join(folder, 'k8s')
  mkdirSync(manifests)
  const state = join(folder, 'state')
  const [http = 0, https = 0, health = 0] = await freePorts(3)
  let child: ChildProcess | undefined
  let written = ''
  const controller = (): ChildProcess => {
    if (child === undefined) throw new Error('not started')
    return child
  }
  const nginx = (): number => {
    const file = join(state, 'private', 'nginx.pid')
    return existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0
  }
  return {
    folder,
    manifests,
    state,
    http,
    https,
    health,
    controller,
    nginx,
    log: () => written,
    async start(home = repository, flags = []) {
      const ports = ['--http-port', String(http), '--https-port', String(https), '--healthz-port', String(health)]
      // Another process beside each of them, which few tests look at, would cost them all a second.
      const own = ['serve', '--manifests', manifests, '--state-dir', state, '--no-access-log', '--log-format', 'text']
      own.push('--log-retention', '0')
      child = spawn(process.execPath, [join(home, 'bin', 'fairlead'), ...own, ...ports, ...flags], {
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      child.stdout?.resume()
      child.stderr?.on('data', (bytes: Buffer) => (written += bytes.toString()))
      const started = child
      await until(async () => {
        if (started.exitCode !== null) throw new Error(`serve ended with ${started.exitCode}: ${written}`)
        return (await fetch(`http://127.0.0.1:${health}/readyz`).catch(() => undefined))?.status === 200
      }, 20_000)
    },
    generation: () =>
      (JSON.parse(readFileSync(join(state, 'private', 'frame.json'), 'utf8')) as { generation: number }).generation, // ours
    async remove() {
      if (child !== undefined && child.exitCode === null && child.signalCode === null) {
        const ended = new Promise((resolve) => child?.once('exit', resolve))
        child.kill('SIGTERM')
        await ended
      }
      await endLeftOver(nginx)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function endLeftOver(nginx: () => number): Promise<void> {
  const pid = nginx()
  if (!isAlive(pid)) return
  process.kill(pid, 'SIGTERM')
  await until(() => Promise.resolve(!isAlive(pid)), 10_000)
}

/** A process that has ended and was not yet waited for does not count. */
export function isAlive(pid: number): boolean {
  try {
    return pid > 0 && !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

export async function until(fact: () => Promise<boolean>, milliseconds: number): Promise<void> {
  for (const end = Date.now() + milliseconds; Date.now() < end; await sleep(5)) if (await fact()) return
  throw new Error(`it did not come true in ${milliseconds} ms`)
}
