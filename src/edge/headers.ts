import { firstOf } from '../request/first-of.js'
import type { Passage } from '../request/passage.js'
import type { ResponsePort } from '../request/port.js'
import { stepsOf } from '../request/route-steps.js'
import type { RouteStep } from '../request/step.js'
import type { Chosen } from './chosen.js'
import { expandParts } from '../request/variables.js'
import { config } from './config.js'
import { leaveOutConnection } from './http3.js'
import { nginx } from './ngx.js'
import { order } from './order.js'
import { observe } from './scores.js'
import { settings } from './table.js'
import { isTls, writeTlsHeads } from './tls-heads.js'

/**
 * `header_filter_by_lua` of every public answer, or of those that do not come from the default location or one like it
 * (`frame/heads.ts`): no Server header (REQ-3), HSTS on TLS connections (HTTPS-2), and what the features of the route
 * do to the head.
 */
export function filterHeaders(): void {
  if (config().hides_server) ngx.header['Server'] = undefined
  if (config().adds_headers) addHeaders()
  const { passage, upstream, index, endedWith, by } = ngx.ctx as Partial<Chosen>
  if (endedWith !== undefined) ngx.status = endedWith
  if (passage !== undefined) {
    if (passage.route.features !== undefined)
      firstOf(stepsOf(order, passage.route).response, run, passage, nginx, undefined, undefined)
    if (index !== undefined && upstream?.features?.balancing?.kind === 'ewma') observe(upstream, index)
  }
  if (!isTls()) return
  if (config().http3 === true) leaveOutConnection()
  // HTTPS-2: a host that is only redirected from says nothing about itself, and error backends speak for themselves.
  if (by === 'www' || by === 'errors') return
  writeTlsHeads()
}

/** Every step has its part: none of them ends it. */
function run(step: RouteStep<ResponsePort, void>, passage: Passage, response: ResponsePort): undefined {
  step.run(passage, response)
}

/** Before what the features of the route say, which is said in more detail. */
function addHeaders(): void {
  for (const { name, value } of settings().addedHeaders ?? []) ngx.header[name] = expandParts(value, nginx.variable)
}
