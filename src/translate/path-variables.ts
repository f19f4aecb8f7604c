import type { TextPart } from '../model/text-part.js'

/** What a path is told by, for variables of ingress-nginx that are the same for each of its requests. */
export interface PathNames {
  readonly namespace: string
  readonly ingress: string
  /** Empty where the global default backend answers. */
  readonly service: string
  readonly port: string | number
  /** As the Ingress says it. */
  readonly path: string
}

/** Variables of ingress-nginx that NGINX has under another name. */
const ALIASES: Readonly<Record<string, string>> = {
  best_http_host: 'http_host',
  pass_access_scheme: 'scheme',
  pass_server_port: 'server_port',
  the_real_ip: 'remote_addr',
}

/**
 * The same settings, with the variables of ingress-nginx that are known beforehand put in: `$namespace`, `$ingress_name`,
 * `$service_name`, `$service_port`, `$location_path`. So neither NGINX nor a document has to carry them.
 */
export function bindVariables<Settings extends object>(settings: Settings, names: PathNames): Settings {
  const values: Readonly<Record<string, string>> = {
    namespace: names.namespace,
    ingress_name: names.ingress,
    service_name: names.service,
    service_port: String(names.port),
    location_path: names.path,
  }
  // Only parts of texts are put in the place of such parts, so the form stays.
  return bind(settings, values) as Settings
}

function bind(value: unknown, values: Readonly<Record<string, string>>): unknown {
  if (Array.isArray(value))
    return keepIfSame(
      value,
      value.map((item) => bind(item, values)),
    )
  if (typeof value !== 'object' || value === null) return value
  if (isVariable(value)) return partOf(value, values)
  const bound = Object.entries(value).map(([key, member]) => [key, bind(member, values)] as const)
  return bound.every(([key, member]) => Reflect.get(value, key) === member) ? value : Object.fromEntries(bound)
}

function keepIfSame(before: readonly unknown[], after: readonly unknown[]): readonly unknown[] {
  return before.every((item, i) => item === after[i]) ? before : after
}

type Variable = Extract<TextPart, { kind: 'variable' }>

function isVariable(value: object): value is Variable {
  return 'kind' in value && value.kind === 'variable' && 'name' in value && typeof value.name === 'string'
}

function partOf(part: Variable, values: Readonly<Record<string, string>>): TextPart {
  if (Object.hasOwn(values, part.name)) return { kind: 'text', text: values[part.name] ?? '' }
  return Object.hasOwn(ALIASES, part.name) ? { kind: 'variable', name: ALIASES[part.name] ?? '' } : part
}
