import { tuneCollector } from './collector.js'
import { config } from './config.js'

/**
 * Workers say which frame they run: `w:PID` is `GENERATION up`, or `GENERATION draining` once they have been told to
 * finish. That, and not an exit code, is how the controller learns that a reload has happened.
 */

const CHECK_SECONDS = 0.1

function states(): SharedDictionary {
  return ngx.shared.fairlead_state
}

function own(): string {
  return `w:${ngx.worker.pid()}`
}

export function announceWorker(): void {
  // Workers are copies of one process: without this, chance would be the same in all of them.
  math.randomseed(ngx.worker.pid() + math.floor(ngx.now() * 1000))
  states().set(own(), `${config().generation} up`)
  tuneCollector()
  ngx.timer.every(CHECK_SECONDS, (premature) => {
    tuneCollector()
    if (premature) states().set(own(), `${config().generation} draining`)
  })
}

export function retireWorker(): void {
  states().delete(own())
}

/** One that ended without a word. */
export function forgetWorker(pid: number): void {
  states().delete(`w:${pid}`)
}

export interface WorkerState {
  readonly pid: number
  readonly generation: number
  readonly state: string
}

/** A worker that was killed cannot take its entry away; the controller compares with the processes that live. */
export function listWorkers(): WorkerState[] {
  const found: WorkerState[] = []
  for (const name of states().get_keys(0)) {
    const value = states().get(name)
    const [pid] = string.match(name, '^w:(%d+)$')
    const [generation, state] = string.match(tostring(value), '^(%d+) (%a+)$')
    if (pid !== undefined && generation !== undefined && state !== undefined) {
      found.push({ pid: tonumber(pid) ?? 0, generation: tonumber(generation) ?? 0, state })
    }
  }
  return found
}
