import { enable_keepalive, get_last_failure, set_current_peer, set_more_tries } from 'ngx.balancer'
import type { BackendConnections, SettingsDocument } from '../model/documents.js'
import { contains } from '../model/numbers.js'
import { chooseEndpoint } from '../request/choose-endpoint.js'
import type { Passage } from '../request/passage.js'
import type { Tries } from '../request/step.js'
import { beginReading } from './cache.js'
import { hasContext, takeCarried } from './carried.js'
import { endRequest } from './end-request.js'
import { nginx } from './ngx.js'
import { order } from './order.js'
import { tell } from './refused.js'
import { type Reuse, reuseOf } from './reuse.js'
import type { PlainRoute } from './plain.js'
import type { Chosen } from './chosen.js'
import { firstReachable, isUnreachable, lastTried, markUnreachable, sentNothing, tookNoTime } from './unreachable.js'
import { settings, table, type LiveUpstream } from './table.js'
import { writeTlsHeadsAhead } from './tls-heads.js'
import { findUsual, takeUnsized } from './unsized.js'
import { allowTries, isTooLate, setTimeouts, setTries } from './tries.js'

/** Idle time and number of requests after which a pooled upstream connection is closed (configmap.md, Backends). */
const IDLE_SECONDS = 60
const REQUESTS = 10_000

/** NGX_BUSY: ends the request with 502. Never DECLINED, which makes the worker loop for ever. */
const NO_PEER = -3

/** For connections that only requests use which NGINX does not repeat. */
const BRISK_SECONDS = 1

const { get_method, is_internal } = ngx.req

/** `balancer_by_lua`: an endpoint for each try, in turn or as the features of the upstream choose it. */
export function balance(): void {
  if (hasContext()) return balanceDecided(ngx.ctx as Chosen | PlainRoute) // as `route` has set it
  const [failure] = get_last_failure()
  const known = failure === undefined ? takeUsual() : findUsual()
  if (known !== undefined) return balanceKnown(known, failure)
  tell('a request came to the balancer without a route', '')
  // Another location may have left something to end behind. This one has no header filter, and a log phase that counts at most.
  endRequest()
  beginReading()
  writeTlsHeadsAhead()
  ngx.exit(NO_PEER)
}

/** Who comes from the default location is asked for at once, and who comes from another one has a ticket. */
function takeUsual(): PlainRoute | undefined {
  return is_internal() ? takeUnsized() : takeCarried()
}

function balanceDecided(carried: Chosen | PlainRoute): void {
  if (!('usual' in carried)) return balanceChosen(carried, settings())
  const [failure] = get_last_failure()
  balanceKnown(carried, failure)
}

function balanceKnown(known: PlainRoute, failure: string | undefined): void {
  if (failure === undefined) return balancePlain(known)
  const chosen = afterFirstTry(known)
  ngx.ctx = chosen
  balanceChosen(chosen, settings())
}

/** The first try of a plain request, which has no object of its own until one fails. */
function balancePlain({ upstream, pool, settings: all }: PlainRoute): void {
  const { addresses, ports } = upstream
  setTries(all.tries)
  sendTo(upstream, firstReachable(addresses, ports, nextPosition(upstream, addresses.length)), pool, undefined, all)
}

/** What a plain request would have carried: NGINX knows whom it tried, who may be gone from the table by now. */
function afterFirstTry({ upstream, pool, route, host, profile }: PlainRoute): Chosen {
  const { addresses, ports } = upstream
  const index = positionOf(lastTried(), addresses, ports)
  return { upstream, pool, route, host, profile, index, stride: addresses.length }
}

function balanceChosen(chosen: Chosen, all: SettingsDocument): void {
  const { passage } = chosen
  if (passage?.copies !== undefined) passage.sent = true
  if (chosen.index === undefined) allowTries(chosen, all)
  else if (isTooLate(chosen, all)) return ngx.exit(NO_PEER)
  else {
    noteFailure(chosen, chosen.index)
    renewUpstream(chosen, chosen.index)
  }
  const { upstream } = chosen
  const { addresses, ports } = upstream
  const index = passage === undefined ? positionInTurn(chosen) : positionByFeatures(chosen, passage)
  chosen.index = index
  if (chosen.uncounted === true) tryOnceMore(chosen, addresses[index] ?? '', ports[index] ?? 0)
  sendTo(upstream, index, chosen.pool, passage, all)
}

function sendTo(
  upstream: LiveUpstream,
  index: number,
  pool: string,
  passage: Passage | undefined,
  all: SettingsDocument,
): void {
  const address = upstream.addresses[index]
  const port = upstream.ports[index]
  if (address === undefined || port === undefined) return ngx.exit(NO_PEER)
  const connections = all.backendConnections
  const reuse = connections?.kept === false ? 'fresh' : reuseOf(get_method(), upstream)
  const [ok, reason] = set_current_peer(address, port, poolOf(reuse, pool, connections))
  if (ok !== true) {
    tell('an endpoint cannot be used: ', `${address} of ${upstream.key}: ${reason ?? 'unknown'}`)
    return ngx.exit(NO_PEER)
  }
  setTimeouts(passage, all)
  if (reuse === 'fresh') return
  const idle = reuse === 'brisk' ? BRISK_SECONDS : (connections?.idleSeconds ?? IDLE_SECONDS)
  enable_keepalive(idle, connections?.requests ?? REQUESTS)
}

/** A limited time of use is a name that is another one after it: NGINX's Lua pools know no age. */
function poolOf(reuse: Reuse, pool: string, connections: BackendConnections | undefined): string {
  const named = reuse === 'brisk' ? `${pool} brisk` : pool
  const most = connections?.mostSeconds
  return most === undefined ? named : `${named} ${math.floor(ngx.now() / most)}`
}

function noteFailure(chosen: Chosen, index: number): void {
  if (!sentNothing()) return
  const { addresses, ports } = chosen.upstream
  const failed = addresses[index]
  if (failed !== undefined) markUnreachable(failed, ports[index] ?? 0)
  chosen.uncounted = true
}

/**
 * A try may take seconds, and in a rollout nobody may be left then of those that were there when the request came: a further
 * one goes to whom the table names now. What failed and is still there stays known as such.
 */
function renewUpstream(chosen: Chosen, index: number): void {
  const { upstream, failed } = chosen
  beginReading()
  const latest = table.upstream(upstream.key)
  if (latest === undefined || latest.addresses.length === 0 || (latest === upstream && index !== GONE)) return
  const position = positionIn(latest, upstream, index)
  const known: number[] = []
  for (const one of failed ?? []) known.push(positionIn(latest, upstream, one))
  if (position === GONE) known.push(GONE)
  chosen.failed = known
  chosen.upstream = latest
  chosen.index = position === GONE ? undefined : position
}

/** In place of the position of an endpoint that is not there any more. */
const GONE = -1

/** Where an endpoint of a list is in a later one. */
function positionIn(latest: LiveUpstream, { addresses, ports }: LiveUpstream, index: number): number {
  const address = addresses[index]
  return address === undefined ? GONE : positionOf(`${address}:${ports[index]}`, latest.addresses, latest.ports)
}

function positionOf(tried: string, addresses: readonly string[], ports: readonly number[]): number {
  for (let i = 0; i < addresses.length; i++) if (tried === `${addresses[i]}:${ports[i]}`) return i
  return GONE
}

/**
 * The tries of RTY-1 are for what was sent. A try that reached nobody is not one of them while there is an endpoint that this
 * worker has not found unreachable; each gives one such try at most. One that took a second or more is: a client waits, and a
 * dozen of them would hold its connection for longer than anybody waits.
 */
function tryOnceMore(chosen: Chosen, address: string, port: number): void {
  chosen.uncounted = false
  const more = chosen.more ?? 0
  if (more >= chosen.upstream.addresses.length - 1 || isUnreachable(address, port)) return
  if (!tookNoTime()) return
  chosen.more = more + 1
  set_more_tries(1)
}

/**
 * Round robin per upstream and worker, from a random start (routing.md section 13). A retry goes to the other half of the
 * round first: endpoints are in order of their addresses, so that those next to each other are of one age, and in a rollout
 * they go together.
 */
function positionInTurn(chosen: Chosen): number {
  const { upstream, index } = chosen
  const { addresses, ports } = upstream
  const count = addresses.length
  if (index === undefined) {
    chosen.stride = count
    return firstReachable(addresses, ports, nextPosition(upstream, count))
  }
  const stride = math.max(1, math.floor((chosen.stride ?? count) / 2))
  chosen.stride = stride
  return firstReachable(addresses, ports, (index + stride) % count)
}

function nextPosition(upstream: LiveUpstream, count: number): number {
  if (count === 1) return 0
  const position = upstream.cursor ?? math.random(0, count - 1)
  upstream.cursor = (position + 1) % count
  return position
}

function positionByFeatures(chosen: Chosen, passage: Passage): number {
  const { upstream, index } = chosen
  if (upstream.features === undefined) return positionInTurn(chosen)
  failed = chosen.failed ?? NONE
  if (index !== undefined) {
    failed = chosen.failed ?? []
    failed.push(index)
    chosen.failed = failed
  }
  current = upstream
  tries.failures = failed.length
  return chooseEndpoint(order, upstream, passage, tries, nginx) ?? positionInTurn(chosen)
}

const NONE: number[] = []

/** Of the try that is being prepared: the balancer is never interrupted, so that one object serves all requests. */
let failed = NONE
let current: LiveUpstream | undefined

const tries: { failures: number; readonly avoid: Tries['avoid'] } = {
  failures: 0,
  avoid: (position) => {
    if (contains(failed, position)) return true
    return isUnreachable(current?.addresses[position] ?? '', current?.ports[position] ?? 0)
  },
}
