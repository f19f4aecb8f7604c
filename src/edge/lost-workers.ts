import * as ffi from 'ffi'
import { reclaimConnections } from './connections.js'
import { forgetWorker, listWorkers } from './workers.js'

ffi.cdef('int kill(int pid, int sig);')

const NO_SUCH_PROCESS = 3

/**
 * At the start of a worker, before it counts anything itself: takes back what workers held that were killed. The master
 * starts one in the place of each, so none is forgotten.
 */
export function reclaimFromLostWorkers(): void {
  for (const { pid } of listWorkers()) {
    // A number that is this worker's own was another's before.
    if ((pid === ngx.worker.pid() || !isAlive(pid)) && isFirst(pid)) {
      reclaimConnections(pid)
      forgetWorker(pid)
    }
  }
}

function isAlive(pid: number): boolean {
  return ffi.C.kill(pid, 0) === 0 || ffi.errno() !== NO_SUCH_PROCESS
}

const CLAIM_SECONDS = 60

/** Several workers may start at once. */
function isFirst(pid: number): boolean {
  const [ok] = ngx.shared.fairlead_state.safe_add(`reclaimed ${pid}`, 1, CLAIM_SECONDS)
  return ok === true
}
