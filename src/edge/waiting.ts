/** Questions to services that this worker waits for. Bounded, so that one that hangs does not take every connection. */
const MOST_FOR_ONE = 512
const MOST_FOR_ALL = 2048

interface Waiting {
  readonly service: string
  /** Nobody waits longer than this. */
  readonly until: number
}

const tickets: Record<number, Waiting | undefined> = {}
const counts: Record<string, number | undefined> = {}
let total = 0
let last = 0
let swept = 0

/** A ticket to be given back; undefined: too many wait already. `until` as in `ngx.now`. */
export function beginWaiting(service: string, until: number): number | undefined {
  if (isFull(service)) sweep()
  if (isFull(service)) return undefined
  last++
  tickets[last] = { service, until }
  counts[service] = (counts[service] ?? 0) + 1
  total++
  return last
}

/** Once or more often. */
export function endWaiting(ticket: number): void {
  const waiting = tickets[ticket]
  if (waiting === undefined) return
  tickets[ticket] = undefined
  const count = (counts[waiting.service] ?? 1) - 1
  counts[waiting.service] = count > 0 ? count : undefined
  total--
}

function isFull(service: string): boolean {
  return total >= MOST_FOR_ALL || (counts[service] ?? 0) >= MOST_FOR_ONE
}

/** Tickets of requests that ended in an error: rare, and none of them is held for ever. */
function sweep(): void {
  const now = ngx.now()
  if (now - swept < 1) return
  swept = now
  for (const [ticket, waiting] of pairs(tickets)) {
    if (waiting !== undefined && waiting.until < now) endWaiting(ticket)
  }
}
