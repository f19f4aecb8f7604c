import * as ssl from 'ngx.ssl'
import type { Chosen } from './route.js'
import { nginx } from './ngx.js'
import { order } from './order.js'
import { observe } from './scores.js'
import { settings } from './table.js'

/**
 * `header_filter_by_lua` of every public answer: no Server header (REQ-3), HSTS on TLS connections (HTTPS-2), and what the
 * features of the route do to the head.
 */
export function filterHeaders(): void {
  ngx.header['Server'] = undefined
  const { passage, upstream, index, endedWith, by } = ngx.ctx as Partial<Chosen>
  if (endedWith !== undefined) ngx.status = endedWith
  if (passage?.route.features !== undefined) {
    const { features } = passage.route
    for (const step of order.response) {
      if (features[step.family] !== undefined) step.run(passage, nginx)
    }
  }
  if (index !== undefined && upstream?.features?.balancing?.kind === 'ewma') observe(upstream, index)
  // HTTPS-2: a host that is only redirected from says nothing about itself, and error backends speak for themselves.
  if (by === 'www' || by === 'errors' || !isTls()) return
  const { strictTransportSecurity } = settings()
  if (strictTransportSecurity !== '') ngx.header['Strict-Transport-Security'] = strictTransportSecurity
}

/** Cheaper than the variable, which is looked up by its name. */
function isTls(): boolean {
  const [connection] = ssl.get_req_ssl_pointer()
  return connection !== undefined
}
