import { execFile, spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Engine } from './engine/engine.js'
import { reasonOf, type StateFolder } from './state-folder.js'

export type Done =
  | { readonly ok: true }
  | {
      readonly ok: false
      readonly cause: string
      /** absent: NGINX refused. */
      readonly code?: 'frame/not-written' | 'table/full'
    }

/** The NGINX of a state folder, whoever started it. */
export interface NginxProcess {
  /** Process of the master; undefined when none runs. */
  pid(): number | undefined
  /**
   * Processes that the master has; one that cannot start workers has none, and goes on without. undefined: the kernel
   * does not tell.
   */
  workers(): readonly number[] | undefined
  /** Also true of workers whose master was killed: they hold the ports until `start` has them go. */
  isServing(): boolean
  /** `nginx -t` of a file. */
  test(file: string): Promise<Done>
  /** Starts the master in a session of its own, so that it outlives the controller. Does not wait for it to serve. */
  start(): Done
  signal(name: 'SIGHUP' | 'SIGQUIT' | 'SIGTERM' | 'SIGUSR1'): void
  /** Waits until no master runs; false when the time is over first. */
  waitForEnd(milliseconds: number): Promise<boolean>
}

export function createNginxProcess(engine: Engine, folder: StateFolder): NginxProcess {
  const [program = engine.binary, ...fixed] = engine.command
  const args = (...more: readonly string[]): string[] => [...fixed, '-p', folder.root, '-e', folder.errorLog, ...more]
  let child: number | undefined
  const place = realPathOf(folder.root)
  const isOurs = (number: number): boolean => isOf(number, folder, place)
  const running = (): readonly number[] =>
    readdirSync('/proc')
      .map(Number)
      .filter((number) => Number.isInteger(number) && number !== process.pid && isOurs(number))

  function pid(): number | undefined {
    if (child !== undefined && isOurs(child)) return child
    child = readPid(folder)
    return child !== undefined && isOurs(child) ? child : undefined
  }

  return {
    pid,
    workers() {
      const master = pid()
      return master === undefined ? [] : childrenOf(master)
    },
    isServing: () => pid() !== undefined || running().length > 0,
    test: (file) =>
      new Promise((resolve) => {
        execFile(program, args('-t', '-q', '-c', file), { timeout: 60_000 }, (error, _stdout, stderr) => {
          resolve(
            error === null ? { ok: true } : { ok: false, cause: stderr.trim() === '' ? error.message : stderr.trim() },
          )
        })
      }),
    start() {
      if (!existsSync(folder.root)) return { ok: false, cause: `the state folder ${folder.root} is gone` }
      for (const orphan of running()) retire(orphan)
      const { control, tls, passed } = folder.streams
      for (const socket of [folder.controlSocket, control, tls, passed]) rmSync(socket, { force: true })
      rmSync(folder.pid, { force: true })
      try {
        const started = spawn(program, args('-c', folder.frame), { detached: true, stdio: 'ignore', cwd: folder.root })
        started.on('error', () => undefined)
        started.unref()
        child = started.pid
        return started.pid === undefined ? { ok: false, cause: `${program} could not be started` } : { ok: true }
      } catch (cause) {
        return { ok: false, cause: reasonOf(cause) }
      }
    },
    signal(name) {
      const master = pid()
      if (master !== undefined) process.kill(master, name)
    },
    async waitForEnd(milliseconds) {
      for (const end = performance.now() + milliseconds; performance.now() < end; ) {
        if (pid() === undefined) return true
        await sleep(20)
      }
      return pid() === undefined
    },
  }
}

/**
 * Workers whose master was killed go on serving, with the memory of a table that nobody updates any more. They finish
 * what they have under way and let go of the ports.
 */
function retire(orphan: number): void {
  try {
    process.kill(orphan, 'SIGQUIT')
  } catch {
    // It ended by itself in the meantime.
  }
}

/** proc(5), "/proc/pid/task/tid/children"; where the kernel does not tell it counts as having some. */
function childrenOf(pid: number): readonly number[] | undefined {
  try {
    return (readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').match(/\d+/g) ?? []).map(Number)
  } catch {
    return undefined
  }
}

function readPid(folder: StateFolder): number | undefined {
  try {
    const number = Number(readFileSync(folder.pid, 'utf8'))
    return Number.isInteger(number) && number > 1 ? number : undefined
  } catch {
    return undefined
  }
}

/**
 * A process of that number that lives and was started for this state folder: numbers are used again. The folder it works
 * in tells; its command line does not, since NGINX writes over it, and through a loader in the wrong place.
 *
 * @param place where that folder was: an NGINX goes on when it is removed (`… (deleted)`, proc(5)), and has to be told to end
 */
function isOf(pid: number, folder: StateFolder, place: string): boolean {
  try {
    const state = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '')[0]
    if (state === 'Z' || state === 'X') return false
    const works = readlinkSync(`/proc/${pid}/cwd`)
    return works === `${place} (deleted)` || works === realpathSync(folder.root)
  } catch {
    return false
  }
}

function realPathOf(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}
