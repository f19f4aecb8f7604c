import { parseAllDocuments } from 'yaml'
import { isMapping } from '../../src/snapshot/fields.js'

export interface KubernetesObject {
  readonly kind: string
  readonly apiVersion: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
  }
  readonly [field: string]: unknown
}

/** Objects of a rendered chart. Throws on a document that is none. */
export function readObjects(text: string): readonly KubernetesObject[] {
  return parseAllDocuments(text).flatMap((document) => {
    const value: unknown = document.toJS()
    if (value === null) return []
    if (!isObject(value)) throw new Error(`no Kubernetes object: ${JSON.stringify(value)}`)
    return [value]
  })
}

function isObject(value: unknown): value is KubernetesObject {
  if (!isMapping(value) || !isMapping(value['metadata'])) return false
  return [value['kind'], value['apiVersion'], value['metadata']['name']].every((each) => typeof each === 'string')
}

/** The one object of that kind, and name where there are several. Throws if there is not exactly one. */
export function pick(objects: readonly KubernetesObject[], kind: string, name?: string): KubernetesObject {
  const found = objects.filter((each) => each.kind === kind && (name === undefined || each.metadata.name === name))
  const [only, ...others] = found
  if (only === undefined || others.length > 0) throw new Error(`${found.length} objects ${kind} ${name ?? ''}`)
  return only
}
