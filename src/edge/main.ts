import { whenAbandoned } from './abandoned.js'
import { balance } from './balance.js'
import { tuneCompiler } from './compiler.js'
import { setConfig, type EdgeConfig } from './config.js'
import { endRequest } from './end-request.js'
import { serveErrorPage } from './error-page.js'
import { refuseFault } from './fault.js'
import { control, setTableOrigin } from './control.js'
import { filterHeaders } from './headers.js'
import { admitToStatus, resume, route, turnAstray } from './route.js'
import { shareRevision } from './revision.js'
import { makeSecret } from './secret.js'
import { loadSnapshot } from './snapshot.js'
import { readRevision } from './store.js'
import { hello, presentCertificate } from './tls.js'
import { reclaimFromLostWorkers } from './lost-workers.js'
import { countRequest, prepareMetrics } from './metrics.js'
import { beginFolding, foldAll } from './metrics-fold.js'
import { announceWorker, retireWorker } from './workers.js'

/**
 * The phases of a request as the frame calls them, through the one global name `fairlead`: a look-up of a global costs
 * less than a `require` at every request.
 */
const phases = {
  init_worker: beginWorker,
  exit_worker: endWorker,
  hello,
  certificate: presentCertificate,
  route,
  resume,
  end_request: countAndEnd,
  count: countRequest,
  serve_error_page: serveErrorPage,
  refuse_fault: refuseFault,
  admit_to_status: admitToStatus,
  turn_astray: turnAstray,
  balance,
  headers: filterHeaders,
  control,
}

function beginWorker(): void {
  reclaimFromLostWorkers()
  announceWorker()
  beginFolding()
}

function endWorker(): void {
  foldAll()
  retireWorker()
}

/**
 * NGINX runs one log phase: that of the location the request ended in. Counting comes last, so that nothing is held any
 * more where it throws.
 */
function countAndEnd(): void {
  endRequest()
  countRequest()
}

/** `init_by_lua`, in the master at start and at every reload: where shared memory has no table, the snapshot's is loaded. */
export function init(config: EdgeConfig): void {
  tuneCompiler()
  setConfig(config)
  makeSecret()
  const revision = readRevision()
  shareRevision(revision)
  prepareMetrics()
  whenAbandoned(endRequest)
  setTableOrigin(revision === undefined ? loadSnapshot() : 'memory')
  const globals = _G as unknown as Record<string, unknown>
  globals['fairlead'] = phases
}
