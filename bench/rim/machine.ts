import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, loadavg, release, totalmem } from 'node:os'
import { parseCores } from '../proc-text.js'

/** Where what was measured was measured. */
export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGigabytes: number
  readonly kernel: string
  readonly node: string
  readonly engine: string
  readonly generators: string
  /** Processes that wanted to run when the bench began; more than one or two: others were at work too. */
  readonly load: number
  readonly revision: string
  readonly date: string
}

export function describeMachine(repository: string, engine: string, generators: string): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGigabytes: Math.round(totalmem() / 1024 ** 3),
    kernel: release(),
    node: process.version,
    engine,
    generators,
    load: loadavg()[0] ?? Number.NaN,
    revision: revisionOf(repository),
    date: new Date().toISOString(),
  }
}

/** The core of the proxy, and those of everything else; undefined where there is only one. */
export interface Cores {
  readonly proxy: string
  readonly others: string
}

export function findCores(): Cores | undefined {
  const line = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'))
  const [proxy, ...others] = parseCores(line?.[1] ?? '0')
  return proxy === undefined || others.length === 0 ? undefined : { proxy: String(proxy), others: others.join(',') }
}

/** Confines all threads of a process. */
export function pin(pid: number, cores: string): void {
  execFileSync('taskset', ['-a', '-c', '-p', cores, String(pid)], { stdio: 'ignore' })
}

/** All threads of a process, and those it will start, run when nobody else wants their core (`SCHED_IDLE`). */
export function letOthersFirst(pid: number): void {
  execFileSync('chrt', ['--all-tasks', '--idle', '--pid', '0', String(pid)], { stdio: 'ignore' })
}

function revisionOf(repository: string): string {
  try {
    const git = (...args: string[]): string =>
      execFileSync('git', ['-C', repository, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
    const changed = git('status', '--porcelain') === '' ? '' : ' with changes'
    return `${git('rev-parse', '--short=12', 'HEAD')}${changed}`
  } catch {
    return 'not a git clone'
  }
}
