import type { Context, Setting } from './declare.js'
import { bool } from './kinds/kinds.js'

/** ConfigMap key that lets Ingresses name Secrets and ConfigMaps of other namespaces. */
export const CROSS_NAMESPACE = 'allow-cross-namespace-resources'

/** For `settings` of a family whose annotations name objects. */
export const crossNamespaceSetting: Readonly<Record<string, Setting>> = {
  [CROSS_NAMESPACE]: {
    kind: bool,
    doc: 'Lets annotations name Secrets and ConfigMaps of other namespaces than that of their Ingress.',
    fallback: 'false',
    example: 'true',
  },
}

export interface ObjectName {
  readonly namespace: string
  readonly name: string
}

/** What `name` or `namespace/name` names for an Ingress of a namespace; undefined: it is neither. */
export function parseObjectName(text: string, namespace: string): ObjectName | undefined {
  const [first = '', second, ...more] = text.split('/')
  if (first === '' || second === '' || more.length > 0) return undefined
  return second === undefined ? { namespace, name: first } : { namespace: first, name: second }
}

/** For `refersTo`: the same as a key. */
export function keyOfObject(text: string, namespace: string): string | undefined {
  const named = parseObjectName(text, namespace)
  return named === undefined ? undefined : `${named.namespace}/${named.name}`
}

/** A sentence that says why an Ingress may not have an object; undefined: it may. */
export function whyForeign(
  kind: 'ConfigMap' | 'Secret',
  { namespace, name }: ObjectName,
  { ingress, setting }: Pick<Context, 'ingress' | 'setting'>,
): string | undefined {
  if (namespace === ingress.namespace || setting(CROSS_NAMESPACE) === true) return undefined
  return `${kind} ${namespace}/${name} is in another namespace, and ${CROSS_NAMESPACE} of the main ConfigMap is not true.`
}
