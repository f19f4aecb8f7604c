import { findHost } from '../model/host.js'
import { awaitedPassage } from './awaited.js'
import { beginReading } from './cache.js'
import { config } from './config.js'
import { give, take } from './handover.js'
import { nginx } from './ngx.js'
import { table } from './table.js'
import { variables } from './variables.js'

/**
 * A phase of a request in which Lua fails, NGINX answers with 500, and its `error_page` leads here: that is refused as
 * everything that cannot be enforced, with 503. So is what NGINX itself has no better word for (a disk that is full).
 * docs/design/access.md.
 */

const REFUSED = 503
const INTERNAL_SERVER_ERROR = 500

/** A 500 that somebody means (EXT-2), with what the header filter and the log phase know of its request. */
interface Meant {
  readonly meant: object
}

/** Ends the request with NGINX's own page of a status. */
export function exitMeant(status: number): void {
  if (status === INTERNAL_SERVER_ERROR) {
    const entry: Meant = { meant: ngx.ctx }
    give(entry)
  }
  ngx.exit(status)
}

/** In a location that an `error_page` leads to: the status that the answer has without one. */
export function statusByNginx(): number {
  const { status } = ngx
  if (status !== INTERNAL_SERVER_ERROR) return status
  const [byBackend] = string.find(variables['upstream_status'] ?? '', '500$')
  return byBackend === undefined ? REFUSED : status
}

/** `access_by_lua` of `@fault`. */
export function refuseFault(): void {
  const { meant } = (take() ?? {}) as Partial<Meant> // as `exitMeant` gave it
  if (meant !== undefined) {
    ngx.ctx = meant
    return ngx.exit(INTERNAL_SERVER_ERROR)
  }
  if (config().metrics !== undefined) ngx.ctx = whatIsCounted()
  ngx.exit(REFUSED)
}

/** For the count of requests. Without the passage: steps of the answer would run, and one of them may be what fails. */
function whatIsCounted(): object {
  const passage = awaitedPassage()
  if (passage !== undefined) return { host: passage.host, route: passage.route }
  const [ok, host] = pcall(findHostNow)
  return ok === true ? { host, by: 'fault' } : {}
}

function findHostNow(this: void): unknown {
  beginReading()
  return findHost(table, variables['host'] ?? '_', nginx)
}
