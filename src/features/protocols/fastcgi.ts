import { parseVariables } from '../../request/variables.js'
import type { Argument } from '../../nginx/directive.js'
import type { ProfileDirective } from '../../nginx/profile.js'
import type { ConfigMap } from '../../snapshot/objects.js'
import type { Complaint, Context } from '../declare.js'
import { type Kind, parsed, refused } from '../kinds/kind.js'
import { textOf } from '../kinds/kinds.js'
import { unknownVariables } from '../kinds/variables.js'
import { CROSS_NAMESPACE } from '../other-namespace.js'

const NAME = /^[A-Za-z0-9._-]{1,200}$/
const VALUE = /^[A-Za-z0-9_${}/.-]{0,1000}$/
const MOST_PARAMETERS = 200

/** FCGI-1: nothing but a name, or one with a namespace before it. */
const reference: Kind<string> = {
  form: 'name or namespace/name of a ConfigMap',
  parse: (text) =>
    /^([a-z0-9.-]+\/)?[a-z0-9.-]+$/.test(text) ? parsed(text) : refused('is not name or namespace/name of a ConfigMap'),
}

/** FCGI-1..FCGI-3. Source: annotations.md section 10; ngx_http_fastcgi_module. */
export const fastcgiAnnotations = {
  'fastcgi-index': {
    kind: textOf('file name of letters, digits, ., - and _', 'A-Za-z0-9._\\-'),
    doc: 'With backend-protocol FCGI, the script of paths that end with a slash.',
    effect: 'path',
    risk: 'medium',
    bad: 'refuse',
    fallback: '-',
    example: 'index.php',
  },
  'fastcgi-params-configmap': {
    kind: reference,
    doc: 'With backend-protocol FCGI, a ConfigMap of the namespace of the Ingress whose keys are further parameters, or standard ones otherwise; values may have variables of NGINX.',
    effect: 'path',
    risk: 'medium',
    bad: 'refuse',
    fallback: '-',
    example: 'fastcgi-params',
    refersTo: { kind: 'ConfigMap', keyOf: (text: string, namespace: string) => keyOf(text, namespace) },
  },
} as const

interface Parameters {
  readonly profile: readonly ProfileDirective[]
  readonly complaints: readonly Complaint[]
}

/** What the ConfigMap comes to: names as text of the frame, as NGINX knows no variable there. */
export function readParameters(text: string | undefined, { ingress, configMap, setting }: Context): Parameters {
  if (text === undefined) return { profile: [], complaints: [] }
  const { namespace } = ingress
  if (text.includes('/') && !text.startsWith(`${namespace}/`) && setting(CROSS_NAMESPACE) !== true)
    return complain(`${JSON.stringify(text)} is in another namespace than this Ingress.`, 'off')
  const key = keyOf(text, namespace)
  const found = configMap(namespace, key.slice(namespace.length + 1))
  if (found === undefined) return complain(`There is no ConfigMap ${key}.`, 'close')
  const fault = faultOf(found)
  if (fault !== undefined) return complain(`ConfigMap ${key}: ${fault}`, 'refuse')
  const parameters = Object.entries(found.data)
  return {
    profile: parameters.map(([name, value]) => ({ name: 'fastcgi_param', args: [name, argumentOf(value)] })),
    complaints: [],
  }
}

function keyOf(text: string, namespace: string): string {
  return `${namespace}/${text.slice(text.indexOf('/') + 1)}`
}

function complain(message: string, instead: Complaint['instead']): Parameters {
  return { profile: [], complaints: [{ annotation: 'fastcgi-params-configmap', message, instead }] }
}

/** Variables that a request to FastCGI has besides those of every request. */
const OWN_VARIABLES: readonly string[] = ['fastcgi_script_name', 'fastcgi_path_info', 'document_root']

function faultOf({ data }: ConfigMap): string | undefined {
  const entries = Object.entries(data)
  if (entries.length > MOST_PARAMETERS) return `It has more than ${MOST_PARAMETERS} keys.`
  for (const [name, value] of entries.sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!NAME.test(name)) return `${JSON.stringify(name)} is not a name of at most 200 letters, digits, ., - and _.`
    if (!VALUE.test(value))
      return `The value of ${name} is not of at most 1000 letters, digits, -, _, /, . and variables ($name or \${name}).`
    const unknown = unknownVariables(value.toLowerCase()).find((variable) => !OWN_VARIABLES.includes(variable))
    if (unknown !== undefined) return `The value of ${name} has $${unknown}, which is no variable that requests have.`
    if (parseVariables(value).some((part) => part.kind === 'text' && part.text.includes('$')))
      return `The value of ${name} has a $ that begins no name of a variable.`
  }
  return undefined
}

/** NGINX reads names of variables in any case. */
function argumentOf(value: string): Argument {
  return parseVariables(value).flatMap((part): (string | { readonly variable: string })[] => {
    if (part.kind === 'text') return [part.text]
    const name = part.name.toLowerCase()
    // The index is a variable, so that Ingresses with different ones share a profile.
    return name === 'fastcgi_script_name' ? [{ variable: name }, { variable: 'script_index' }] : [{ variable: name }]
  })
}
