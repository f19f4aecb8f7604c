import { takeAwaited } from './awaited.js'
import { nginx } from './ngx.js'
import { order } from './order.js'

/**
 * The request that is running is over, whoever ended it, or becomes another one: what families await of its end is
 * done, once. In `log_by_lua` of the locations of such requests, and wherever one ends without coming to them.
 */
export function endRequest(): void {
  const passage = takeAwaited()
  if (passage === undefined) return
  const { features } = passage.route
  if (features === undefined) return
  for (const step of order.end) if (features[step.family] !== undefined) step.run(passage, nginx)
}
