import type { CallFailure } from './client.js'
import { failureOfStatus } from './failure.js'
import { isMapping, metadataOf } from './raw-object.js'

/** One line of a watch. */
export type WatchEvent =
  | { readonly kind: 'set' | 'deleted'; readonly object: unknown }
  /** Nothing changed up to this version; `initialEnd`: the objects that a streaming list begins with are complete. */
  | { readonly kind: 'bookmark'; readonly version: string; readonly initialEnd: boolean }
  | { readonly kind: 'error'; readonly failure: CallFailure }
  | { readonly kind: 'unknown' }

/** Source: the Kubernetes API, "Efficient detection of changes" and "Streaming lists". */
export function parseWatchEvent(line: string): WatchEvent {
  let event: unknown
  try {
    event = JSON.parse(line)
  } catch {
    return unreadable(line)
  }
  if (!isMapping(event)) return unreadable(line)
  const { type, object } = event
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
      return { kind: 'set', object }
    case 'DELETED':
      return { kind: 'deleted', object }
    case 'BOOKMARK':
      return readBookmark(object)
    case 'ERROR':
      return { kind: 'error', failure: failureOfStatus(object) }
    default:
      return { kind: 'unknown' }
  }
}

function readBookmark(object: unknown): WatchEvent {
  const metadata = metadataOf(object)
  const version = metadata?.['resourceVersion']
  const annotations = metadata?.['annotations']
  const initialEnd = isMapping(annotations) && annotations['k8s.io/initial-events-end'] === 'true'
  return typeof version === 'string' ? { kind: 'bookmark', version, initialEnd } : { kind: 'unknown' }
}

function unreadable(line: string): WatchEvent {
  const message = `a line of the watch is no event: ${line.slice(0, 60)}`
  return { kind: 'error', failure: { ok: false, status: 0, reason: '', message } }
}
