import { fieldsOf, listOf, textMapOf, textOf } from './raw-fields.js'
import type { NodeView } from './views.js'

/** A v1 Node as the API server gives it; undefined: it is none. */
export function readNode(raw: unknown): NodeView | undefined {
  const object = fieldsOf(raw)
  const metadata = fieldsOf(object['metadata'])
  const spec = fieldsOf(object['spec'])
  const status = fieldsOf(object['status'])
  const name = textOf(metadata['name'])
  if (name === '') return undefined
  return {
    name,
    uid: textOf(metadata['uid']),
    labels: textMapOf(metadata['labels']),
    taints: listOf(spec['taints']).map((taint) => textOf(fieldsOf(taint)['key'])),
    providerID: textOf(spec['providerID']),
    unschedulable: spec['unschedulable'] === true,
    addresses: listOf(status['addresses']).map((entry) => {
      const { type, address } = fieldsOf(entry)
      return { type: textOf(type), address: textOf(address) }
    }),
    ready: listOf(status['conditions'])
      .map(fieldsOf)
      .some((one) => one['type'] === 'Ready' && one['status'] === 'True'),
    deleting: textOf(metadata['deletionTimestamp']) !== '',
  }
}
