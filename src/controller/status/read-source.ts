import type { CallFailure, CallResult, KubernetesClient } from '../../kubernetes/client.js'
import { resourcePath } from '../../kubernetes/resource.js'
import type { PublishedAddress } from '../../snapshot/objects.js'
import { inParallel } from './in-parallel.js'
import { parseNodeAddresses, parseOwnPod, parsePods, parsePublishService, type OwnPod } from './parse-source.js'
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

/** Reads the addresses to publish (STA-2, STA-3). Rights: get on Services, or get and list on pods and get on nodes. */
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
      const answer = await get(client, core('services', namespace, name))
      if (!answer.ok) return failure(answer, `the Service ${namespace}/${name} of --publish-service`)
      return { ok: true, value: addressesOfService(parsePublishService(answer.body)) }
    }
    case 'nodes': {
      const pods = await readPods(client, pod)
      if (!pods.ok) return pods
      const names = nodesOf(pods.value)
      const answers = await inParallel(names, AT_ONCE, (name) => get(client, core('nodes', '', name)))
      // A node that is gone has no address; with any other failure the list would be a wrong one.
      const failed = answers.findIndex((answer) => !answer.ok && answer.status !== 404)
      const bad = answers[failed]
      if (bad !== undefined && !bad.ok) return failure(bad, `the node ${names[failed] ?? ''}`)
      const nodes = answers.map((answer) => (answer.ok ? parseNodeAddresses(answer.body) : []))
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
  const answer = await get(client, core('pods', pod.namespace, pod.name))
  if (!answer.ok) return failure(answer, `the Pod ${pod.namespace}/${pod.name} of POD_NAME`)
  return { ok: true, value: parseOwnPod(answer.body) }
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
  const answer = await get(client, core('pods', namespace), { labelSelector: own.value.selector })
  if (!answer.ok) return failure(answer, `the pods of namespace ${namespace}`)
  return { ok: true, value: parsePods(answer.body) }
}

function core(plural: string, namespace: string, name = ''): string {
  return resourcePath({ group: '', version: 'v1', plural, namespace }, name)
}

function get(
  client: Pick<KubernetesClient, 'call'>,
  path: string,
  query: Readonly<Record<string, string>> = {},
): Promise<CallResult> {
  return client.call({ method: 'GET', path, query, timeoutMilliseconds: TIMEOUT_MILLISECONDS })
}

function failure(answer: CallFailure, what: string): Reading<never> {
  if (answer.status === 404) return { ok: false, missing: true, message: `${what} does not exist` }
  return { ok: false, missing: false, message: `${what} could not be read: ${answer.message}` }
}
