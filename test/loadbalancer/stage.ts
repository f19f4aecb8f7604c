import { createLoadBalancerController, type LoadBalancerController } from '../../src/loadbalancer/controller.js'
import type { FakeCluster } from './fake-cluster.js'
import { quiet, type ManualClock } from './manual-clock.js'
import type { MemoryCloud } from './memory-provider.js'

export interface Stage {
  readonly controller: LoadBalancerController
  /** As `Normal EnsuringLoadBalancer shop/front`. */
  readonly events: string[]
  readonly messages: string[]
  readonly logged: string[]
  leads: boolean
}

interface StageParts {
  readonly cluster: FakeCluster
  readonly cloud: MemoryCloud
  readonly clock: ManualClock
  readonly takeOver?: boolean
}

/** A controller that leads, and has done what there was to do. */
export async function startController({ cluster, cloud, clock, takeOver = false }: StageParts): Promise<Stage> {
  const events: string[] = []
  const messages: string[] = []
  const logged: string[] = []
  const stage: Stage = {
    events,
    messages,
    logged,
    leads: true,
    controller: createLoadBalancerController({
      provider: cloud,
      client: cluster.client,
      leadership: { isLeader: () => stage.leads },
      takeOver,
      tell({ service, type, reason, message }) {
        events.push(`${type} ${reason} ${service.namespace}/${service.name}`)
        messages.push(message)
      },
      log: (_level, message) => logged.push(message),
      clock,
    }),
  }
  stage.controller.lead()
  await quiet()
  return stage
}
