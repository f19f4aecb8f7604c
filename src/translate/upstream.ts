import { DEFAULT_BACKEND, upstreamKey } from '../model/keys.js'
import type { UpstreamDocument } from '../model/documents.js'
import type { UpstreamWishes } from '../features/upstream.js'
import type { SplitSettings } from '../model/features.js'
import type { EndpointSlice, Service } from '../snapshot/objects.js'
import type { Snapshot } from '../snapshot/snapshot.js'
import { findEndpoints, findServiceAddress, type FoundEndpoints } from './endpoints.js'
import type { DeclaredBackend } from './ingress.js'
import type { TranslateOptions } from './options.js'
import { zoneWish } from './zones.js'

/** The objects that an upstream is made from; each the same one while it does not change. */
interface Origin {
  readonly service: Service | undefined
  readonly slices: readonly EndpointSlice[] | undefined
  readonly resolved: readonly string[] | undefined
  /** Where it has a say in the endpoints; else empty. */
  readonly zone: string
}

/** An upstream with what it was made from; the same object while those stay the same. */
export interface UpstreamCell extends Origin {
  /** Name of the document in the table. */
  readonly tableKey: string
  readonly document: UpstreamDocument
  readonly missing: FoundEndpoints['missing']
  readonly backend: DeclaredBackend
  readonly wishes: UpstreamWishes
  readonly canary: SplitSettings | undefined
}

/** The upstream of a Service port (ORD-5, section 6 of routing.md); `previous` is given back where nothing changed. */
export function translateUpstream(
  backend: DeclaredBackend,
  wishes: UpstreamWishes,
  canary: SplitSettings | undefined,
  snapshot: Snapshot,
  options: TranslateOptions,
  previous: UpstreamCell | undefined,
): UpstreamCell {
  const name = backend.serviceKey
  const origin = originOf(name, snapshot)
  const isKnown = previous !== undefined && isSame(previous, origin) && isSameUse(previous, backend, wishes, canary)
  if (isKnown) return previous
  const { service } = origin
  const found = service === undefined ? missingService(name) : findWished(service, backend, wishes, snapshot, options)
  const document: UpstreamDocument = {
    key: backend.key,
    label: labelOf(backend),
    addresses: found.endpoints.map(({ address }) => address),
    ports: found.endpoints.map(({ port }) => port),
    ...featuresOf(wishes, canary),
  }
  return { tableKey: upstreamKey(backend.key), document, missing: found.missing, backend, wishes, canary, ...origin }
}

/** In the access log (LOGF-2). */
function labelOf({ namespace, service, port, isDefault }: DeclaredBackend): string {
  return isDefault === true ? `custom-default-backend-${namespace}-${service}` : `${namespace}-${service}-${port}`
}

function featuresOf(
  { features }: UpstreamWishes,
  canary: SplitSettings | undefined,
): Pick<UpstreamDocument, 'features'> {
  if (canary === undefined) return features === undefined ? {} : { features }
  return { features: { ...features, canary } }
}

/** LB-4: the Service's own address where that is asked for and there is one. */
function findWished(
  service: Service,
  { port, isDefault }: DeclaredBackend,
  { throughService }: UpstreamWishes,
  snapshot: Snapshot,
  options: TranslateOptions,
): FoundEndpoints {
  if (isDefault === true) return findFirstEndpoints(service, snapshot, options)
  const own = throughService ? findServiceAddress(service, port) : undefined
  return own === undefined ? findEndpoints(service, port, snapshot, options) : { endpoints: [own] }
}

/** Those of the first port (DEF-1, ERR-6). */
function findFirstEndpoints(service: Service, snapshot: Snapshot, options: TranslateOptions): FoundEndpoints {
  const first = service.ports.find(({ protocol }) => protocol === 'TCP')
  if (first !== undefined) return findEndpoints(service, first.port, snapshot, options)
  const message = `Service ${service.namespace}/${service.name} has no TCP port.`
  return { endpoints: [], missing: { code: 'backend/port-not-found', message } }
}

function originOf(name: string, snapshot: Snapshot): Origin {
  const service = snapshot.services.get(name)
  return {
    service,
    slices: snapshot.endpointSlices.get(name),
    resolved: service?.type === 'ExternalName' ? snapshot.resolved.get(service.externalName) : undefined,
    zone: service === undefined || zoneWish(service) === 'none' ? '' : snapshot.zone,
  }
}

function isSame(a: Origin, b: Origin): boolean {
  return a.service === b.service && a.slices === b.slices && a.resolved === b.resolved && a.zone === b.zone
}

/** A port 80 and a port called "80" give upstreams of one key. */
function isSameUse(
  a: UpstreamCell,
  backend: DeclaredBackend,
  wishes: UpstreamWishes,
  canary: SplitSettings | undefined,
): boolean {
  return (
    a.backend.port === backend.port &&
    a.backend.serviceKey === backend.serviceKey &&
    (a.wishes === wishes || JSON.stringify(a.wishes) === JSON.stringify(wishes)) &&
    isSameSplit(a.canary, canary)
  )
}

/** A canary may come to the same from another place. */
function isSameSplit(a: SplitSettings | undefined, b: SplitSettings | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && JSON.stringify(a) === JSON.stringify(b))
}

function missingService(name: string): FoundEndpoints {
  return { endpoints: [], missing: { code: 'backend/service-not-found', message: `There is no Service ${name}.` } }
}

/** The global default backend with what it was made from. */
export interface DefaultBackend extends Origin {
  readonly document: UpstreamDocument
}

/** The global default backend: a Service's first port, or none, which answers 404 (DEF-1). */
export function translateDefaultBackend(
  snapshot: Snapshot,
  options: TranslateOptions,
  previous: DefaultBackend | undefined,
): DefaultBackend {
  const origin = originOf(options.defaultBackendService, snapshot)
  if (previous !== undefined && isSame(previous, origin)) return previous
  const { service } = origin
  const endpoints = service === undefined ? [] : findFirstEndpoints(service, snapshot, options).endpoints
  const document: UpstreamDocument = {
    key: DEFAULT_BACKEND,
    label: 'upstream-default-backend',
    addresses: endpoints.map(({ address }) => address),
    ports: endpoints.map(({ port }) => port),
    emptyStatus: 404,
  }
  return { document, ...origin }
}
