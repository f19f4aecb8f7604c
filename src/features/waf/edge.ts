import type { Passage } from '../../request/passage.js'
import { routeStep, type Verdict } from '../../request/step.js'

/**
 * Requests of these routes are inspected in the location of their profile (docs/design/waf.md). `decide` lets no
 * `default-backend` stand in, which is asked elsewhere; here one that does is refused all the same.
 */
export const inspected = routeStep('inspected', refuseUninspected)

function refuseUninspected(_settings: true, { standIn, route }: Passage): Verdict | undefined {
  return standIn === true || route.profile === undefined ? { kind: 'answer', status: 503 } : undefined
}
