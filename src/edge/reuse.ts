import type { LiveUpstream } from './table.js'

/**
 * Which connection to an endpoint a request may travel on.
 *
 * `kept`: one that others used before. `fresh`: a new one, closed afterwards. `brisk`: one that carried a request within the
 * last second.
 */
export type Reuse = 'kept' | 'fresh' | 'brisk'

/** Requests that NGINX does not send again once they were sent (RTY-1; `non_idempotent` of proxy_next_upstream). */
const SENT_ONCE: Record<string, boolean | undefined> = { POST: true, PATCH: true, LOCK: true }

/**
 * New connections for each endpoint, all workers together. Each that NGINX closes holds one of about 28,000 ports for a
 * minute.
 */
const FRESH_PER_SECOND = 100

/**
 * A backend may close a connection that it kept in the very moment in which a request is written to it. Most requests
 * are sent again then, those with side effects are not: they would fail. So they do not use such connections; where
 * there are more of them than there are ports, only those that were in use a moment ago.
 * docs/design/kept-connections.md.
 */
export function reuseOf(method: string, upstream: LiveUpstream): Reuse {
  if (SENT_ONCE[method] !== true) return 'kept'
  const second = math.floor(ngx.now())
  if (upstream.second !== second) {
    upstream.second = second
    upstream.fresh = 0
  }
  const fresh = (upstream.fresh ?? 0) + 1
  upstream.fresh = fresh
  return fresh * ngx.worker.count() <= FRESH_PER_SECOND * upstream.addresses.length ? 'fresh' : 'brisk'
}
