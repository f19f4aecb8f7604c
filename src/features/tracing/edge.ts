import { slice } from '#bytes'
import type { TracingSettings } from '../../model/features.js'
import type { Passage } from '../../request/passage.js'
import type { ActingPort } from '../../request/port.js'
import { routeStep } from '../../request/step.js'
import { parseTraceParent, sampleOf } from '../../request/trace-context.js'
import { expandParts } from '../../request/variables.js'

/**
 * OTEL-3: makes the span of a request, of a trace that is continued or begins here, and tells the backend, auth services too.
 * Ids come from NGINX's own id of the request: 16 bytes of chance, and the digest of them.
 */
export const beginSpan = routeStep('tracing', begin)

function begin(settings: TracingSettings, passage: Passage, port: ActingPort): undefined {
  const parent = settings.trusts === true ? parseTraceParent(port.header('traceparent') ?? '') : undefined
  const chance = port.variable('request_id') ?? ''
  const trace = parent === undefined ? chance : parent.trace
  const span = slice(port.md5(`span ${chance}`), 0, 16)
  const follows = parent !== undefined && settings.parentBased === true
  const isSampled = follows ? parent.sampled : sampleOf(trace) < settings.sampled
  port.setHeader('traceparent', `00-${trace}-${span}-0${isSampled ? '1' : '0'}`)
  // What vendors say is about their own trace.
  if (parent === undefined) port.setHeader('tracestate', undefined)
  if (!isSampled) return undefined
  const name = settings.name === undefined ? '' : expandParts(settings.name, port.variable)
  const about = expandParts(settings.about, port.variable)
  if (port.recordSpan(`${trace}\t${span}\t${parent === undefined ? '' : parent.span}\t${about}${name}`)) {
    port.awaitEnd(passage)
    passage.recorded = true
  }
  return undefined
}
