import type { Passage } from '../../request/passage.js'
import { routeStep, type Verdict } from '../../request/step.js'

/**
 * Requests of these routes are inspected in the location of their profile. The `default-backend` that stands in for a Service
 * without endpoints is not asked there, so nobody stands in (docs/design/waf.md).
 */
export const inspected = routeStep('inspected', refuseUninspected)

function refuseUninspected(_settings: true, { standIn, route }: Passage): Verdict | undefined {
  return standIn === true || route.profile === undefined ? { kind: 'answer', status: 503 } : undefined
}
