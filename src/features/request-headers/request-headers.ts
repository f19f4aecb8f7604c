import { type Contribution, family } from '../declare.js'
import { textOf } from '../kinds/kinds.js'
import { PATH_VARIABLES, unknownVariables } from '../kinds/variables.js'
import { type HeaderRules, readHeaderMap } from '../header-map.js'
import { keyOfObject } from '../other-namespace.js'
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
  contribute: (values, context): Contribution => {
    const reference = values[ANNOTATION]
    if (reference === undefined) return {}
    const headers = readHeaderMap(reference, FORWARDABLE, context)
    // What is missing may be what a backend trusts.
    if (typeof headers === 'string')
      return { complaints: [{ annotation: ANNOTATION, message: headers, instead: 'close' }] }
    return headers.length === 0 ? {} : { route: { requestHeaders: headers } }
  },
})

const FORWARDABLE: HeaderRules = {
  whyNoName: (name) => {
    if (!NAME.test(name)) return `${JSON.stringify(name)} is not a header name of letters, digits, - and _.`
    return isForwardable(name) ? undefined : `${name} is a header that every backend gets from NGINX itself.`
  },
  unknownIn: (value) => unknownVariables(value).filter((variable) => !PATH_VARIABLES.includes(variable)),
}
