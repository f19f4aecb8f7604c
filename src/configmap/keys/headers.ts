import { type Kind, parsed, refused } from '../../features/kinds/kind.js'
import { bool, textOf } from '../../features/kinds/kinds.js'
import { key } from '../declare.js'
import { listOf, readableItems } from '../kinds.js'

const reference: Kind<string> = {
  form: 'namespace/name of a ConfigMap',
  parse: (text) => (isReference(text) ? parsed(text) : refused('is not of the form namespace/name')),
}

function isReference(text: string): boolean {
  return /^[a-z\d.-]+\/[a-z\d.-]+$/.test(text)
}

const refersTo = {
  kind: 'ConfigMap',
  keyOf: (text: string) => (isReference(text) ? text : undefined),
} as const

const headerName = textOf('name of a header', 'A-Za-z0-9_-')

/** Headers of all hosts. Source: configmap.md, "Security policy", "Backends" and "Responses"; routing.md section 9. */
export const headers = {
  'add-headers': key({
    kind: reference,
    doc: 'Each key of that ConfigMap is set as a header on every answer, in place of what the backend sent; values may have variables of NGINX and $namespace, $ingress_name, $service_name, $service_port, $location_path.',
    fallback: 'none',
    example: 'default/answer-headers',
    changes: 'table',
    refersTo,
  }),
  'proxy-set-headers': key({
    kind: reference,
    doc: 'Each key of that ConfigMap is sent as a header to every backend, in place of the standard one; values may have variables of NGINX and $namespace, $ingress_name, $service_name, $service_port, $location_path.',
    fallback: 'none',
    example: 'default/backend-headers',
    changes: 'frame',
    refersTo,
  }),
  'hide-headers': key({
    kind: listOf(headerName, 'names of headers, with commas between them'),
    doc: 'Headers of backends that clients do not get.',
    fallback: 'none',
    strict: { read: (text) => readableItems(headerName, text), instead: 'the other items hold' },
    example: 'X-Powered-By,X-Internal',
    changes: 'frame',
    frame: (hiddenHeaders) => ({ hiddenHeaders }),
  }),
  'server-tokens': key({
    kind: bool,
    doc: 'Answers carry Server with the version of NGINX.',
    fallback: 'false',
    example: 'true',
    changes: 'frame',
  }),
  'allow-backend-server-header': key({
    kind: bool,
    doc: 'With server-tokens, answers carry the Server of the backend.',
    fallback: 'false',
    example: 'true',
    changes: 'frame',
  }),
}
