import type { ConnectionHeaderSettings } from '../../model/features.js'
import type { ActingPort } from '../../request/port.js'
import { routeStep } from '../../request/step.js'

/** CON-1: also in place of `upgrade`. */
export const connectionHeader = routeStep(
  'connectionHeader',
  ({ value }: ConnectionHeaderSettings, _passage, port: ActingPort) => {
    port.setHeader('Connection', value)
    return undefined
  },
)
