import { escapeControls } from '../../request/escape.js'
import type { ActingPort } from '../../request/port.js'
import { routeStep } from '../../request/step.js'
import { underscored } from '../../request/underscored.js'
import { expandParts } from '../../request/variables.js'

/** Both spellings of the client's go. Variables hold what clients write. */
export const requestHeaders = routeStep('requestHeaders', (headers, _passage, port: ActingPort) => {
  for (const { name, value } of headers) {
    const text = escapeControls(expandParts(value, port.variable))
    if (port.header(name) !== undefined) port.setHeader(underscored(name), undefined)
    port.setHeader(name, text === '' ? undefined : text)
  }
  return undefined
})
