import type { CallFailure, CallResult, KubernetesClient } from '../../kubernetes/client.js'
import { resourcePath } from '../../kubernetes/resource.js'
import type { PublishedAddress } from '../../snapshot/objects.js'
import { inParallel } from './in-parallel.js'
import {
  parseItems,
  parseNodeAddresses,
  parseOwnPod,
  parsePods,
  parsePublishService,
  type OwnPod,
} from './parse-source.js'
import {
  addressesOfNodes,
  addressesOfService,
  countOthers,
  nodesOf,
  type ControllerPod,
  type StatusSource,
} from './source.js'

/** What was asked for, or a sentence; `missing`: an object that a flag or the environment names does not exist. */
export type Reading<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly missing: boolean; readonly message: string }

/** Our own pod, by POD_NAMESPACE and POD_NAME (FLG-3). */
export interface PodName {
  readonly namespace: string
  readonly name: string
}

const AT_ONCE = 8
const TIMEOUT_MILLISECONDS = 10_000

/**
 * Reads the addresses to publish (STA-2, STA-3). Rights: list on services, which may be narrowed to the one, or list on
 * pods of our namespace and on nodes.
 */
export async function readAddresses(
  client: Pick<KubernetesClient, 'call'>,
  source: StatusSource,
  pod: PodName | undefined,
): Promise<Reading<readonly PublishedAddress[]>> {
  switch (source.kind) {
    case 'fixed':
      return { ok: true, value: source.addresses }
    case 'service': {
      const { namespace, name } = source
      const service = await find(
        client,
        'services',
        namespace,
        name,
        `the Service ${namespace}/${name} of --publish-service`,
      )
      return service.ok ? { ok: true, value: addressesOfService(parsePublishService(service.value)) } : service
    }
    case 'nodes': {
      const pods = await readPods(client, pod)
      if (!pods.ok) return pods
      const names = nodesOf(pods.value)
      const found = await inParallel(names, AT_ONCE, (name) => find(client, 'nodes', '', name, `the node ${name}`))
      // A node that is gone has no address; with any other failure the list would be a wrong one.
      const bad = found.find((node) => !node.ok && !node.missing)
      if (bad !== undefined && !bad.ok) return bad
      const nodes = found.map((node) => (node.ok ? parseNodeAddresses(node.value) : []))
      return { ok: true, value: addressesOfNodes(nodes, source.prefer) }
    }
  }
}

/** STA-5: how many other controller pods there are. */
export async function readOtherPods(
  client: Pick<KubernetesClient, 'call'>,
  pod: PodName | undefined,
): Promise<Reading<number>> {
  const pods = await readPods(client, pod)
  return pods.ok ? { ok: true, value: countOthers(pods.value, pod?.name ?? '') } : pods
}

/** Our own pod's uid and the selector of all replicas. */
export async function readOwnPod(
  client: Pick<KubernetesClient, 'call'>,
  pod: PodName | undefined,
): Promise<Reading<OwnPod>> {
  if (pod === undefined || pod.name === '' || pod.namespace === '') {
    return { ok: false, missing: true, message: 'the environment has no POD_NAME and POD_NAMESPACE' }
  }
  const own = await find(client, 'pods', pod.namespace, pod.name, `the Pod ${pod.namespace}/${pod.name} of POD_NAME`)
  return own.ok ? { ok: true, value: parseOwnPod(own.value) } : own
}

async function readPods(
  client: Pick<KubernetesClient, 'call'>,
  pod: PodName | undefined,
): Promise<Reading<readonly ControllerPod[]>> {
  const own = await readOwnPod(client, pod)
  if (!own.ok) return own
  const namespace = pod?.namespace ?? ''
  if (own.value.selector === '') {
    // Without labels nobody else is known to be a replica, and an empty selector would be everybody.
    return {
      ok: false,
      missing: true,
      message: `the Pod ${namespace}/${pod?.name ?? ''} has no labels to find its replicas by`,
    }
  }
  const pods = await list(client, 'pods', namespace, { labelSelector: own.value.selector })
  return pods.ok ? { ok: true, value: parsePods(pods.body) } : failure(pods, `the pods of namespace ${namespace}`)
}

/** One object, by a list: the right to list is what roles have, also those made for ingress-nginx. */
async function find(
  client: Pick<KubernetesClient, 'call'>,
  plural: string,
  namespace: string,
  name: string,
  what: string,
): Promise<Reading<unknown>> {
  const answer = await list(client, plural, namespace, { fieldSelector: `metadata.name=${name}` })
  if (!answer.ok) return failure(answer, what)
  const [first] = parseItems(answer.body)
  return first === undefined
    ? { ok: false, missing: true, message: `${what} does not exist` }
    : { ok: true, value: first }
}

function list(
  client: Pick<KubernetesClient, 'call'>,
  plural: string,
  namespace: string,
  query: Readonly<Record<string, string>>,
): Promise<CallResult> {
  const path = resourcePath({ group: '', version: 'v1', plural, namespace })
  return client.call({ method: 'GET', path, query, timeoutMilliseconds: TIMEOUT_MILLISECONDS })
}

function failure(answer: CallFailure, what: string): Reading<never> {
  return { ok: false, missing: false, message: `${what} could not be read: ${answer.message}` }
}
