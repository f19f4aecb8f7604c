import { PLAIN_POOL } from '../model/pool-key.js'
import { errorBackend, factsOf, isErrorRequest, replacing } from '../request/error-answer.js'
import { escapeForHeader } from '../request/escape.js'
import type { Passage } from '../request/passage.js'
import { awaitedPassage } from './awaited.js'
import { beginReading } from './cache.js'
import { exitMeant, statusByNginx } from './fault.js'
import { give, take } from './handover.js'
import { rewriteLabel } from './label.js'
import { nginx } from './ngx.js'
import { table } from './table.js'
import { setUpstreamHost } from './upstream-host.js'
import { variables } from './variables.js'

/** A request whose answer is replaced: what is known of it, and the status that it would have had. */
interface Failed {
  readonly passage: Passage | undefined
  readonly status: number
}

/** In the default location, where Lua itself would have answered: true where the error backend does it. */
export function handToErrorBackend(passage: Passage | undefined, status: number): boolean {
  if (replacing(passage, status) === undefined) return false
  const failed: Failed = { passage, status }
  give(failed)
  ngx.exec('@error')
  return true
}

/**
 * `access_by_lua` of `@error`: asks the error backend (ERR-1, ERR-2). A request comes here from Lua, or as NGINX's
 * `error_page` for what a backend answered or for want of an answer; then its passage is an awaited one.
 */
export function serveErrorPage(): void {
  const handed = takeFailed()
  const { passage, status } = handed ?? { passage: awaitedPassage(), status: statusByNginx() }
  // A backend has named this location (`X-Accel-Redirect`).
  if (status < 300) return ngx.exit(403)
  const errors = replacing(passage, status)
  if (passage === undefined || errors === undefined || isErrorRequest(nginx)) {
    keepContext(passage)
    // NGINX leads to one error page only: who came by one stays here.
    return handed === undefined ? ngx.exit(status) : exitMeant(status)
  }
  beginReading()
  passage.replaced = true
  const upstream = errorBackend(errors, table)
  const { route, host } = passage
  ngx.ctx = { upstream, pool: PLAIN_POOL, route, host, by: 'errors' }
  if (upstream !== undefined) rewriteLabel(upstream.label)
  if (upstream === undefined || upstream.addresses.length === 0) return ngx.exit(upstream?.emptyStatus ?? 404)
  // NGINX would send the status of the failed answer whatever the error backend says, until Lua has set one.
  ngx.status = 200
  // Whatever of the body was not read yet is thrown away when it comes; nobody waits for it.
  ngx.req.discard_body()
  ngx.req.set_uri('/', false, true)
  setUpstreamHost(passage.asked.routed)
  const { code, namespace, ingress, service, port } = factsOf(errors, status, nginx)
  variables['error_code'] = code
  variables['error_namespace'] = escapeForHeader(namespace)
  variables['error_ingress'] = escapeForHeader(ingress)
  variables['error_service'] = escapeForHeader(service)
  variables['error_port'] = escapeForHeader(port)
}

/** Who comes from a phase that failed may have left the entry for another location. */
function takeFailed(): Failed | undefined {
  const { passage, status } = (take() ?? {}) as Partial<Failed> // as `handToErrorBackend` gave it
  return status === undefined ? undefined : { passage, status }
}

/** For NGINX's own page: what the features of the route do to the head of each answer is done to it. */
function keepContext(passage: Passage | undefined): void {
  if (passage !== undefined) ngx.ctx = { passage, route: passage.route, host: passage.host }
}
