import type { ConfigMap } from '../../snapshot/objects.js'
import { family, type Contribution } from '../declare.js'
import { textOf } from '../kinds/kinds.js'

const NAME = /^[A-Za-z0-9_-]+$/

/** HDR-2. No line end among them, so that no value becomes two headers. */
const VALUE = /^[A-Za-z0-9_ :;.,\\/"'?!(){}[\]@<>=\-+*#$&`|~^%]*$/

/** HDR-1..HDR-3. Source: annotations.md section 12. */
export const customHeaders = family({
  name: 'custom-headers',
  title: 'Response headers',
  doc: 'Sets response headers from a ConfigMap; which names may be set, the main ConfigMap says in global-allowed-response-headers.',
  annotations: {
    'custom-headers': {
      kind: textOf('namespace/name of a ConfigMap', 'A-Za-z0-9\\-._~/:'),
      doc: 'Each key of the ConfigMap is set as a header on every answer of the path, in place of the one that the backend sent.',
      effect: 'path',
      risk: 'medium',
      bad: 'default',
      fallback: '-',
      example: 'default/security-headers',
      refersTo: { kind: 'ConfigMap', keyOf: (text) => keyOf(text) },
    },
  },
  contribute: (values, { configMap, allowedResponseHeaders }) => {
    const reference = values['custom-headers']
    if (reference === undefined) return {}
    const key = keyOf(reference)
    if (key === undefined) return closed(`${JSON.stringify(reference)} is not of the form namespace/name.`)
    const [namespace = '', name = ''] = key.split('/')
    const found = configMap(namespace, name)
    if (found === undefined) return closed(`There is no ConfigMap ${key}.`)
    const fault = faultOf(found, allowedResponseHeaders)
    if (fault !== undefined) return closed(`ConfigMap ${key}: ${fault}`)
    const headers = Object.entries(found.data).sort(([a], [b]) => (a < b ? -1 : 1))
    return headers.length === 0 ? {} : { route: { customHeaders: headers } }
  },
})

function keyOf(text: string): string | undefined {
  return /^[^/]+\/[^/]+$/.test(text) ? text : undefined
}

/** HDR-2: what cannot be set closes the paths, as the header may be what protects their users. */
function closed(message: string): Contribution {
  return { complaints: [{ annotation: 'custom-headers', message, instead: 'close' }] }
}

function faultOf({ data }: ConfigMap, allowed: readonly string[]): string | undefined {
  for (const [name, value] of Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!NAME.test(name)) return `${JSON.stringify(name)} is not a header name of letters, digits, - and _.`
    if (!allowed.includes(name))
      return `${name} is not among global-allowed-response-headers of the main ConfigMap; add it there, in the same spelling.`
    if (!VALUE.test(value)) return `The value of ${name} holds a character that is not allowed in a header.`
  }
  return undefined
}
