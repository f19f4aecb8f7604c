import { SortedMap } from '../collections/sorted-map.js'
import type { ConfigMap, EndpointSlice, Ingress, IngressClass, Secret, Service } from './objects.js'

/**
 * Everything that was read, at one moment. Maps are keyed by `namespace/name` (IngressClass: by `name`) and never
 * change; an object that did not change is the same object in the next snapshot. So what changed between two snapshots
 * is `differences` of their maps, and the translation does its work again only there.
 */
export interface Snapshot {
  readonly ingresses: SortedMap<Ingress>
  readonly ingressClasses: SortedMap<IngressClass>
  /** false: the API server does not let us read them, so class names say nothing. SEL-2. */
  readonly ingressClassesReadable: boolean
  readonly services: SortedMap<Service>
  /** Slices of a Service, keyed by the Service's `namespace/name`, ordered by their own name. */
  readonly endpointSlices: SortedMap<readonly EndpointSlice[]>
  readonly secrets: SortedMap<Secret>
  readonly configMaps: SortedMap<ConfigMap>
  /** Addresses of names that ExternalName Services point to; a name that is not in it has not been resolved. SVC-6. */
  readonly resolved: SortedMap<readonly string[]>
  /** Zone of the node that NGINX runs on; empty: not known, or not to be looked at. SVC-9. */
  readonly zone: string
}

export const emptySnapshot: Snapshot = Object.freeze({
  ingresses: SortedMap.empty<Ingress>(),
  ingressClasses: SortedMap.empty<IngressClass>(),
  ingressClassesReadable: true,
  services: SortedMap.empty<Service>(),
  endpointSlices: SortedMap.empty<readonly EndpointSlice[]>(),
  secrets: SortedMap.empty<Secret>(),
  configMaps: SortedMap.empty<ConfigMap>(),
  resolved: SortedMap.empty<readonly string[]>(),
  zone: '',
})
