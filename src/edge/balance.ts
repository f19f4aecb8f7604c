import * as balancer from 'ngx.balancer'
import { reuseOf } from './reuse.js'
import type { Chosen } from './route.js'
import { settings, type LiveUpstream } from './table.js'
import { firstReachable, isUnreachable, markUnreachable, sentNothing } from './unreachable.js'
import { variables } from './variables.js'

/** Idle time and number of requests after which a pooled upstream connection is closed (configmap.md, Backends). */
const IDLE_SECONDS = 60
const REQUESTS = 10_000

/** NGX_BUSY: ends the request with 502. Never DECLINED, which makes the worker loop for ever. */
const NO_PEER = -3

const TIMED_OUT = 504

/** For connections that only requests use which NGINX does not repeat. */
const BRISK_SECONDS = 1

/**
 * `balancer_by_lua`: round robin per upstream and worker, from a random start (routing.md section 13). A retry goes to the
 * other half of the round first: endpoints are in order of their addresses, so that those next to each other are of one age,
 * and in a rollout they go together.
 */
export function balance(): void {
  const chosen = ngx.ctx as Chosen
  const { upstream } = chosen
  const { addresses, ports } = upstream
  const index = firstReachable(addresses, ports, wantedPosition(chosen))
  chosen.index = index
  const address = addresses[index]
  const port = ports[index]
  if (address === undefined || port === undefined) return ngx.exit(NO_PEER)
  if (chosen.uncounted === true) tryOnceMore(chosen, address, port)
  const reuse = reuseOf(variables['request_method'] ?? '', upstream)
  const [ok, reason] = balancer.set_current_peer(
    address,
    port,
    reuse === 'brisk' ? `${chosen.pool} brisk` : chosen.pool,
  )
  if (ok !== true) {
    ngx.log(ngx.ERR, 'endpoint ', address, ' of ', upstream.key, ' cannot be used: ', reason ?? 'unknown')
    return ngx.exit(NO_PEER)
  }
  if (reuse !== 'fresh') balancer.enable_keepalive(reuse === 'brisk' ? BRISK_SECONDS : IDLE_SECONDS, REQUESTS)
}

function wantedPosition(chosen: Chosen): number {
  const { upstream, index } = chosen
  const count = upstream.addresses.length
  if (index === undefined) {
    const { tries } = settings()
    if (tries > 1) balancer.set_more_tries(tries - 1)
    chosen.stride = count
    return nextPosition(upstream, count)
  }
  const failed = upstream.addresses[index]
  if (failed !== undefined && sentNothing()) {
    markUnreachable(failed, upstream.ports[index] ?? 0)
    chosen.uncounted = true
  }
  const stride = math.max(1, math.floor((chosen.stride ?? count) / 2))
  chosen.stride = stride
  return (index + stride) % count
}

/**
 * The tries of RTY-1 are for what was sent. A try that reached nobody is not one of them while there is an endpoint that this
 * worker has not found unreachable; each gives one such try at most. One that timed out is: it took the client's time.
 */
function tryOnceMore(chosen: Chosen, address: string, port: number): void {
  chosen.uncounted = false
  const more = chosen.more ?? 0
  if (more >= chosen.upstream.addresses.length - 1 || isUnreachable(address, port)) return
  const [, status] = balancer.get_last_failure()
  if (status === TIMED_OUT) return
  chosen.more = more + 1
  balancer.set_more_tries(1)
}

function nextPosition(upstream: LiveUpstream, count: number): number {
  if (count === 1) return 0
  const position = upstream.cursor ?? math.random(0, count - 1)
  upstream.cursor = (position + 1) % count
  return position
}
