import type { Passage } from '../request/passage.js'
import { nginx } from './ngx.js'
import { order } from './order.js'
import { variables } from './variables.js'

/**
 * Requests at whose end a family has something to do, by NGINX's own id of the request: `ngx.ctx` is lost on the way through
 * error pages and redirects inside NGINX, the id is not. Such requests are served by locations that have a log phase in Lua;
 * all others are spared it.
 */
const awaited: Record<string, Passage | undefined> = {}
let count = 0

/** The request goes on to a location with `endRequest`. */
export function awaitEnd(passage: Passage): void {
  const id = variables['request_id'] ?? ''
  if (awaited[id] === undefined) count++
  awaited[id] = passage
}

/** What is known of the request that is running; undefined: nobody awaits its end. */
export function awaitedPassage(): Passage | undefined {
  return awaited[variables['request_id'] ?? '']
}

/** `log_by_lua`: the request is over, whoever ended it. */
export function endRequest(): void {
  const id = variables['request_id'] ?? ''
  const passage = awaited[id]
  if (passage === undefined) return
  awaited[id] = undefined
  count--
  runEndSteps(passage)
}

/** For a request that begins anew: what it was is over. */
export function endBefore(): void {
  if (count > 0) endRequest()
}

/** The client of a request that was not on its way to a location with `endRequest` yet is gone. */
export function abandonRequest(): void {
  const { passage } = ngx.ctx as { readonly passage?: Passage } // as `route` has set it
  if (passage?.awaited === true) runEndSteps(passage)
}

export function runEndSteps(passage: Passage): void {
  const { features } = passage.route
  if (features === undefined) return
  for (const step of order.end) if (features[step.family] !== undefined) step.run(passage, nginx)
}
