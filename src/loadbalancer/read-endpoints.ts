import { fieldsOf, listOf, numberOf, textMapOf, textOf } from './raw-fields.js'
import type { EndpointView } from './views.js'

/** The endpoints of one EndpointSlice, and whose they are. */
export interface SliceView {
  /** `namespace/name` of the Service. */
  readonly service: string
  readonly endpoints: readonly EndpointView[]
}

const SERVICE_LABEL = 'kubernetes.io/service-name'

/** A discovery.k8s.io/v1 EndpointSlice; undefined: it belongs to no Service, or has names instead of addresses. */
export function readEndpoints(raw: unknown): SliceView | undefined {
  const object = fieldsOf(raw)
  const metadata = fieldsOf(object['metadata'])
  const service = textMapOf(metadata['labels'])[SERVICE_LABEL] ?? ''
  if (service === '' || textOf(object['addressType']) === 'FQDN') return undefined
  const ports = listOf(object['ports']).map((entry) => {
    const { name, protocol, port } = fieldsOf(entry)
    return { name: textOf(name), protocol: textOf(protocol) || 'TCP', port: numberOf(port) }
  })
  return {
    service: `${textOf(metadata['namespace'])}/${service}`,
    endpoints: listOf(object['endpoints']).flatMap((entry) => readEndpoint(fieldsOf(entry), ports)),
  }
}

/** Conditions that are not said: ready, and serving as far as ready (the EndpointSlice API). */
function readEndpoint(
  fields: Readonly<Record<string, unknown>>,
  ports: EndpointView['ports'],
): readonly EndpointView[] {
  const address = textOf(listOf(fields['addresses'])[0])
  if (address === '') return []
  const conditions = fieldsOf(fields['conditions'])
  const target = fieldsOf(fields['targetRef'])
  const ready = conditions['ready'] !== false
  const pod = {
    namespace: textOf(target['namespace']),
    name: textOf(target['name']),
    uid: textOf(target['uid']),
  }
  return [
    {
      address,
      node: textOf(fields['nodeName']),
      pod: target['kind'] === 'Pod' ? pod : undefined,
      ready,
      serving: typeof conditions['serving'] === 'boolean' ? conditions['serving'] : ready,
      terminating: conditions['terminating'] === true,
      ports,
    },
  ]
}
