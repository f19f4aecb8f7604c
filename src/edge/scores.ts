import type { UpstreamDocument } from '../model/documents.js'
import { endpointName, type WorkedUpstream } from '../model/worked-upstream.js'
import { decayed, observed } from '../features/balancing/edge.js'
import { isUnreachable } from './unreachable.js'
import { variables } from './variables.js'

/**
 * How long requests to an endpoint took lately (BAL-0), in a dictionary that all workers share and a reload keeps. The
 * value of a key is the score in seconds, its flags are the time of the last request. Two workers that write at once
 * cost a measurement; a lock would cost every request.
 */

/** An upstream whose new endpoints have their first score. */
interface ScoredUpstream extends WorkedUpstream {
  begun?: boolean
}

/** Nothing that answers takes this long, so that an endpoint that took no connection lately loses every comparison. */
const OUT_OF_REACH = 1e6

/** Flags are whole numbers of 31 bits: hundredths of a second in them begin anew every 248 days. */
const TICKS = 100
const TICKS_MOST = 2147483648

/** The score of an endpoint now. */
export function scoreOf(upstream: UpstreamDocument, position: number): number {
  begin(upstream)
  if (isUnreachable(upstream.addresses[position] ?? '', upstream.ports[position] ?? 0)) return OUT_OF_REACH
  const [score, touched] = scores().get(keyOf(upstream, position))
  return typeof score === 'number' ? decayed(score, secondsSince(touched)) : 0
}

/** For the header filter: takes the time until the backend's answer began into its score. */
export function observe(upstream: UpstreamDocument, position: number): void {
  const seconds = lastTime(variables['upstream_header_time'])
  if (seconds === undefined) return
  const taken = seconds + (lastTime(variables['upstream_connect_time']) ?? 0)
  const key = keyOf(upstream, position)
  const [score, touched] = scores().get(key)
  write(key, typeof score === 'number' ? observed(score, secondsSince(touched), taken) : taken)
}

/** A new endpoint starts with the average of the others, so that it is not flooded. */
function begin(upstream: ScoredUpstream): void {
  if (upstream.begun === true) return
  upstream.begun = true
  const fresh: string[] = []
  let sum = 0
  let known = 0
  for (let i = 0; i < upstream.addresses.length; i++) {
    const key = keyOf(upstream, i)
    const [score, touched] = scores().get(key)
    if (typeof score === 'number') {
      sum = sum + decayed(score, secondsSince(touched))
      known++
    } else fresh.push(key)
  }
  if (known > 0) for (const key of fresh) write(key, sum / known)
}

function scores(): FlaggedDictionary {
  return ngx.shared.fairlead_scores
}

function keyOf(upstream: UpstreamDocument, position: number): string {
  return `${upstream.key} ${endpointName(upstream, position)}`
}

function write(key: string, score: number): void {
  scores().set(key, score, 0, now())
}

function now(): number {
  return math.floor(ngx.now() * TICKS) % TICKS_MOST
}

function secondsSince(ticks: number | undefined): number {
  return (now() - (ticks ?? 0)) / TICKS
}

/** `0.001, 0.020`: a number for each try, the last for the one that answered; `-` where there was none. */
function lastTime(times: string | undefined): number | undefined {
  const [last] = string.match(times ?? '', '([%d.]+)$')
  return last === undefined ? undefined : tonumber(last)
}
