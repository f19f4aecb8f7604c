import type { Observed, Orphan, Plan, PlanInput, Provider, StepContext, StepResult } from '../provider.js'
import type { ServiceView } from '../views.js'
import type { Cloud } from './api.js'
import { failureOf } from './ask.js'
import type { ClbExisting } from './clb-existing.js'
import { observeClb } from './clb-observe.js'
import { clbOrphans } from './clb-orphans.js'
import { planClb } from './clb-plan.js'
import { runClb } from './clb-run.js'
import type { ClbStep } from './clb-steps.js'
import { createMade } from './made.js'
import { CCM, FINALIZER, HASH_LABEL, ID_LABEL } from './names.js'
import type { ClusterFacts } from './settings.js'

export interface AlibabaOptions {
  readonly cloud: Cloud
  readonly facts: ClusterFacts
  /** Milliseconds of any clock that goes forward. */
  readonly now: () => number
  /** So long something new may be unseen until it counts as deleted by others. Default 120 s. */
  readonly seenWithinMilliseconds?: number
}

export type AlibabaExisting = ClbExisting
export type AlibabaStep = ClbStep
export type AlibabaProvider = Provider<AlibabaExisting, AlibabaStep>

/** Services without a class get a Classic Load Balancer of Alibaba Cloud. @source loadbalancer.md sections 2 to 6 */
export function createAlibabaProvider({ cloud, facts, now, seenWithinMilliseconds }: AlibabaOptions): AlibabaProvider {
  const made = createMade(now, seenWithinMilliseconds)
  return {
    name: 'alibaba',
    serves: (loadBalancerClass) => loadBalancerClass === undefined,
    finalizer: FINALIZER,
    labelKeys: [HASH_LABEL, ID_LABEL],
    foreign: { finalizers: CCM.finalizers, labels: CCM.labels },
    observe: (service) =>
      observed(async () => {
        const existing = await observeClb(cloud, service, facts)
        if (existing.balancer !== undefined) made.seen(service.uid)
        return existing
      }),
    plan: (input) => planFor(input, facts),
    async run(step, existing, { service }: StepContext): Promise<StepResult<AlibabaExisting>> {
      try {
        return await runClb(cloud, step.do, existing, service, facts, made)
      } catch (cause) {
        return { kind: 'failed', failure: failureOf(cause) }
      }
    },
    orphans: (services: readonly ServiceView[]): Promise<Observed<readonly Orphan[]>> =>
      observed(() => clbOrphans(cloud, services, facts)),
  }
}

function planFor(input: PlanInput<AlibabaExisting>, facts: ClusterFacts): Plan<AlibabaStep> {
  return planClb(input, facts)
}

async function observed<T>(read: () => Promise<T>): Promise<Observed<T>> {
  try {
    return { ok: true, value: await read() }
  } catch (cause) {
    return { ok: false, failure: failureOf(cause) }
  }
}
