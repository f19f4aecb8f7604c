import type { ThrottleSettings } from '../../model/features.js'
import type { Passage } from '../../request/passage.js'
import type { ActingPort } from '../../request/port.js'
import { routeStep } from '../../request/step.js'

/** LIM-5. Both variables outlive the way to another location. */
export const throttle = routeStep('throttle', slowDown)

function slowDown({ bytesPerSecond, afterBytes }: ThrottleSettings, _passage: Passage, port: ActingPort): undefined {
  port.setVariable('limit_rate', `${bytesPerSecond}`)
  if (afterBytes !== undefined) port.setVariable('unlimited_bytes', `${afterBytes}`)
  return undefined
}
