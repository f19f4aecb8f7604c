import { type AccessFlags, findAccess } from '../../src/kubernetes/find-access.js'
import type { KubernetesClient } from '../../src/kubernetes/client.js'
import { createKubernetesClient } from '../../src/kubernetes/http-client.js'
import { metadataOf } from '../../src/kubernetes/raw-object.js'
import { createReflector, type ReflectorTimes } from '../../src/kubernetes/reflector.js'
import type { ReflectorState } from '../../src/kubernetes/reflector-state.js'
import type { Resource } from '../../src/kubernetes/resource.js'
import { until } from '../serve/program.js'
import type { Cluster } from './cluster.js'

/** What a reflector made of one kind of object in one namespace, and everything it told on the way. */
export interface LocalCopy {
  /** Name to resourceVersion. */
  readonly objects: ReadonlyMap<string, string>
  /** Every name that was deleted from the copy, in order. */
  readonly deleted: readonly string[]
  readonly states: readonly ReflectorState[]
  /** The query of each list and watch. */
  readonly asked: readonly Readonly<Record<string, string>>[]
  syncs(): number
  state(): ReflectorState
  stop(): Promise<void>
}

export interface CopyOptions {
  readonly cluster: Cluster
  readonly namespace: string
  readonly plural?: 'configmaps' | 'secrets'
  /** Default: the administrator's. */
  readonly kubeconfig?: string
  readonly times?: Partial<ReflectorTimes>
}

/** Starts a reflector and waits for its first list. */
export async function startCopy(options: CopyOptions): Promise<LocalCopy> {
  const { cluster, namespace, plural = 'configmaps', kubeconfig = cluster.kubeconfig, times = {} } = options
  const resource: Resource = { group: '', version: 'v1', plural, namespace }
  const asked: Readonly<Record<string, string>>[] = []
  const client = recordQueries(clientOf({ kubeconfig, apiserverHost: '', certificateAuthority: '' }), asked)
  const objects = new Map<string, string>()
  const deleted: string[] = []
  const states: ReflectorState[] = []
  const faults: string[] = []
  let syncs = 0
  const reflector = createReflector<string>({
    client,
    resource,
    project: (raw) => String(metadataOf(raw)?.['resourceVersion']),
    times,
    handler: {
      onSet: (version, _, name) => void objects.set(name, version),
      onDelete(_, name) {
        deleted.push(name)
        objects.delete(name)
      },
      onSynced: () => void (syncs += 1),
      onState: (state) => void states.push(state),
      onFault: (message) => void faults.push(message),
    },
  })
  const stop = async (): Promise<void> => {
    await reflector.stop()
    await client.close()
    if (faults.length > 0) throw new Error(faults.join('\n'))
  }
  reflector.start()
  await until(async () => syncs > 0, 60_000)
  return { objects, deleted, states, asked, syncs: () => syncs, state: () => reflector.state, stop }
}

/** Waits until the copy is what kubectl shows. */
export async function converge(copy: LocalCopy, cluster: Cluster, namespace: string, plural = 'configmaps') {
  const line = '{range .items[*]}{.metadata.name}={.metadata.resourceVersion}{"\\n"}{end}'
  const shown = async (): Promise<string> =>
    sorted((await cluster.kubectl('-n', namespace, 'get', plural, '-o', `jsonpath=${line}`)).trim().split('\n'))
  const kept = (): string => sorted([...copy.objects].map(([name, version]) => `${name}=${version}`))
  await until(async () => kept() === (await shown()), 60_000)
}

export function clientOf(flags: AccessFlags): KubernetesClient {
  const found = findAccess(flags, { environment: {} })
  if (!found.ok) throw new Error(found.message)
  return createKubernetesClient(found.access)
}

/** Makes, or changes, ConfigMaps or Secrets of these names. */
export async function write(cluster: Cluster, namespace: string, kind: string, names: readonly string[], value = '') {
  const object = (name: string): object => ({ apiVersion: 'v1', kind, metadata: { name, annotations: { value } } })
  await cluster.apply(names.map(object), namespace)
}

function recordQueries(client: KubernetesClient, asked: Readonly<Record<string, string>>[]): KubernetesClient {
  return {
    ...client,
    call(call) {
      asked.push(call.query ?? {})
      return client.call(call)
    },
    stream(call) {
      asked.push(call.query ?? {})
      return client.stream(call)
    },
  }
}

const sorted = (lines: readonly string[]): string => [...lines].sort().join('\n')
