import { REQUESTS } from '../../model/request-metrics.js'
import type { LiveTraffic } from '../shown.js'
import { OVERFLOW } from './labels.js'
import { quantileOf } from './quantile.js'
import type { RequestMetricsStore, RequestRow } from './store.js'

/** The last minute of what was counted of requests, by route, by host, and of all; and ten minutes of all. */
export interface Traffic {
  /**
   * Takes what was counted since the last look; to be called every LOOK_SECONDS. The first one takes nothing: it may be
   * of long ago.
   */
  look(): void
  /** How many looks there were: figures change with them only. */
  looks(): number
  /**
   * By the host and the path that its Ingress declares; an Exact and a Prefix path of one text are one. undefined:
   * there was no request.
   */
  ofRoute(host: string, path: string): LiveTraffic | undefined
  ofHost(host: string): LiveTraffic | undefined
  all(): LiveTraffic
  /** Of all requests, oldest first. */
  recent(): readonly TrafficMoment[]
}

export interface TrafficMoment extends LiveTraffic {
  /** End of the step, in milliseconds since the epoch. */
  readonly at: number
}

export const LOOK_SECONDS = 5
/** A minute. */
const SLOTS = 12
/** Ten minutes. */
const MOMENTS = 120

/** Positions of the numbers of a tally; behind them are the buckets of the request's duration. */
const COUNT = 0
const CLIENT_ERRORS = 1
const SERVER_ERRORS = 2
const MILLISECONDS = 3
const BUCKETS = 4

/** Numbers of a minute: their sum, and what each look added, which is taken away again a minute later. */
interface Tally {
  readonly sum: Float64Array
  readonly slots: Uint32Array
}

interface RouteTally extends Tally {
  readonly host: string
}

/** What a label set had at the last look, and the route that it is of. */
interface Seen {
  readonly key: string
  readonly last: Float64Array
}

/**
 * `now` in milliseconds since the epoch. A route with requests in the last minute takes about a kilobyte, a label set
 * 200 bytes.
 */
export function createTraffic(
  store: Pick<RequestMetricsStore, 'rows' | 'settings' | 'layout'>,
  now: () => number,
): Traffic {
  const { layout, settings } = store
  const bounds = settings.times
  const width = BUCKETS + bounds.length + 1
  const seen = new WeakMap<RequestRow, Seen>()
  const routes = new Map<string, RouteTally>()
  const total = createTally()
  /** When each slot began; the last of them ended at `end`. */
  const begins: number[] = []
  let end = now()
  let slot = 0
  let looks = 0
  const moments: TrafficMoment[] = []

  function createTally(): Tally {
    return { sum: new Float64Array(width), slots: new Uint32Array(width * SLOTS) }
  }

  function tallyAt(key: string, host: string): Tally {
    const known = routes.get(key)
    if (known !== undefined) return known
    const made = { ...createTally(), host }
    routes.set(key, made)
    return made
  }

  function roll({ sum, slots }: Tally): void {
    if (slots[slot * width + COUNT] === 0) return
    for (let i = 0, at = slot * width; i < width; i++, at++) {
      sum[i] = (sum[i] ?? 0) - (slots[at] ?? 0)
      slots[at] = 0
    }
  }

  function add({ sum, slots }: Tally, position: number, number: number): void {
    const at = slot * width + position
    sum[position] = (sum[position] ?? 0) + number
    slots[at] = (slots[at] ?? 0) + number
  }

  /** What a label set has beyond the last look goes to its route and to all. */
  function take(row: RequestRow, isFirst: boolean): void {
    const { labels, cells } = row
    const before = seen.get(row) ?? { key: keyOf(labels.host, labels.path), last: new Float64Array(width) }
    seen.set(row, before)
    const { key, last } = before
    if (cells[REQUESTS - 1] === last[COUNT]) return
    const tallies = isFirst ? [] : labels.host === OVERFLOW ? [total] : [total, tallyAt(key, labels.host)]
    const error = labels.status.startsWith('5')
      ? SERVER_ERRORS
      : labels.status.startsWith('4')
        ? CLIENT_ERRORS
        : undefined
    for (let i = 0; i < width; i++) {
      if (i === CLIENT_ERRORS || i === SERVER_ERRORS) continue
      const position =
        i === COUNT
          ? REQUESTS - 1
          : i === MILLISECONDS
            ? layout.requestDuration - 1
            : layout.requestDuration + i - BUCKETS
      const number = cells[position] ?? 0
      const more = number - (last[i] ?? 0)
      last[i] = number
      if (more === 0) continue
      for (const tally of tallies) {
        add(tally, i, more)
        if (i === COUNT && error !== undefined) add(tally, error, more)
      }
    }
  }

  function read(numbers: Float64Array, seconds: number): LiveTraffic {
    const requests = numbers[COUNT] ?? 0
    const share = (position: number): number | null => (requests > 0 ? (numbers[position] ?? 0) / requests : null)
    return {
      requestsPerSecond: seconds > 0 ? requests / seconds : 0,
      clientErrorShare: share(CLIENT_ERRORS),
      serverErrorShare: share(SERVER_ERRORS),
      latencyAverage: requests > 0 ? (numbers[MILLISECONDS] ?? 0) / requests / 1000 : null,
      latencyP95: quantileOf(0.95, bounds, numbers.subarray(BUCKETS)),
    }
  }

  const minute = (numbers: Float64Array): LiveTraffic => read(numbers, (end - (begins[0] ?? end)) / 1000)

  return {
    look() {
      const isFirst = looks === 0
      const begin = end
      end = now()
      looks += 1
      slot = (slot + 1) % SLOTS
      roll(total)
      for (const [key, tally] of routes) {
        roll(tally)
        if (tally.sum[COUNT] === 0) routes.delete(key)
      }
      for (const row of store.rows()) take(row, isFirst)
      if (isFirst) return
      begins.push(begin)
      if (begins.length > SLOTS) begins.shift()
      const step = total.slots.subarray(slot * width, (slot + 1) * width)
      moments.push({ at: end, ...read(Float64Array.from(step), (end - begin) / 1000) })
      if (moments.length > MOMENTS) moments.shift()
    },
    looks: () => looks,
    ofRoute(host, path) {
      const tally = routes.get(keyOf(host, path))
      return tally === undefined ? undefined : minute(tally.sum)
    },
    ofHost(host) {
      const own = [...routes.values()].filter((tally) => tally.host === host)
      if (own.length === 0) return undefined
      return minute(
        Float64Array.from({ length: width }, (_, i) => own.reduce((all, { sum }) => all + (sum[i] ?? 0), 0)),
      )
    },
    all: () => minute(total.sum),
    recent: () => [...moments],
  }
}

function keyOf(host: string, path: string): string {
  return `${host}\t${path}`
}
