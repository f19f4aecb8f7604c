import { byteAt } from '#bytes'
import type { RedirectSettings } from '../../model/features.js'
import { routeStep, type Verdict } from '../../request/step.js'
import type { Passage } from '../../request/passage.js'
import type { RequestPort } from '../../request/port.js'

const SLASH = 47

/** Answers every request of the path (RED-1), before HTTPS redirect and access checks (RED-4). */
export const redirect = routeStep('redirect', toTarget)

function toTarget(settings: RedirectSettings, passage: Passage, request: RequestPort): Verdict {
  return { kind: 'redirect', status: settings.status, location: locationOf(settings, passage, request) }
}

function locationOf({ to, relative, withPort }: RedirectSettings, { asked }: Passage, request: RequestPort): string {
  if (relative === true || to === '' || byteAt(to, 0) !== SLASH) return to
  const port = withPort === true ? `:${request.variable('server_port') ?? ''}` : ''
  return `${asked.scheme()}://${asked.name}${port}${to}`
}
