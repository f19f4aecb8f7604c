import { variables } from './variables.js'

/**
 * Hands what was decided about a request to the location that `ngx.exec` or an error page takes it to: `ngx.ctx` does
 * not survive that way. The number of the entry travels in `$route`, and is good for one entry: who comes without one
 * was sent by somebody else (docs/design/tickets.md). Giving and taking happen in one turn of the event loop, so that
 * there is one entry at most: what was not taken, since NGINX went elsewhere, is thrown away with the next.
 */
let given: object | undefined
let last = 0

/** Leaves an entry for `take`. */
export function give(entry: object): void {
  last++
  given = entry
  variables['route'] = tostring(last)
}

/** The entry of this request; undefined: it was given none. */
export function take(): object | undefined {
  const number = tonumber(variables['route'])
  if (number === undefined) return undefined
  variables['route'] = ''
  if (number !== last) return undefined
  const entry = given
  given = undefined
  return entry
}
