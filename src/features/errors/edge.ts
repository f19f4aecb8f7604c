import type { ErrorSettings } from '../../model/features.js'
import { factsOf } from '../../request/error-answer.js'
import type { ActingPort } from '../../request/port.js'
import { routeStep } from '../../request/step.js'

/**
 * What is known of a request has to be there when its answer comes, which may be one that is replaced (ERR-1): NGINX loses
 * everything but its own variables on the way to an error page.
 */
export const awaitErrors = routeStep('errors', (settings, passage, port: ActingPort) => {
  if (passage.standIn === true) introduce(settings, port)
  else if (settings.codes !== undefined) port.awaitEnd(passage)
  return undefined
})

/** ERR-5: a whole request for the default-backend, since the Service has no endpoint. */
function introduce(settings: ErrorSettings, port: ActingPort): void {
  const { code, namespace, ingress, service, port: servicePort } = factsOf(settings, 503, port)
  port.setHeader('X-Code', code)
  port.setHeader('X-Format', port.header('accept'))
  port.setHeader('X-Namespace', namespace)
  port.setHeader('X-Ingress-Name', ingress)
  port.setHeader('X-Service-Name', service)
  port.setHeader('X-Service-Port', servicePort)
}
