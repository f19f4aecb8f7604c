import { SortedMap } from '../collections/sorted-map.js'
import type {
  ConfigMap,
  EndpointSlice,
  Ingress,
  IngressClass,
  KubernetesObject,
  ObjectKind,
  Secret,
  Service,
} from './objects.js'
import type { Snapshot } from './snapshot.js'

/** The objects that are current, changed one by one and published as snapshots that never change. */
export interface Store {
  /** Adds an object, or puts it in the place of the one with the same kind, namespace and name. */
  set(object: KubernetesObject): void
  delete(kind: ObjectKind, namespace: string, name: string): void
  get(kind: ObjectKind, namespace: string, name: string): KubernetesObject | undefined
  /** Addresses of a name that ExternalName Services point to; undefined for a name that does not resolve. SVC-6. */
  setResolved(name: string, addresses: readonly string[] | undefined): void
  /** Whether class names can be judged; true unless it is said otherwise. SEL-2. */
  setIngressClassesReadable(readable: boolean): void
  /** SVC-9; empty until it is said otherwise. */
  setZone(zone: string): void
  /** The same value as before if nothing changed since; else only the maps of kinds that changed are new. */
  snapshot(): Snapshot
}

/** Creates an empty store. A change costs a few nodes of the map of its kind, whatever the size of the map. */
export function createStore(): Store {
  const ingresses = createTable<Ingress>()
  const ingressClasses = createTable<IngressClass>()
  const services = createTable<Service>()
  const secrets = createTable<Secret>()
  const configMaps = createTable<ConfigMap>()
  const slices = new Map<string, EndpointSlice>()
  const slicesByService = createTable<readonly EndpointSlice[]>()
  const resolved = createTable<readonly string[]>()
  const tables = {
    Ingress: ingresses,
    IngressClass: ingressClasses,
    Service: services,
    Secret: secrets,
    ConfigMap: configMaps,
  }
  let ingressClassesReadable = true
  let zone = ''
  let published: Snapshot | undefined

  const removeSlice = (key: string): void => {
    const slice = slices.get(key)
    if (slice === undefined) return
    slices.delete(key)
    if (slice.service === '') return
    const service = `${slice.namespace}/${slice.service}`
    const rest = (slicesByService.get(service) ?? []).filter((other) => other !== slice)
    if (rest.length === 0) slicesByService.delete(service)
    else slicesByService.set(service, Object.freeze(rest))
  }

  const addSlice = (key: string, slice: EndpointSlice): void => {
    removeSlice(key)
    slices.set(key, slice)
    if (slice.service === '') return
    const service = `${slice.namespace}/${slice.service}`
    const others = slicesByService.get(service) ?? []
    const at = others.findIndex((other) => other.name > slice.name)
    slicesByService.set(service, Object.freeze(others.toSpliced(at === -1 ? others.length : at, 0, slice)))
  }

  return {
    set(object) {
      const key = keyOf(object.kind, object.namespace, object.name)
      if (this.get(object.kind, object.namespace, object.name) === object) return
      published = undefined
      switch (object.kind) {
        case 'Ingress':
          return ingresses.set(key, object)
        case 'IngressClass':
          return ingressClasses.set(key, object)
        case 'Service':
          return services.set(key, object)
        case 'Secret':
          return secrets.set(key, object)
        case 'ConfigMap':
          return configMaps.set(key, object)
        case 'EndpointSlice':
          return addSlice(key, object)
      }
    },
    delete(kind, namespace, name) {
      if (this.get(kind, namespace, name) === undefined) return
      published = undefined
      const key = keyOf(kind, namespace, name)
      if (kind === 'EndpointSlice') removeSlice(key)
      else tables[kind].delete(key)
    },
    get(kind, namespace, name) {
      const key = keyOf(kind, namespace, name)
      return kind === 'EndpointSlice' ? slices.get(key) : tables[kind].get(key)
    },
    setResolved(name, addresses) {
      if (resolved.get(name) === addresses) return
      published = undefined
      if (addresses === undefined) resolved.delete(name)
      else resolved.set(name, addresses)
    },
    setIngressClassesReadable(readable) {
      if (readable === ingressClassesReadable) return
      published = undefined
      ingressClassesReadable = readable
    },
    setZone(name) {
      if (name === zone) return
      published = undefined
      zone = name
    },
    snapshot() {
      published ??= Object.freeze({
        ingresses: ingresses.publish(),
        ingressClasses: ingressClasses.publish(),
        ingressClassesReadable,
        services: services.publish(),
        endpointSlices: slicesByService.publish(),
        secrets: secrets.publish(),
        configMaps: configMaps.publish(),
        resolved: resolved.publish(),
        zone,
      })
      return published
    },
  }
}

function keyOf(kind: ObjectKind, namespace: string, name: string): string {
  return kind === 'IngressClass' ? name : `${namespace}/${name}`
}

interface Table<T> {
  get(key: string): T | undefined
  set(key: string, value: T): void
  delete(key: string): void
  publish(): SortedMap<T>
}

/** Changes are collected until somebody wants to see them: thousands at once are cheaper than one after the other. */
function createTable<T>(): Table<T> {
  let map = SortedMap.empty<T>()
  const changes = new Map<string, T | undefined>()
  return {
    get: (key) => (changes.has(key) ? changes.get(key) : map.get(key)),
    set: (key, value) => void changes.set(key, value),
    delete: (key) => void changes.set(key, undefined),
    publish() {
      map = map.with(changes)
      changes.clear()
      return map
    },
  }
}
