import type { ResponsePort } from '../../request/port.js'
import { routeStep } from '../../request/step.js'

/** HDR-1: on every status; a name without a value is taken away. */
export const setCustomHeaders = routeStep('customHeaders', (headers, _passage, { answer }: ResponsePort): void => {
  for (const [name, value] of headers) answer(name, value === '' ? undefined : value)
})
