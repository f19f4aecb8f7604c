import type { ConfigMap, EndpointSlice, Ingress, IngressClass, Secret, Service } from './objects.js'

/**
 * Everything that was read, at one moment. Maps are keyed by `namespace/name` (IngressClass: by `name`) and never
 * change once published; an object that did not change is the same object in the next snapshot, which is what lets
 * the translation do its work again only where something did.
 */
export interface Snapshot {
  readonly ingresses: ReadonlyMap<string, Ingress>
  readonly ingressClasses: ReadonlyMap<string, IngressClass>
  /** false: the API server does not let us read them, so class names say nothing. SEL-2. */
  readonly ingressClassesReadable: boolean
  readonly services: ReadonlyMap<string, Service>
  /** Slices of a Service, keyed by the Service's `namespace/name`, ordered by their own name. */
  readonly endpointSlices: ReadonlyMap<string, readonly EndpointSlice[]>
  readonly secrets: ReadonlyMap<string, Secret>
  readonly configMaps: ReadonlyMap<string, ConfigMap>
  /** Addresses of names that ExternalName Services point to; a name that is not in it has not been resolved. SVC-6. */
  readonly resolved: ReadonlyMap<string, readonly string[]>
}
