import type { Call, CallResult, KubernetesClient, StreamResult } from '../../src/kubernetes/client.js'

type Fields = Record<string, unknown>

interface Stored {
  readonly kind: 'services' | 'nodes' | 'endpointslices' | 'configmaps' | 'pods'
  object: Fields
}

/**
 * Services, Nodes, EndpointSlices, ConfigMaps, Pods and Leases of an API server in this process: streaming lists and
 * watches, the patches that the load-balancer controller sends, finalizers that keep an object, and a version for each
 * write. Writes of others are methods. What a real API server makes of the same calls is in
 * test/api/loadbalancer.test.ts.
 */
export interface FakeCluster {
  readonly client: KubernetesClient
  /** The controller's writes, as `PATCH shop/front status`; refused ones too. */
  readonly writes: string[]
  put(kind: Stored['kind'], object: object): void
  /** Of a Service, by `namespace/name`; undefined: it is gone. */
  service(key: string): Fields | undefined
  pod(key: string): Fields | undefined
  /** As `kubectl delete`: at once without finalizers. */
  remove(kind: Stored['kind'], key: string): void
  /** Takes the object away whatever its finalizers say. */
  destroy(key: string): void
  /** Reads of single objects, as `GET shop/front`. */
  readonly reads: string[]
  /** Called before each write, and each read of a pod, of the controller: what it is answered, or undefined. */
  interfere: (call: Call) => CallResult | undefined
}

export function createFakeCluster(): FakeCluster {
  const objects = new Map<string, Stored>()
  const watchers = new Set<{ kind: string; send: (line: string) => void }>()
  const writes: string[] = []
  const reads: string[] = []
  let version = 1

  function announce(type: string, { kind, object }: Stored): void {
    for (const watcher of watchers) {
      if (watcher.kind === kind) watcher.send(JSON.stringify({ type, object }))
    }
  }

  function store(entry: Stored): void {
    const metadata = metadataOf(entry.object)
    version += 1
    metadata['resourceVersion'] = String(version)
    const id = `${entry.kind}:${keyOf(entry.object)}`
    const isNew = !objects.has(id)
    const ends = metadata['deletionTimestamp'] !== undefined && finalizersOf(entry.object).length === 0
    if (ends) objects.delete(id)
    else objects.set(id, entry)
    announce(ends ? 'DELETED' : isNew ? 'ADDED' : 'MODIFIED', entry)
  }

  function patch(call: Call): CallResult {
    const [, , , , namespace = '', plural = '', name = '', subresource = ''] = call.path.split('/')
    writes.push(`PATCH ${namespace}/${name}${subresource === '' ? '' : ` ${subresource}`}`)
    const refused = cluster.interfere(call)
    if (refused !== undefined) return refused
    const found = objects.get(`${plural}:${namespace}/${name}`)
    if (found === undefined) return failure(404, 'NotFound')
    const body = structuredClone(call.body) as { metadata: Fields; status?: Fields }
    if (body.metadata['uid'] !== metadataOf(found.object)['uid']) return failure(409, 'Conflict')
    const object = structuredClone(found.object)
    if (plural === 'pods') patchConditions(object['status'] as Fields, body.status ?? {})
    else if (subresource === 'status') object['status'] = { ...(object['status'] as Fields), ...body.status }
    else patchMetadata(metadataOf(object), body.metadata)
    if (JSON.stringify(object) !== JSON.stringify(found.object)) store({ ...found, object })
    return { ok: true, status: 200, body: object }
  }

  function get(call: Call): CallResult {
    const [, , , , namespace = '', plural = '', name = ''] = call.path.split('/')
    reads.push(`GET ${namespace}/${name}`)
    const refused = cluster.interfere(call)
    if (refused !== undefined) return refused
    const found = objects.get(`${plural}:${namespace}/${name}`)
    return found === undefined
      ? failure(404, 'NotFound')
      : { ok: true, status: 200, body: structuredClone(found.object) }
  }

  const leases = new Map<string, Fields>()

  /** As an API server keeps Leases: a version for each write, and 409 for who did not see the last one. */
  function lease({ method, path, body }: Call): CallResult {
    const wanted = structuredClone(body ?? {}) as Fields
    const named = method === 'POST' ? String(metadataOf(wanted)['name']) : (path.split('/').at(-1) ?? '')
    const found = leases.get(named)
    if (method === 'GET') return found === undefined ? failure(404, 'NotFound') : { ok: true, status: 200, body: found }
    const isOld =
      method === 'POST' ? found !== undefined : found === undefined || versionOf(found) !== versionOf(wanted)
    if (isOld) return failure(409, 'Conflict')
    version += 1
    const stored = { ...wanted, metadata: { ...metadataOf(wanted), resourceVersion: String(version) } }
    leases.set(named, stored)
    return { ok: true, status: 200, body: structuredClone(stored) }
  }

  const cluster: FakeCluster = {
    writes,
    reads,
    interfere: () => undefined,
    put: (kind, object) => store({ kind, object: structuredClone(object) as Fields }),
    service: (key) => objects.get(`services:${key}`)?.object,
    pod: (key) => objects.get(`pods:${key}`)?.object,
    remove(kind, key) {
      const found = objects.get(`${kind}:${key}`)
      if (found === undefined) return
      const object = structuredClone(found.object)
      metadataOf(object)['deletionTimestamp'] = '2026-01-31T12:00:00Z'
      store({ kind, object })
    },
    destroy(key) {
      const found = objects.get(`services:${key}`)
      objects.delete(`services:${key}`)
      if (found !== undefined) announce('DELETED', found)
    },
    client: {
      server: 'https://192.0.2.1',
      call: async (call) => {
        await Promise.resolve()
        if (call.path.includes('/leases')) return lease(call)
        if (call.method === 'GET') return get(call)
        return call.method === 'PATCH' ? patch(call) : failure(405, 'MethodNotAllowed')
      },
      stream: async ({ path, signal }) => {
        await Promise.resolve()
        const kind = path.split('/').at(-1) ?? ''
        const lines: string[] = []
        let wake = (): void => undefined
        let ended = false
        const send = (line: string): void => {
          lines.push(line)
          wake()
        }
        for (const { kind: of, object } of objects.values())
          if (of === kind) send(JSON.stringify({ type: 'ADDED', object }))
        const annotations = { 'k8s.io/initial-events-end': 'true' }
        send(
          JSON.stringify({ type: 'BOOKMARK', object: { metadata: { resourceVersion: String(version), annotations } } }),
        )
        const watcher = { kind, send }
        watchers.add(watcher)
        const cancel = (): void => {
          ended = true
          signal?.removeEventListener('abort', cancel)
          watchers.delete(watcher)
          wake()
        }
        signal?.addEventListener('abort', cancel)
        async function* chunks(): AsyncGenerator<Buffer> {
          while (!ended) {
            for (let line = lines.shift(); line !== undefined; line = lines.shift()) yield Buffer.from(`${line}\n`)
            if (!ended) await new Promise<void>((resolve) => (wake = resolve))
          }
        }
        return { ok: true, chunks: chunks(), cancel } satisfies StreamResult
      },
      close: () => Promise.resolve(),
    },
  }
  return cluster
}

function patchMetadata(metadata: Fields, wanted: Fields): void {
  const off = (wanted['$deleteFromPrimitiveList/finalizers'] ?? []) as readonly string[]
  const added = (wanted['finalizers'] ?? []) as readonly string[]
  const before = (metadata['finalizers'] ?? []) as readonly string[]
  metadata['finalizers'] = [...new Set([...before, ...added])].filter((one) => !off.includes(one))
  const labels = { ...(metadata['labels'] as Fields), ...(wanted['labels'] as Fields) }
  metadata['labels'] = Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== null))
}

/** As a strategic patch has it: conditions are told apart by their type. */
function patchConditions(status: Fields, wanted: Fields): void {
  const given = (wanted['conditions'] ?? []) as readonly Fields[]
  const before = (status['conditions'] ?? []) as readonly Fields[]
  status['conditions'] = [...before.filter(({ type }) => !given.some((one) => one['type'] === type)), ...given]
}

function versionOf(object: Fields): unknown {
  return metadataOf(object)['resourceVersion']
}

function metadataOf(object: Fields): Fields {
  return object['metadata'] as Fields
}

function finalizersOf(object: Fields): readonly unknown[] {
  return (metadataOf(object)['finalizers'] ?? []) as readonly unknown[]
}

function keyOf(object: Fields): string {
  const { namespace = '', name } = metadataOf(object)
  return `${String(namespace)}/${String(name)}`
}

function failure(status: number, reason: string): CallResult {
  return { ok: false, status, reason, message: reason }
}
