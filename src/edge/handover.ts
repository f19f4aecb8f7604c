import { variables } from './variables.js'

/**
 * Hands what was decided about a request to the location that `ngx.exec` takes it to: `ngx.ctx` does not survive that way.
 * The number of the entry travels in `$route`, and is good for one entry: who comes without one was sent by somebody else
 * (docs/design/tickets.md). Giving and taking happen in one turn of the event loop, so that the list stays as good as empty;
 * what nobody took is thrown away at the end of the request.
 */
const given: Record<number, object | undefined> = {}
let last = 0

/** Leaves an entry for `take`. */
export function give(entry: object): void {
  last++
  given[last] = entry
  variables['route'] = tostring(last)
}

/** The entry of this request; undefined: it was given none. */
export function take(): object | undefined {
  const number = tonumber(variables['route'])
  if (number === undefined) return undefined
  variables['route'] = ''
  const entry = given[number]
  given[number] = undefined
  return entry
}
