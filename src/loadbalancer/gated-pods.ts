import type { CallFailure, KubernetesClient } from '../kubernetes/client.js'
import { resourcePath } from '../kubernetes/resource.js'
import { fieldsOf, listOf, textOf } from './raw-fields.js'
import type { EndpointView, PodView } from './views.js'

/** What a readiness gate of a load balancer is to a pod. */
export type GateState =
  /** It has no such gate, and never will: gates are fixed when a pod is made. */
  | 'without'
  /** Its containers are not ready: it is no backend yet. */
  | 'not ready'
  /** Its containers are ready; `closed`, `open`: whether the gate is. */
  | 'closed'
  | 'open'

export interface GatedPod {
  readonly pod: PodView
  readonly state: GateState
}

export interface GatesRead {
  /** Pods that are gone, or others of the same name by now, are not among them. */
  readonly pods: readonly GatedPod[]
  /** One of those that could not be read. */
  readonly failure: CallFailure | undefined
}

const TIMEOUT_MILLISECONDS = 10_000
const CALLS_AT_ONCE = 8

/** Pods that a gate may keep from being ready: only they have to be asked for. */
export function unreadyPods(endpoints: readonly EndpointView[]): readonly PodView[] {
  const pods = endpoints.flatMap(({ pod, ready, terminating }) =>
    pod === undefined || ready || terminating ? [] : [pod],
  )
  return [...new Map(pods.map((pod) => [pod.uid, pod])).values()]
}

/** Pods whose servers are to be registered although they are not ready: of `without` and `not ready` none. */
export function registerable(pods: readonly GatedPod[]): ReadonlySet<string> {
  return new Set(pods.filter(({ state }) => state === 'closed' || state === 'open').map(({ pod }) => pod.uid))
}

/** Reads each pod by itself. Rights: get on pods. */
export async function readGates(
  client: Pick<KubernetesClient, 'call'>,
  gate: string,
  pods: readonly PodView[],
): Promise<GatesRead> {
  const found: GatedPod[] = []
  let failure: CallFailure | undefined
  const left = [...pods]
  const work = async (): Promise<void> => {
    for (let pod = left.pop(); pod !== undefined; pod = left.pop()) {
      const { namespace, name, uid } = pod
      const path = resourcePath({ group: '', version: 'v1', plural: 'pods', namespace }, name)
      const answer = await client.call({ method: 'GET', path, timeoutMilliseconds: TIMEOUT_MILLISECONDS })
      if (!answer.ok) failure = answer.status === 404 ? failure : answer
      else if (textOf(fieldsOf(fieldsOf(answer.body)['metadata'])['uid']) === uid)
        found.push({ pod, state: stateOf(answer.body, gate) })
    }
  }
  await Promise.all(Array.from({ length: CALLS_AT_ONCE }, work))
  return { pods: found, failure }
}

function stateOf(raw: unknown, gate: string): GateState {
  const { spec, status } = fieldsOf(raw)
  const gates = listOf(fieldsOf(spec)['readinessGates']).map((one) => textOf(fieldsOf(one)['conditionType']))
  if (!gates.includes(gate)) return 'without'
  const conditions = listOf(fieldsOf(status)['conditions']).map(fieldsOf)
  const isTrue = (type: string): boolean =>
    conditions.some((one) => textOf(one['type']) === type && textOf(one['status']) === 'True')
  if (!isTrue('ContainersReady')) return 'not ready'
  return isTrue(gate) ? 'open' : 'closed'
}
