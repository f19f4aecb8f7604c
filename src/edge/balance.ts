import * as balancer from 'ngx.balancer'
import type { Chosen } from './route.js'
import { settings, type LiveUpstream } from './table.js'

/** Idle time and number of requests after which a pooled upstream connection is closed (configmap.md, Backends). */
const IDLE_SECONDS = 60
const REQUESTS = 10_000

/** NGX_BUSY: ends the request with 502. Never DECLINED, which makes the worker loop for ever. */
const NO_PEER = -3

/**
 * `balancer_by_lua`: round robin per upstream and worker, from a random start (routing.md section 13). A retry goes to the
 * endpoint after the one this request tried, wherever the round has got to meanwhile.
 */
export function balance(): void {
  const chosen = ngx.ctx as Chosen
  const { upstream } = chosen
  const count = upstream.addresses.length
  if (chosen.position === undefined) {
    chosen.position = nextPosition(upstream, count)
    chosen.attempt = 0
    const { tries } = settings()
    if (tries > 1) balancer.set_more_tries(tries - 1)
  } else {
    chosen.attempt = (chosen.attempt ?? 0) + 1
  }
  const index = (chosen.position + (chosen.attempt ?? 0)) % count
  const address = upstream.addresses[index]
  const port = upstream.ports[index]
  if (address === undefined || port === undefined) return ngx.exit(NO_PEER)
  const [ok, reason] = balancer.set_current_peer(address, port, chosen.pool)
  if (ok !== true) {
    ngx.log(ngx.ERR, 'endpoint ', address, ' of ', upstream.key, ' cannot be used: ', reason ?? 'unknown')
    return ngx.exit(NO_PEER)
  }
  balancer.enable_keepalive(IDLE_SECONDS, REQUESTS)
}

function nextPosition(upstream: LiveUpstream, count: number): number {
  if (count === 1) return 0
  const position = upstream.cursor ?? math.random(0, count - 1)
  upstream.cursor = (position + 1) % count
  return position
}
