import { isAddress } from './address.js'
import { type Reading, readBoolean, readItems, readList, readMapping, readPort, readString, refuse } from './fields.js'
import type { EndpointSlice, ObjectMeta, SliceEndpoint } from './objects.js'

type SlicePort = EndpointSlice['ports'][number]

/** The label that says which Service an EndpointSlice belongs to. */
export const SERVICE_LABEL = 'kubernetes.io/service-name'

/** discovery.k8s.io/v1 EndpointSlice. Slices of names (addressType FQDN) have no endpoints that could be served. */
export function parseEndpointSlice(
  reading: Reading,
  meta: ObjectMeta,
  raw: Readonly<Record<string, unknown>>,
): EndpointSlice {
  const names = readString(reading, raw.addressType, 'addressType') === 'FQDN'
  const endpoints = readItems(reading, raw.endpoints, 'endpoints', (item, field) =>
    parseEndpoint(reading, item, field, names ? 'name' : 'address'),
  )
  return {
    kind: 'EndpointSlice',
    ...meta,
    service: meta.labels[SERVICE_LABEL] ?? '',
    ports: parsePorts(reading, raw.ports),
    endpoints: names ? Object.freeze([]) : endpoints,
  }
}

/** A port without a number stands for all ports; it is left out, and SVC-3 falls back on the Service's targetPort. */
function parsePorts(reading: Reading, raw: unknown): readonly SlicePort[] {
  const ports = readList(reading, raw, 'ports').map((item, index) => {
    const fields = readMapping(reading, item, `ports[${index}]`)
    if (fields.port === undefined || fields.port === null) return undefined
    return Object.freeze({
      name: readString(reading, fields.name, `ports[${index}].name`),
      port: readPort(reading, fields.port, `ports[${index}].port`),
      protocol: readString(reading, fields.protocol, `ports[${index}].protocol`, 'TCP'),
    })
  })
  return Object.freeze(ports.filter((port) => port !== undefined))
}

function parseEndpoint(reading: Reading, raw: unknown, field: string, of: 'address' | 'name'): SliceEndpoint {
  const fields = readMapping(reading, raw, field)
  const conditions = readMapping(reading, fields.conditions, `${field}.conditions`)
  const addresses = readItems(reading, fields.addresses, `${field}.addresses`, (item, at) => {
    const address = readString(reading, item, at)
    const fits = of === 'name' || typeof item !== 'string' || isAddress(address)
    return fits ? address : refuse(reading, item, at, 'an IP address', address)
  })
  const ready = readBoolean(reading, conditions.ready, `${field}.conditions.ready`, true)
  const zones = parseZones(reading, fields.hints, `${field}.hints`)
  return Object.freeze(zones.length === 0 ? { addresses, ready } : { addresses, ready, zones })
}

function parseZones(reading: Reading, raw: unknown, field: string): readonly string[] {
  const hints = readMapping(reading, raw, field)
  return readItems(reading, hints.forZones, `${field}.forZones`, (item, at) =>
    readString(reading, readMapping(reading, item, at).name, `${at}.name`),
  )
}
