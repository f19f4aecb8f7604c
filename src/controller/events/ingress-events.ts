import { differences } from '../../collections/differences.js'
import type { Ingress } from '../../snapshot/objects.js'
import type { ServedIngresses } from '../served.js'
import type { EventRequest } from './event.js'

/** What is remembered of the served Ingresses from one pass to the next. */
export interface SeenIngresses {
  readonly served: ServedIngresses
  /** Changed, and not live yet, by `namespace/name`. */
  readonly waiting: ReadonlyMap<string, Ingress>
}

/**
 * Section 20: Normal `Sync` for each served Ingress that is new or changed, and `Live` once its change is in NGINX:
 * `live` says that everything served is. The first time nothing is told: those were there before.
 */
export function ingressEvents(
  before: SeenIngresses | undefined,
  served: ServedIngresses,
  live: boolean,
): { readonly seen: SeenIngresses; readonly events: readonly EventRequest[] } {
  if (before === undefined) return { seen: { served, waiting: new Map() }, events: [] }
  const waiting = new Map(before.waiting)
  const events: EventRequest[] = []
  for (const { key, before: old, after } of differences(before.served, served)) {
    if (old?.uid !== after?.uid) waiting.delete(key)
    if (after === undefined) continue
    const isChanged = isNews(old, after)
    if (isChanged) events.push(normal(after, 'Sync', 'Scheduled for sync'))
    if (isChanged || waiting.has(key)) waiting.set(key, after)
  }
  if (live) for (const ingress of waiting.values()) events.push(normal(ingress, 'Live', 'The change is live in NGINX'))
  return { seen: { served, waiting: live ? new Map() : waiting }, events }
}

/** A status says nothing of what is served, and we write it ourselves. */
function isNews(before: Ingress | undefined, now: Ingress): boolean {
  if (now.uid === '') return false
  return before?.uid !== now.uid || contentOf(before) !== contentOf(now)
}

function contentOf({ annotations, ingressClassName, defaultBackend, tls, rules }: Ingress): string {
  return JSON.stringify([annotations, ingressClassName, defaultBackend, tls, rules])
}

function normal({ namespace, name, uid }: Ingress, reason: string, message: string): EventRequest {
  const about = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', namespace, name, uid }
  return { about, type: 'Normal', reason, message, repeat: 'count', from: 'leader' }
}
