import type { CallFailure, CallResult, KubernetesClient } from '../../kubernetes/client.js'
import type { Clock } from '../../kubernetes/clock.js'
import type { Leadership } from '../../kubernetes/leader-election.js'
import { resourcePath } from '../../kubernetes/resource.js'
import { isMapping } from '../../snapshot/fields.js'
import type { EventRequest } from './event.js'
import { eventName, eventNamespace, eventObject, eventTime } from './event-object.js'
import { createEventQueue, type QueuedEvent } from './event-queue.js'
import { takeToken, untilToken, type Bucket, type BucketRule } from './token-bucket.js'

/** Sends events to the API server, in the background and never too many. */
export interface EventWriter {
  /** Returns at once; what cannot be sent is dropped and counted. */
  offer(requests: readonly EventRequest[]): void
  /** Ends after what is under way; what waits is dropped. */
  stop(): Promise<void>
  counts(): EventCounts
}

export interface EventCounts {
  readonly written: number
  /** Too many about one object, too many at all, or refused by the API server. */
  readonly dropped: number
  readonly waiting: number
}

export interface EventWriterParts {
  readonly client: Pick<KubernetesClient, 'call'>
  /** Asked before each event that is told for all replicas. With `--disable-leader-election`: one that always leads. */
  readonly leadership: Pick<Leadership, 'isLeader'>
  /** This replica, for `reportingInstance`: POD_NAME, or the machine's name. */
  readonly instance: string
  log(level: 'info' | 'warn', message: string): void
  readonly clock: Clock
}

const ALL: BucketRule = { burst: 100, perSecond: 25 }
const MOST_ATTEMPTS = 5
const MOST_COUNTS = 10_000
const TIMEOUT_MILLISECONDS = 10_000
const SHORTEST_PAUSE_MILLISECONDS = 500
const LONGEST_PAUSE_MILLISECONDS = 30_000

/** Rights: create and patch on events. */
export function createEventWriter(parts: EventWriterParts): EventWriter {
  const { client, clock, log } = parts
  const queue = createEventQueue()
  /** How often each event was told, by path, where we know. */
  const counts = new Map<string, number>()
  let bucket: Bucket | undefined
  let running: Promise<void> | undefined
  let stopped = false
  let sleeping = false
  let cancel = (): void => undefined
  let written = 0
  let refused = 0
  let pauseMilliseconds = 0
  let lastFailure = ''
  let toldDropped = false

  function wake(milliseconds: number): void {
    if (stopped || sleeping || running !== undefined) return
    sleeping = true
    cancel = clock.after(milliseconds, () => {
      sleeping = false
      running = drain().then((rest) => {
        running = undefined
        if (queue.size() > 0) wake(rest)
      })
    })
  }

  /** Sends until nothing waits, or something has to: gives the milliseconds. */
  async function drain(): Promise<number> {
    while (!stopped && queue.size() > 0) {
      const left = takeToken(bucket, ALL, clock.now())
      if (left === undefined) return untilToken(bucket, ALL, clock.now()) + 1
      const event = queue.next()
      if (event === undefined || (event.request.from === 'leader' && !parts.leadership.isLeader())) continue
      bucket = left
      const answer = await send(event)
      if (answer.ok) {
        written += 1
        pauseMilliseconds = 0
        continue
      }
      const rest = failed(event, answer)
      if (rest > 0) return rest
    }
    return 0
  }

  /** How long to wait before the next event, in milliseconds. */
  function failed(event: QueuedEvent, answer: CallFailure): number {
    if (answer.message !== lastFailure) log('warn', `an event could not be written: ${answer.message}`)
    lastFailure = answer.message
    const passing = answer.status === 0 || answer.status === 429 || answer.status >= 500
    // The others belong to this event: its namespace is going away, or the role does not allow it there.
    if (!passing || event.attempts + 1 >= MOST_ATTEMPTS) refused += 1
    else queue.putBack({ ...event, attempts: event.attempts + 1 })
    if (!passing) return 0
    pauseMilliseconds = Math.min(
      Math.max(SHORTEST_PAUSE_MILLISECONDS, pauseMilliseconds * 2),
      LONGEST_PAUSE_MILLISECONDS,
    )
    return Math.max(pauseMilliseconds, (answer.retryAfterSeconds ?? 0) * 1000)
  }

  /** Tells it, or that it happened again. */
  async function send({ request, times }: QueuedEvent): Promise<CallResult> {
    const path = pathOf(request)
    const known = counts.get(path)
    if (known !== undefined) {
      if (request.repeat === 'once') return { ok: true, status: 200, body: undefined }
      const answer = await count(path, known + times)
      if (answer.ok || answer.status !== 404) return answer
    }
    const made = await client.call({
      method: 'POST',
      path: eventsPath(request),
      body: eventObject(request, parts.instance, clock.wall(), times),
      timeoutMilliseconds: TIMEOUT_MILLISECONDS,
    })
    if (made.ok) remember(path, times)
    if (made.ok || made.status !== 409) return made
    if (request.repeat === 'once') return { ok: true, status: 200, body: undefined }
    // Told before by somebody else. No right to read events is needed: the answer to a patch has the count.
    const touched = await patch(path, {})
    return touched.ok ? count(path, countOf(touched.body) + times) : touched
  }

  async function count(path: string, times: number): Promise<CallResult> {
    const answer = await patch(path, { count: times })
    if (answer.ok) remember(path, times)
    return answer
  }

  function patch(path: string, fields: object): Promise<CallResult> {
    return client.call({
      method: 'PATCH',
      path,
      contentType: 'application/merge-patch+json',
      body: { ...fields, lastTimestamp: eventTime(clock.wall()) },
      timeoutMilliseconds: TIMEOUT_MILLISECONDS,
    })
  }

  function remember(path: string, times: number): void {
    counts.delete(path)
    counts.set(path, times)
    for (const oldest of counts.keys()) {
      if (counts.size <= MOST_COUNTS) break
      counts.delete(oldest)
    }
  }

  return {
    offer(requests) {
      if (stopped) return
      for (const request of requests) queue.offer(request, clock.now())
      if (queue.dropped() > 0 && !toldDropped) {
        toldDropped = true
        log('warn', 'there are more events than are written; some are dropped')
      }
      if (requests.length > 0) wake(0)
    },
    async stop() {
      stopped = true
      cancel()
      await running
    },
    counts: () => ({ written, dropped: queue.dropped() + refused, waiting: queue.size() }),
  }
}

function eventsPath(request: EventRequest, name = ''): string {
  return resourcePath({ group: '', version: 'v1', plural: 'events', namespace: eventNamespace(request) }, name)
}

function pathOf(request: EventRequest): string {
  return eventsPath(request, eventName(request))
}

function countOf(body: unknown): number {
  const found = isMapping(body) ? body['count'] : undefined
  return typeof found === 'number' ? found : 0
}
