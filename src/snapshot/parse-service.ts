import {
  type Reading,
  readBoolean,
  readItems,
  readMapping,
  readPort,
  readPortOrName,
  readString,
  readWord,
} from './fields.js'
import type { ObjectMeta, Service, ServicePort } from './objects.js'

/** v1 Service. A missing targetPort is the port, a missing protocol TCP, a missing type ClusterIP. */
export function parseService(reading: Reading, meta: ObjectMeta, raw: Readonly<Record<string, unknown>>): Service {
  const spec = readMapping(reading, raw.spec, 'spec')
  const types = ['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'] as const
  const early = 'publishNotReadyAddresses'
  return {
    kind: 'Service',
    ...meta,
    type: readWord(reading, spec.type, 'spec.type', types),
    clusterIP: readString(reading, spec.clusterIP, 'spec.clusterIP'),
    externalName: readString(reading, spec.externalName, 'spec.externalName'),
    publishNotReadyAddresses: readBoolean(reading, spec[early], `spec.${early}`, false),
    trafficDistribution: readString(reading, spec.trafficDistribution, 'spec.trafficDistribution'),
    ports: readItems(reading, spec.ports, 'spec.ports', (item, field) => parsePort(reading, item, field)),
  }
}

function parsePort(reading: Reading, raw: unknown, field: string): ServicePort {
  const fields = readMapping(reading, raw, field)
  const port = readPort(reading, fields.port, `${field}.port`)
  // Clients that always send the field write a zero or an empty string, which the API server fills in.
  const target = fields.targetPort === 0 || fields.targetPort === '' ? undefined : fields.targetPort
  return Object.freeze({
    name: readString(reading, fields.name, `${field}.name`),
    port,
    targetPort: readPortOrName(reading, target, `${field}.targetPort`, port),
    protocol: readString(reading, fields.protocol, `${field}.protocol`, 'TCP'),
  })
}
