import type { HostDocument, Route } from '../model/documents.js'
import { HOST_VARIABLE, ROUTE_VARIABLES, type RouteVariable } from '../model/log-lines.js'
import { config } from './config.js'
import { variables } from './variables.js'

/** Whose a route is; kept on the route, and so gone with its document. */
interface NamedRoute extends Route {
  names?: Readonly<Record<RouteVariable, string>>
}

/**
 * Writes whose route a request has, and of which host, if a line of the access log (LOGF-3) or a header of all asks for
 * it.
 */
export function nameRoute(host: HostDocument | undefined, route: NamedRoute | undefined): void {
  if (config().names !== true) return
  if (host !== undefined) variables[HOST_VARIABLE] = host.name
  if (route === undefined) return
  const names = route.names ?? namesOf(route)
  route.names = names
  for (const name of ROUTE_VARIABLES) variables[name] = names[name]
}

/** What was written about a request that begins anew. */
export function forgetRoute(): void {
  if (config().names !== true) return
  for (const name of ROUTE_VARIABLES) variables[name] = ''
  variables[HOST_VARIABLE] = ''
}

function namesOf({ labels, action, path }: Route): Readonly<Record<RouteVariable, string>> {
  const [, , namespace, ingress, service] = string.find(labels ?? '', '^(%S*) (%S*) (%S*)$')
  const [, , port] = string.find(action.kind === 'proxy' ? action.upstream : '', '/([^/]*)$')
  return {
    namespace: textOf(namespace),
    ingress_name: textOf(ingress),
    service_name: textOf(service),
    service_port: textOf(port),
    location_path: withoutControls(path),
  }
}

function textOf(found: string | number | undefined): string {
  return found === undefined ? '' : tostring(found)
}

/** NGINX copies a variable into a header for backends as it is, with a line end that an Ingress has in a path too. */
function withoutControls(path: string): string {
  const [escaped] = string.gsub(path, '%c', (byte) => string.format('%%%02X', string.byte(byte)))
  return escaped
}
