import { createHash } from 'node:crypto'
import type { EventRequest } from './event.js'

const MESSAGE_BYTES = 1024
const NAME_LENGTH = 253

/** The component that users filter by (routing.md section 20). */
export const EVENT_COMPONENT = 'nginx-ingress-controller'

/**
 * The name of an event: the object's, and a digest of what is told. The same told again has the same name, also after a
 * restart and from another replica, so that the API server itself recognises it.
 */
export function eventName({ about, type, reason, message }: EventRequest): string {
  const told = [about.kind, about.uid, type, reason, message].join('\n')
  const digest = createHash('sha256').update(told).digest('hex').slice(0, 16)
  // A name must not have an empty part, nor one that ends with a hyphen.
  const start = about.name.slice(0, NAME_LENGTH - 1 - digest.length).replace(/[-.]+$/, '')
  return `${start}.${digest}`
}

/** A v1 Event. `instance` is this replica's pod; `now` milliseconds since the epoch; `times` how often it happened. */
export function eventObject(request: EventRequest, instance: string, now: number, times: number): object {
  const { about, type, reason, message } = request
  const time = eventTime(now)
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { namespace: eventNamespace(request), name: eventName(request) },
    involvedObject: {
      apiVersion: about.apiVersion,
      kind: about.kind,
      ...(about.namespace === '' ? {} : { namespace: about.namespace }),
      name: about.name,
      uid: about.uid,
    },
    type,
    reason,
    message: shorten(message),
    source: { component: EVENT_COMPONENT },
    reportingComponent: EVENT_COMPONENT,
    reportingInstance: instance,
    firstTimestamp: time,
    lastTimestamp: time,
    count: times,
  }
}

export function eventNamespace({ about }: EventRequest): string {
  return about.namespace === '' ? 'default' : about.namespace
}

/** Seconds are as exact as a v1 Event is. */
export function eventTime(now: number): string {
  return new Date(now).toISOString().replace(/\.\d+Z$/, 'Z')
}

/** At most 1 kB of UTF-8; what is cut off is said with three points. */
export function shorten(message: string): string {
  const bytes = Buffer.from(message)
  if (bytes.length <= MESSAGE_BYTES) return bytes.toString()
  const cut = bytes.subarray(0, MESSAGE_BYTES - 3).toString()
  // A character that was cut in half became U+FFFD, which is longer than its half.
  return `${cut.replace(/\uFFFD+$/, '')}...`
}
