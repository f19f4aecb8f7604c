import ipaddr from 'ipaddr.js'
import type { ProblemCode } from '../problems/catalogue.js'
import { isAddress } from '../snapshot/address.js'
import type { EndpointSlice, PortReference, Service, ServicePort } from '../snapshot/objects.js'
import type { Snapshot } from '../snapshot/snapshot.js'
import type { TranslateOptions } from './options.js'
import { inZone } from './zones.js'

export interface Endpoint {
  /** IPv6 in brackets. */
  readonly address: string
  readonly port: number
}

/** The endpoints of a Service port, or why there are none. */
export interface FoundEndpoints {
  readonly endpoints: readonly Endpoint[]
  readonly missing?: { readonly code: ProblemCode; readonly message: string }
}

/** The port of a Service that an Ingress names: first one whose port, targetPort or name is it (SVC-1). */
export function findServicePort(service: Service, wanted: PortReference): ServicePort | undefined {
  const text = String(wanted)
  return service.ports.find(
    ({ port, targetPort, name, protocol }) =>
      protocol === 'TCP' && (String(port) === text || String(targetPort) === text || name === text),
  )
}

/** Ready endpoints of a Service port (SVC-1..7, SVC-9), without duplicates, in the order of their text. */
export function findEndpoints(
  service: Service,
  wanted: PortReference,
  snapshot: Snapshot,
  options: TranslateOptions,
): FoundEndpoints {
  if (service.type === 'ExternalName') return externalEndpoints(service, wanted, snapshot, options)
  const servicePort = findServicePort(service, wanted)
  if (servicePort === undefined) {
    const known = service.ports.map(({ name, port }) => (name === '' ? String(port) : `${port} (${name})`)).join(', ')
    const message = `Service ${service.namespace}/${service.name} has no TCP port ${JSON.stringify(wanted)}; it has ${known === '' ? 'none' : known}.`
    return { endpoints: [], missing: { code: 'backend/port-not-found', message } }
  }
  return endpointsOf(service, servicePort, snapshot)
}

/** Those of one of its ports, which is none of an ExternalName. */
export function endpointsOf(service: Service, servicePort: ServicePort, snapshot: Snapshot): FoundEndpoints {
  const slices = snapshot.endpointSlices.get(`${service.namespace}/${service.name}`) ?? []
  const near = slices.flatMap((slice) => sliceEndpoints(inZone(slice, service, snapshot.zone), service, servicePort))
  // Hints that name no endpoint for the zone are no reason to answer nothing.
  const found = near.length > 0 ? near : slices.flatMap((slice) => sliceEndpoints(slice, service, servicePort))
  const endpoints = distinct(found)
  if (endpoints.length > 0) return { endpoints }
  const message = `Service ${service.namespace}/${service.name} has no ready endpoint for port ${servicePort.port}.`
  return { endpoints, missing: { code: 'backend/no-ready-endpoint', message } }
}

/** The address of a Service itself, with its own port (LB-4); undefined where it has none, or no such port. */
export function findServiceAddress(service: Service, wanted: PortReference): Endpoint | undefined {
  if (service.type === 'ExternalName' || !isAddress(service.clusterIP)) return undefined
  const servicePort = findServicePort(service, wanted)
  return servicePort === undefined ? undefined : { address: inBrackets(service.clusterIP), port: servicePort.port }
}

function sliceEndpoints(slice: EndpointSlice, service: Service, servicePort: ServicePort): Endpoint[] {
  const port = slicePort(slice, servicePort)
  if (port === undefined) return []
  return slice.endpoints
    .filter(({ ready }) => ready || service.publishNotReadyAddresses)
    .flatMap(({ addresses }) => addresses.map((address) => ({ address: inBrackets(address), port })))
}

/** SVC-3: the slice's port of the same name; without a name any; without ports the numeric targetPort. */
function slicePort(slice: EndpointSlice, servicePort: ServicePort): number | undefined {
  if (slice.ports.length === 0) return typeof servicePort.targetPort === 'number' ? servicePort.targetPort : undefined
  return slice.ports.find(
    ({ name, protocol }) => protocol === servicePort.protocol && (servicePort.name === '' || name === servicePort.name),
  )?.port
}

/** SVC-6. An IP address as external name is served, though the reference answers 503 for it. */
function externalEndpoints(
  service: Service,
  wanted: PortReference,
  snapshot: Snapshot,
  options: TranslateOptions,
): FoundEndpoints {
  const name = service.externalName
  const refused = options.disableExternalName
    ? 'ExternalName Services are switched off (--disable-svc-external-name)'
    : refuseName(name)
  if (refused !== undefined) {
    const message = `Service ${service.namespace}/${service.name} leads to ${JSON.stringify(name)}: ${refused}.`
    return { endpoints: [], missing: { code: 'backend/external-name-refused', message } }
  }
  const port = externalPort(service, wanted)
  if (port === undefined) {
    const message = `Service ${service.namespace}/${service.name} has no port named ${JSON.stringify(wanted)}.`
    return { endpoints: [], missing: { code: 'backend/port-not-found', message } }
  }
  const addresses = isAddress(name) ? [name] : (snapshot.resolved.get(name) ?? [])
  const usable = addresses.filter((address) => !isLoopback(address))
  if (usable.length > 0)
    return { endpoints: distinct(usable.map((address) => ({ address: inBrackets(address), port }))) }
  if (addresses.length > 0) {
    const message = `The name ${JSON.stringify(name)} of Service ${service.namespace}/${service.name} resolves to this machine itself (${addresses.join(', ')}) only.`
    return { endpoints: [], missing: { code: 'backend/external-name-refused', message } }
  }
  const message = `The name ${JSON.stringify(name)} of Service ${service.namespace}/${service.name} does not resolve to an address.`
  return { endpoints: [], missing: { code: 'backend/external-name-unresolved', message } }
}

function externalPort(service: Service, wanted: PortReference): number | undefined {
  const found = findServicePort(service, wanted)
  if (found !== undefined) return typeof found.targetPort === 'number' ? found.targetPort : found.port
  return typeof wanted === 'number' ? wanted : undefined
}

function refuseName(name: string): string | undefined {
  const bare = name.toLowerCase().replace(/\.$/, '')
  if (bare === 'localhost' || bare.endsWith('.localhost') || isLoopback(bare)) return 'it is this machine itself'
  if (isAddress(bare)) return undefined
  const labels = bare.split('.')
  const valid = bare.length <= 253 && labels.every((label) => /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(label))
  return valid ? undefined : 'it is not a DNS name'
}

function isLoopback(address: string): boolean {
  const text = address.toLowerCase()
  return isAddress(text) && ipaddr.process(text).range() === 'loopback'
}

function inBrackets(address: string): string {
  return address.includes(':') ? `[${address}]` : address
}

function distinct(endpoints: readonly Endpoint[]): Endpoint[] {
  const byText = new Map(endpoints.map((endpoint) => [`${endpoint.address}:${endpoint.port}`, endpoint]))
  return [...byText.keys()].sort().flatMap((text) => byText.get(text) ?? [])
}
