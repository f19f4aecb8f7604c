import type { KubernetesClient } from '../kubernetes/client.js'
import type { Clock } from '../kubernetes/clock.js'
import { createReflector, type Reflector, type ReflectorTimes } from '../kubernetes/reflector.js'
import { resourceName, type Resource } from '../kubernetes/resource.js'
import { readEndpoints, type SliceView } from './read-endpoints.js'
import { readNode } from './read-node.js'
import { readService } from './read-service.js'
import { keyOf, type EndpointView, type NodeView, type ServiceView } from './views.js'

/** Services, nodes and endpoints of the cluster, and what changes in them. */
export interface ClusterWorld {
  start(): void
  stop(): Promise<void>
  /** Resolves when everything has been read once. */
  readonly synced: Promise<void>
  readonly services: ReadonlyMap<string, ServiceView>
  /** In no order. A new list after each change. */
  nodes(): readonly NodeView[]
  /** Sorted by address. */
  endpointsOf(key: string): readonly EndpointView[]
}

export interface ClusterWorldParts {
  readonly client: KubernetesClient
  readonly clock: Clock
  readonly times?: Partial<ReflectorTimes>
  onService(key: string, before: ServiceView | undefined, after: ServiceView | undefined): void
  onEndpoints(key: string): void
  /** A node came, went, or is another one in something that is looked at. */
  onNodes(): void
  warn(message: string): void
}

const core = { group: '', version: 'v1', namespace: '' }
const services: Resource = { ...core, plural: 'services' }
const nodes: Resource = { ...core, plural: 'nodes' }
const slices: Resource = { group: 'discovery.k8s.io', version: 'v1', namespace: '', plural: 'endpointslices' }

/** Rights: list and watch on services, nodes and endpointslices of the whole cluster. */
export function createClusterWorld(parts: ClusterWorldParts): ClusterWorld {
  const byKey = new Map<string, ServiceView>()
  const byNode = new Map<string, NodeView>()
  const bySlice = new Map<string, SliceView>()
  const slicesOf = new Map<string, Set<string>>()
  let listed: readonly NodeView[] = []
  const syncs: Promise<void>[] = []

  function follow<T>(
    resource: Resource,
    project: (raw: unknown) => T | undefined,
    set: (object: T, key: string) => void,
    remove: (key: string) => void,
  ): Reflector {
    let resolve = (): void => undefined
    syncs.push(new Promise((done) => (resolve = done)))
    let said = ''
    return createReflector<T>({
      client: parts.client,
      clock: parts.clock,
      ...(parts.times === undefined ? {} : { times: parts.times }),
      resource,
      project,
      handler: {
        onSet: (object, namespace, name) => set(object, `${namespace}/${name}`),
        onDelete: (namespace, name) => remove(`${namespace}/${name}`),
        onSynced: () => resolve(),
        onState(state) {
          const sentence = state.kind === 'failing' ? state.cause.message : ''
          if (sentence !== '' && sentence !== said)
            parts.warn(`load balancers: ${resourceName(resource)} cannot be read: ${sentence}`)
          said = sentence
        },
        onFault: (message) => parts.warn(`load balancers: ${message}`),
      },
    })
  }

  function setSlice(slice: SliceView, key: string): void {
    const before = bySlice.get(key)
    if (before !== undefined && before.service !== slice.service) removeSlice(key)
    bySlice.set(key, slice)
    slicesOf.set(slice.service, (slicesOf.get(slice.service) ?? new Set()).add(key))
    if (JSON.stringify(before) !== JSON.stringify(slice)) parts.onEndpoints(slice.service)
  }

  function removeSlice(key: string): void {
    const before = bySlice.get(key)
    if (before === undefined) return
    bySlice.delete(key)
    const keys = slicesOf.get(before.service)
    keys?.delete(key)
    if (keys?.size === 0) slicesOf.delete(before.service)
    parts.onEndpoints(before.service)
  }

  const reflectors = [
    follow(
      services,
      readService,
      (service) => {
        const key = keyOf(service)
        const before = byKey.get(key)
        byKey.set(key, service)
        parts.onService(key, before, service)
      },
      (key) => {
        const before = byKey.get(key)
        byKey.delete(key)
        parts.onService(key, before, undefined)
      },
    ),
    follow(
      nodes,
      readNode,
      (node) => {
        const before = byNode.get(node.name)
        // A kubelet writes its node's status every few minutes, mostly with nothing new.
        if (JSON.stringify(before) === JSON.stringify(node)) return
        byNode.set(node.name, node)
        listed = [...byNode.values()]
        parts.onNodes()
      },
      (key) => {
        byNode.delete(key.slice(key.indexOf('/') + 1))
        listed = [...byNode.values()]
        parts.onNodes()
      },
    ),
    follow(slices, readEndpoints, setSlice, removeSlice),
  ]

  return {
    start: () => reflectors.forEach((reflector) => reflector.start()),
    async stop() {
      await Promise.all(reflectors.map((reflector) => reflector.stop()))
    },
    synced: Promise.all(syncs).then(() => undefined),
    services: byKey,
    nodes: () => listed,
    endpointsOf(key) {
      const found = [...(slicesOf.get(key) ?? [])].flatMap((slice) => bySlice.get(slice)?.endpoints ?? [])
      return found.sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0))
    },
  }
}
