import type { Passage } from '../request/passage.js'
import { variables } from './variables.js'

/**
 * Requests at whose end a family has something to do, by NGINX's own id of the request: `ngx.ctx` is lost on the way through
 * error pages and redirects inside NGINX, the id is not. Such requests are served by locations that have a log phase in Lua;
 * all others are spared it.
 */
const awaited: Record<string, Passage | undefined> = {}
let count = 0

/** From here on `takeAwaited` finds it, wherever the request ends. */
export function awaitEnd(passage: Passage): void {
  const id = variables['request_id'] ?? ''
  if (awaited[id] === undefined) count++
  awaited[id] = passage
  passage.awaited = true
}

/** What is known of the request that is running; undefined: nobody awaits its end. */
export function awaitedPassage(): Passage | undefined {
  return count === 0 ? undefined : awaited[variables['request_id'] ?? '']
}

/** The same, once. */
export function takeAwaited(): Passage | undefined {
  const passage = awaitedPassage()
  if (passage === undefined) return undefined
  awaited[variables['request_id'] ?? ''] = undefined
  count--
  return passage
}
