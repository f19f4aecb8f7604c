import type { Route } from '../model/documents.js'
import { ROUTE_VARIABLES } from '../model/log-lines.js'
import { config } from './config.js'
import { variables } from './variables.js'

/** Writes whose route a request has, if a line of the access log asks for it (LOGF-3). */
export function nameRoute(route: Route): void {
  if (config().names !== true) return
  const [, , namespace, ingress, service] = string.find(route.labels ?? '', '^(%S*) (%S*) (%S*)$')
  const { action, path } = route
  const [, , port] = string.find(action.kind === 'proxy' ? action.upstream : '', '/([^/]*)$')
  variables['namespace'] = textOf(namespace)
  variables['ingress_name'] = textOf(ingress)
  variables['service_name'] = textOf(service)
  variables['service_port'] = textOf(port)
  variables['location_path'] = path
}

/** What was written about a request that begins anew. */
export function forgetRoute(): void {
  if (config().names !== true) return
  for (const name of ROUTE_VARIABLES) variables[name] = ''
}

function textOf(found: string | number | undefined): string {
  return found === undefined ? '' : tostring(found)
}
