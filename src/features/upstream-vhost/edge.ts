import type { UpstreamVhostSettings } from '../../model/features.js'
import { escapeForHeader } from '../../request/escape.js'
import type { ActingPort } from '../../request/port.js'
import { routeStep } from '../../request/step.js'
import { expandParts } from '../../request/variables.js'

/** VH-1. A text that comes to nothing changes nothing: a request without Host is none. */
export const upstreamVhost = routeStep(
  'upstreamVhost',
  ({ host }: UpstreamVhostSettings, _passage, port: ActingPort) => {
    const value = escapeForHeader(expandParts(host, port.variable))
    if (value !== '') port.setHeader('Host', value)
    return undefined
  },
)
