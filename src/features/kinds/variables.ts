import { parseVariables } from '../../request/variables.js'
import { beginningsOfRequests, ofRequests } from './nginx-variables.js'

/** Names in a text with variables that no request has. */
export function unknownVariables(text: string): readonly string[] {
  const names = parseVariables(text).flatMap((part) => (part.kind === 'variable' ? [part.name] : []))
  return names.filter(
    (name) => !ofRequests.has(name) && !beginningsOfRequests.some((beginning) => name.startsWith(beginning)),
  )
}

/**
 * What the translation puts in where a text stands in a route: variables of ingress-nginx that belong to a path, or
 * have another name here.
 */
export const PATH_VARIABLES: readonly string[] = [
  'best_http_host',
  'ingress_name',
  'location_path',
  'namespace',
  'pass_access_scheme',
  'pass_server_port',
  'service_name',
  'service_port',
  'the_real_ip',
]
