import { variables } from './variables.js'

/**
 * Endpoints that took no connection lately, as this worker saw it. A pod that was killed stays in its EndpointSlice for a
 * moment; meanwhile others are asked first, so that a request does not spend its tries on pods that died together.
 */

const SECONDS = 5
const LIMIT = 1000

let marks: Record<string, number | undefined> = {}
let count = 0
let latest = 0

/** For the balancer, before a second or later try: nothing could be sent in the try before. */
export function sentNothing(): boolean {
  // `266, 0 : `: a number for each try, and nothing yet for the one that begins.
  const [bytes] = string.match(variables['upstream_bytes_sent'] ?? '', '(%d+) : $')
  return bytes === '0'
}

/** For the balancer, before a second or later try: the try before was over in less than a second. */
export function tookNoTime(): boolean {
  // `3.060, 0.001 : `, as above.
  const [seconds] = string.match(variables['upstream_response_time'] ?? '', '(%d+)%.%d+ : $')
  return seconds === '0'
}

/** For the balancer, before the second try: whom the first one went to. */
export function lastTried(): string {
  // `10.0.0.7:8080 : `, as above.
  const [address] = string.match(variables['upstream_addr'] ?? '', '([^ ]+) : $')
  return tostring(address ?? '')
}

export function markUnreachable(address: string, port: number): void {
  const now = ngx.now()
  if (isOver(latest, now) || count >= LIMIT) {
    marks = {}
    count = 0
  }
  marks[keyOf(address, port)] = now + SECONDS
  count++
  latest = now + SECONDS
}

/** The first position from `start` on, going round, whose endpoint is not marked; `start` where all are. */
export function firstReachable(addresses: readonly string[], ports: readonly number[], start: number): number {
  if (latest === 0) return start
  const now = ngx.now()
  if (isOver(latest, now)) return start
  for (let step = 0; step < addresses.length; step++) {
    const index = (start + step) % addresses.length
    if (!isMarked(addresses[index] ?? '', ports[index] ?? 0, now)) return index
  }
  return start
}

export function isUnreachable(address: string, port: number): boolean {
  const now = ngx.now()
  return !isOver(latest, now) && isMarked(address, port, now)
}

function isMarked(address: string, port: number, now: number): boolean {
  const until = marks[keyOf(address, port)]
  return until !== undefined && !isOver(until, now)
}

/** The clock of NGINX is that of the machine: where it was set back, what lies far ahead is over too. */
function isOver(until: number, now: number): boolean {
  return until <= now || until > now + SECONDS
}

function keyOf(address: string, port: number): string {
  return `${address} ${port}`
}
