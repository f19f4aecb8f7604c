import type { EventRequest } from './event.js'
import { eventName, eventNamespace } from './event-object.js'
import { isFull, takeToken, type Bucket, type BucketRule } from './token-bucket.js'

/** A request with how often it came before it could be sent. */
export interface QueuedEvent {
  readonly request: EventRequest
  readonly times: number
  /** How often sending it has failed. */
  readonly attempts: number
}

/** What waits to be sent. Bounded: what does not fit, or comes too often about one object, is dropped and counted. */
export interface EventQueue {
  offer(request: EventRequest, now: number): void
  /** The most urgent: warnings first, then other news, then what may be old news. */
  next(): QueuedEvent | undefined
  /** Puts back what could not be sent, unless it is waiting again already or the queue is full. */
  putBack(event: QueuedEvent): void
  size(): number
  dropped(): number
}

const MOST_WAITING = 5_000
const MOST_BUCKETS = 20_000
/** As much as client-go allows one object at once, and more often after that. Warnings have a bucket of their own. */
const PER_OBJECT: BucketRule = { burst: 25, perSecond: 1 / 30 }

export function createEventQueue(): EventQueue {
  const lanes = [
    new Map<string, QueuedEvent>(),
    new Map<string, QueuedEvent>(),
    new Map<string, QueuedEvent>(),
  ] as const
  const buckets = new Map<string, Bucket>()
  let dropped = 0
  const size = (): number => lanes.reduce((sum, lane) => sum + lane.size, 0)

  function laneOf({ type, repeat }: EventRequest): Map<string, QueuedEvent> {
    if (repeat === 'once') return lanes[2]
    return type === 'Warning' ? lanes[0] : lanes[1]
  }

  function isAllowed({ about, type }: EventRequest, now: number): boolean {
    const key = `${type} ${about.uid}`
    const left = takeToken(buckets.get(key), PER_OBJECT, now)
    if (left === undefined) return false
    buckets.set(key, left)
    if (buckets.size > MOST_BUCKETS)
      for (const [other, bucket] of buckets) if (isFull(bucket, PER_OBJECT, now)) buckets.delete(other)
    return true
  }

  return {
    size,
    dropped: () => dropped,
    offer(request, now) {
      const lane = laneOf(request)
      const key = keyOf(request)
      const waiting = lane.get(key)
      if (waiting !== undefined) lane.set(key, { ...waiting, times: waiting.times + 1 })
      else if (size() >= MOST_WAITING || !isAllowed(request, now)) dropped += 1
      else lane.set(key, { request, times: 1, attempts: 0 })
    },
    next() {
      for (const lane of lanes) {
        for (const [key, event] of lane) {
          lane.delete(key)
          return event
        }
      }
      return undefined
    },
    putBack(event) {
      const lane = laneOf(event.request)
      const key = keyOf(event.request)
      const waiting = lane.get(key)
      if (waiting !== undefined) lane.set(key, { ...event, times: event.times + waiting.times })
      else if (size() >= MOST_WAITING) dropped += 1
      else lane.set(key, event)
    },
  }
}

function keyOf(request: EventRequest): string {
  return `${eventNamespace(request)}/${eventName(request)}`
}
