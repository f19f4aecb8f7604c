import type { Ingress } from '../../snapshot/objects.js'
import type { EventRequest } from './event.js'

/** What is remembered of the served Ingresses from one pass to the next. */
export interface SeenIngresses {
  readonly list: readonly Ingress[]
  /** By uid. */
  readonly served: ReadonlyMap<string, Ingress>
  /** Changed, and not live yet, by uid. */
  readonly waiting: ReadonlyMap<string, Ingress>
}

/**
 * Section 20: Normal `Sync` for each served Ingress that is new or changed, and `Live` once its change is in NGINX:
 * `live` says that everything served is. The first time nothing is told: those were there before.
 */
export function ingressEvents(
  before: SeenIngresses | undefined,
  list: readonly Ingress[],
  live: boolean,
): { readonly seen: SeenIngresses; readonly events: readonly EventRequest[] } {
  if (before === undefined) return { seen: { list, served: byUid(list), waiting: new Map() }, events: [] }
  const changed = before.list === list ? [] : list.filter((one) => isNews(before.served.get(one.uid), one))
  const served = before.list === list ? before.served : byUid(list)
  const waiting = new Map<string, Ingress>()
  for (const uid of before.waiting.keys()) {
    const ingress = served.get(uid)
    if (ingress !== undefined) waiting.set(uid, ingress)
  }
  for (const ingress of changed) waiting.set(ingress.uid, ingress)
  const events = changed.map((ingress) => normal(ingress, 'Sync', 'Scheduled for sync'))
  if (live) for (const ingress of waiting.values()) events.push(normal(ingress, 'Live', 'The change is live in NGINX'))
  return { seen: { list, served, waiting: live ? new Map() : waiting }, events }
}

/** A status says nothing of what is served, and we write it ourselves. */
function isNews(before: Ingress | undefined, now: Ingress): boolean {
  if (before === now || now.uid === '') return false
  return before === undefined || contentOf(before) !== contentOf(now)
}

function contentOf({ annotations, ingressClassName, defaultBackend, tls, rules }: Ingress): string {
  return JSON.stringify([annotations, ingressClassName, defaultBackend, tls, rules])
}

function byUid(list: readonly Ingress[]): ReadonlyMap<string, Ingress> {
  return new Map(list.map((ingress) => [ingress.uid, ingress]))
}

function normal({ namespace, name, uid }: Ingress, reason: string, message: string): EventRequest {
  const about = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', namespace, name, uid }
  return { about, type: 'Normal', reason, message, repeat: 'count', from: 'leader' }
}
