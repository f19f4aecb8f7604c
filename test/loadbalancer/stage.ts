import { createLoadBalancerController, type LoadBalancerController } from '../../src/loadbalancer/controller.js'
import type { FakeCluster } from './fake-cluster.js'
import { quiet, type ManualClock } from './manual-clock.js'
import type { PlannedStep, Provider } from '../../src/loadbalancer/provider.js'

export interface Stage {
  readonly controller: LoadBalancerController
  /** As `Normal EnsuringLoadBalancer shop/front`. */
  readonly events: string[]
  readonly messages: string[]
  readonly logged: string[]
  leads: boolean
}

interface StageParts<Existing, Step extends PlannedStep> {
  readonly cluster: FakeCluster
  readonly cloud: Provider<Existing, Step>
  readonly clock: ManualClock
  readonly takeOver?: boolean
}

/** A controller that leads, and has done what there was to do. */
export async function startController<Existing, Step extends PlannedStep>({
  cluster,
  cloud,
  clock,
  takeOver = false,
}: StageParts<Existing, Step>): Promise<Stage> {
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
