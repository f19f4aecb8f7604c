import { findAccess } from '../../../src/kubernetes/find-access.js'
import { createKubernetesClient } from '../../../src/kubernetes/http-client.js'
import type { CallResult, KubernetesClient } from '../../../src/kubernetes/client.js'
import { resourcePath, type Resource } from '../../../src/kubernetes/resource.js'
import { NAMESPACE } from '../../hosts.js'
import type { KubernetesObject } from '../../manifests.js'
import { countRequests } from '../metrics-text.js'
import { inParallel } from '../parallel.js'

/** What the bench does to the cluster, as its administrator. Everything throws what the API server says against it. */
export interface Api {
  readonly client: KubernetesClient
  create(object: KubernetesObject): Promise<void>
  /** Many at once, over kept connections; `onDone` hears how many there are, after each. */
  createAll(objects: Iterable<KubernetesObject>, onDone?: (done: number) => void): Promise<void>
  /** Puts an EndpointSlice in the place of the one that is there. */
  replaceSlice(name: string, object: KubernetesObject): Promise<void>
  deleteIngress(name: string): Promise<void>
  /** Writes of the status of Ingresses that the API server has answered since it started, by its own count. */
  statusWrites(): Promise<number>
  close(): Promise<void>
}

const AT_ONCE = 32

export function openApi(kubeconfig: string): Api {
  const found = findAccess({ kubeconfig, apiserverHost: '', certificateAuthority: '' }, { environment: {} })
  if (!found.ok) throw new Error(found.message)
  const client = createKubernetesClient(found.access)
  const create = async (object: KubernetesObject): Promise<void> => {
    orThrow(await client.call({ method: 'POST', path: resourcePath(resourceOf(object)), body: object }))
  }
  return {
    client,
    create,
    async createAll(objects, onDone) {
      let done = 0
      await inParallel(objects, AT_ONCE, async (object) => {
        await create(object)
        onDone?.(++done)
      })
    },
    async replaceSlice(name, object) {
      const path = resourcePath(resourceOf(object), name)
      orThrow(await client.call({ method: 'PUT', path, body: object }))
    },
    async deleteIngress(name) {
      const path = resourcePath(resources.Ingress, name)
      orThrow(await client.call({ method: 'DELETE', path }))
    },
    async statusWrites() {
      const answer = await client.stream({ path: '/metrics', accept: 'text/plain' })
      if (!answer.ok) throw new Error(answer.message)
      let text = ''
      for await (const chunk of answer.chunks) text += chunk.toString()
      return countRequests(text, { resource: 'ingresses', subresource: 'status' }, ['PATCH', 'PUT', 'APPLY'])
    },
    close: client.close,
  }
}

type Kind = 'Namespace' | 'IngressClass' | 'Ingress' | 'Service' | 'EndpointSlice' | 'Secret' | 'ConfigMap'

const core = { group: '', version: 'v1' }
const networking = { group: 'networking.k8s.io', version: 'v1' }

const resources: Readonly<Record<Kind, Resource>> = {
  Namespace: { ...core, plural: 'namespaces', namespace: '' },
  IngressClass: { ...networking, plural: 'ingressclasses', namespace: '' },
  Ingress: { ...networking, plural: 'ingresses', namespace: NAMESPACE },
  Service: { ...core, plural: 'services', namespace: NAMESPACE },
  EndpointSlice: { group: 'discovery.k8s.io', version: 'v1', plural: 'endpointslices', namespace: NAMESPACE },
  Secret: { ...core, plural: 'secrets', namespace: NAMESPACE },
  ConfigMap: { ...core, plural: 'configmaps', namespace: NAMESPACE },
}

function resourceOf({ kind, metadata }: KubernetesObject): Resource {
  const resource = Object.entries(resources).find(([name]) => name === kind)?.[1]
  if (resource === undefined) throw new Error(`the bench makes no ${String(kind)}`)
  const namespace = typeof metadata === 'object' && metadata !== null && 'namespace' in metadata
  return namespace ? { ...resource, namespace: String(metadata.namespace) } : resource
}

function orThrow(result: CallResult): void {
  if (!result.ok) throw new Error(`the API server answers ${result.status} ${result.reason}: ${result.message}`)
}
