import { parseVariables } from '../../request/variables.js'
import type { ConfigMap } from '../../snapshot/objects.js'
import { type Contribution, family } from '../declare.js'
import { textOf } from '../kinds/kinds.js'
import { PATH_VARIABLES, unknownVariables } from '../kinds/variables.js'
import { keyOfObject, parseObjectName, whyForeign } from '../other-namespace.js'
import { isForwardable } from '../request-header-names.js'

const ANNOTATION = 'custom-request-headers'
const NAME = /^[A-Za-z0-9_-]+$/

/** SNP-2: what proxy_set_header in a snippet was for. Fairlead's own; ingress-nginx has such headers for all paths only. */
export const requestHeaders = family({
  name: 'request-headers',
  title: 'Request headers',
  doc: 'Sets headers of the requests that backends get, from a ConfigMap.',
  annotations: {
    [ANNOTATION]: {
      kind: textOf('name or namespace/name of a ConfigMap', 'A-Za-z0-9\\-._/'),
      doc: "Each key of the ConfigMap is a header that the backend gets in place of the client's; without a value it gets none of that name. Values may have variables of NGINX and $namespace, $ingress_name, $service_name, $service_port, $location_path. A ConfigMap of another namespace needs allow-cross-namespace-resources of the main ConfigMap.",
      effect: 'path',
      risk: 'medium',
      bad: 'close',
      fallback: '-',
      example: 'headers-for-the-backend',
      refersTo: { kind: 'ConfigMap', keyOf: keyOfObject },
    },
  },
  contribute: (values, context) => {
    const reference = values[ANNOTATION]
    if (reference === undefined) return {}
    const { namespace } = context.ingress
    const named = parseObjectName(reference, namespace)
    if (named === undefined) return closed(`${JSON.stringify(reference)} is not of the form name or namespace/name.`)
    const foreign = whyForeign('ConfigMap', named, context)
    if (foreign !== undefined) return closed(foreign)
    const key = `${named.namespace}/${named.name}`
    const found = context.configMap(named.namespace, named.name)
    if (found === undefined) return closed(`There is no ConfigMap ${key}.`)
    const headers = entriesOf(found)
    const fault = headers.map(([name, value]) => faultOf(name, value)).find((one) => one !== undefined)
    if (fault !== undefined) return closed(`ConfigMap ${key}: ${fault}`)
    if (headers.length === 0) return {}
    return {
      route: { requestHeaders: headers.map(([name, value]) => ({ name, value: parseVariables(toBytes(value)) })) },
    }
  },
})

/** The header that is missing may be what a backend trusts. */
function closed(message: string): Contribution {
  return { complaints: [{ annotation: ANNOTATION, message, instead: 'close' }] }
}

function entriesOf({ data }: ConfigMap): readonly (readonly [name: string, value: string])[] {
  return Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1))
}

function faultOf(name: string, value: string): string | undefined {
  if (!NAME.test(name)) return `${JSON.stringify(name)} is not a header name of letters, digits, - and _.`
  if (!isForwardable(name)) return `${name} is a header that every backend gets from NGINX itself.`
  if (/[^\P{Cc}\t]/u.test(value)) return `The value of ${name} holds a line end or another control character.`
  const unknown = unknownVariables(value).find((variable) => !PATH_VARIABLES.includes(variable))
  return unknown === undefined ? undefined : `No request has the variable $${unknown} in the value of ${name}.`
}

function toBytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1')
}
