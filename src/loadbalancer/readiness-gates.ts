import type { CallFailure, KubernetesClient } from '../kubernetes/client.js'
import type { Clock } from '../kubernetes/clock.js'
import { resourcePath } from '../kubernetes/resource.js'
import { readGates, registerable, unreadyPods, type GatedPod } from './gated-pods.js'
import type { ServiceProblem } from './provider.js'
import { keyOf, type EndpointView, type PodView, type ServiceView } from './views.js'

/**
 * Readiness gates of pods that a load balancer opens: a pod counts as ready only when its server is registered. Such a
 * pod is no ready endpoint before that, and no watch that is there tells when its containers are, so those few are
 * asked for by themselves.
 *
 * @source loadbalancer.md section 2.4
 */
export interface ReadinessGates {
  /**
   * Uids of pods that are to be registered although they are not ready; also sees to it that the others are looked at
   * later.
   */
  read(service: ServiceView, gate: string, endpoints: readonly EndpointView[]): Promise<ReadonlySet<string>>
  /** Opens the gate of pods that `read` told of. The result is what went wrong. */
  open(service: ServiceView, gate: string, pods: readonly PodView[]): Promise<readonly ServiceProblem[]>
  forget(key: string): void
  stop(): void
}

export interface ReadinessGatesParts {
  readonly client: Pick<KubernetesClient, 'call'>
  readonly clock: Clock
  /** Containers of a pod of the Service became ready, or what failed is to be tried again. */
  changed(key: string): void
}

/** What is known of the pods of a Service that are not ready. */
interface Known {
  readonly without: ReadonlySet<string>
  readonly open: ReadonlySet<string>
  readonly registerable: ReadonlySet<string>
  readonly failure: CallFailure | undefined
}

const TIMEOUT_MILLISECONDS = 10_000
const AGAIN_MILLISECONDS = { first: 1000, most: 15_000 }
const AFTER_FAILURE_MILLISECONDS = 30_000
const WITHOUT_RIGHTS_MILLISECONDS = 300_000

/** Rights: get on pods, patch on pods/status. */
export function createReadinessGates({ client, clock, changed }: ReadinessGatesParts): ReadinessGates {
  const known = new Map<string, Known>()
  const timers = new Map<string, () => void>()
  let stopped = false

  function later(key: string, milliseconds: number, act: () => void): void {
    timers.get(key)?.()
    if (!stopped) timers.set(key, clock.after(milliseconds, act))
  }

  function again(key: string, { status }: CallFailure): void {
    later(key, status === 403 ? WITHOUT_RIGHTS_MILLISECONDS : AFTER_FAILURE_MILLISECONDS, () => changed(key))
  }

  /** Until containers of one of these are ready, or one is gone. */
  function follow(key: string, gate: string, pods: readonly PodView[], wait: number): void {
    const asked = known.get(key)
    later(key, wait, () => {
      void readGates(client, gate, pods).then((found) => {
        // Who has read since then follows other pods.
        if (stopped || asked === undefined || known.get(key) !== asked) return
        const waiting = found.pods.filter(({ state }) => state === 'not ready').length
        if (waiting < pods.length && found.failure === undefined) changed(key)
        else follow(key, gate, pods, Math.min(wait * 2, AGAIN_MILLISECONDS.most))
      })
    })
  }

  function forget(key: string): void {
    timers.get(key)?.()
    timers.delete(key)
    known.delete(key)
  }

  return {
    async read(service, gate, endpoints) {
      const key = keyOf(service)
      const unready = unreadyPods(endpoints)
      const before = known.get(key)
      forget(key)
      if (unready.length === 0) return new Set()
      const without = unready.filter(({ uid }) => before?.without.has(uid) === true)
      const { pods, failure } = await readGates(
        client,
        gate,
        unready.filter((pod) => !without.includes(pod)),
      )
      const inState = (wanted: GatedPod['state']): readonly PodView[] =>
        pods.filter(({ state }) => state === wanted).map(({ pod }) => pod)
      // What cannot be read now is as it was before: a server is not taken out because of that.
      const kept = failure === undefined ? [] : unready.filter(({ uid }) => before?.registerable.has(uid) === true)
      const wanted = new Set([...registerable(pods), ...uidsOf(kept)])
      known.set(key, {
        without: uidsOf([...without, ...inState('without')]),
        open: uidsOf(inState('open')),
        registerable: wanted,
        failure,
      })
      if (failure !== undefined) again(key, failure)
      else if (inState('not ready').length > 0) follow(key, gate, inState('not ready'), AGAIN_MILLISECONDS.first)
      return wanted
    },
    async open(service, gate, pods) {
      const key = keyOf(service)
      const { open = new Set<string>(), failure } = known.get(key) ?? {}
      const problems = failure === undefined ? [] : [problemOf('pods cannot be read', failure)]
      for (const pod of pods.filter(({ uid }) => !open.has(uid))) {
        const answer = await patch(pod, gate)
        if (answer.ok || isGone(answer)) continue
        problems.push(problemOf(`the status of the pod ${pod.name} cannot be patched`, answer))
        again(key, answer)
        break
      }
      return problems
    },
    forget,
    stop() {
      stopped = true
      for (const cancel of timers.values()) cancel()
    },
  }

  function patch({ namespace, name, uid }: PodView, gate: string) {
    const condition = {
      type: gate,
      status: 'True',
      reason: 'ServerRegistered',
      message: 'The pod is a server of the load balancer.',
      lastTransitionTime: new Date(clock.wall()).toISOString().replace(/\.\d+/, ''),
    }
    return client.call({
      method: 'PATCH',
      path: resourcePath({ group: '', version: 'v1', plural: 'pods', namespace }, name, 'status'),
      contentType: 'application/strategic-merge-patch+json',
      body: { metadata: { uid }, status: { conditions: [condition] } },
      timeoutMilliseconds: TIMEOUT_MILLISECONDS,
    })
  }
}

/** There is no such pod any more, or another one has its name: of a pod's status the API server calls that invalid. */
function isGone({ status, message }: CallFailure): boolean {
  return status === 404 || status === 409 || (status === 422 && message.includes('metadata.uid'))
}

function uidsOf(pods: readonly PodView[]): ReadonlySet<string> {
  return new Set(pods.map(({ uid }) => uid))
}

function problemOf(what: string, { message }: CallFailure): ServiceProblem {
  const sentence = `Pods that have the readiness gate of this Service do not become ready: ${what}: ${message}`
  return { severity: 'warning', reason: 'FailedUpdateReadinessGate', field: '', message: sentence }
}
