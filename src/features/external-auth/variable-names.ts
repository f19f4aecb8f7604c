import type { AuthService } from '../../model/auth-service.js'
import type { TextPart } from '../../model/text-part.js'
import { PATH_VARIABLES, unknownVariables } from '../kinds/variables.js'

/** What requests have besides. */
const OTHERS: readonly string[] = [
  'best_http_host',
  'escaped_request_uri',
  'pass_access_scheme',
  'pass_port',
  'ssl_client_cert',
  'ssl_client_escaped_cert',
]

/** What the translation puts in, of which the others are made for each request. */
const OF_PATHS = PATH_VARIABLES.filter((name) => !OTHERS.includes(name))

/** Names in a text with variables that no request here has: they would silently be nothing. */
export function unknownIn(text: string): readonly string[] {
  return unknownVariables(text).filter((name) => !OF_PATHS.includes(name) && !OTHERS.includes(name))
}

/** A service is one document for many paths; what its texts need of the path stands with the route. undefined: nothing. */
export function pathVariablesIn(service: AuthService): Readonly<Record<string, readonly TextPart[]>> | undefined {
  const texts = [
    service.target,
    service.signIn?.to ?? [],
    service.cache?.key ?? [],
    ...(service.headers ?? []).map(({ value }) => value),
  ]
  const names = texts.flat().flatMap((part) => (part.kind === 'variable' ? [part.name] : []))
  const used = OF_PATHS.filter((name) => names.includes(name))
  if (used.length === 0) return undefined
  return Object.fromEntries(used.map((name) => [name, [{ kind: 'variable', name }]]))
}
