import type { Observed, Orphan, Plan, PlanInput, Provider, StepContext, StepResult } from '../provider.js'
import type { ServiceView } from '../views.js'
import type { Cloud } from './api.js'
import { failureOf } from './ask.js'
import type { ClbExisting } from './clb-existing.js'
import { byTag, observeClb } from './clb-observe.js'
import { clbOrphans } from './clb-orphans.js'
import { planClbAbsent } from './clb-absent.js'
import { planClb } from './clb-plan.js'
import { runClb } from './clb-run.js'
import type { ClbStep } from './clb-steps.js'
import { gateOf } from './gates.js'
import { createListing } from './listing.js'
import { createMade, type Made } from './made.js'
import { CCM, FINALIZER, HASH_LABEL, ID_LABEL, TAGS, USERS_LABEL } from './names.js'
import { planNlbAbsent } from './nlb-absent.js'
import type { NlbExisting } from './nlb-existing.js'
import { groupsByTag, nlbByTag, observeNlb } from './nlb-observe.js'
import { nlbOrphans } from './nlb-orphans.js'
import { planNlb } from './nlb-plan.js'
import { listenerKey, runNlb } from './nlb-run.js'
import type { NlbStep } from './nlb-steps.js'
import type { ClusterFacts } from './settings.js'

export interface AlibabaOptions {
  readonly cloud: Cloud
  readonly facts: ClusterFacts
  /** Milliseconds of any clock that goes forward. */
  readonly now: () => number
  /** So long something new may be unseen until it counts as deleted by others. Default 120 s. */
  readonly seenWithinMilliseconds?: number
}

export type AlibabaExisting = ClbExisting | NlbExisting
export type AlibabaStep = ClbStep | NlbStep
export type AlibabaProvider = Provider<AlibabaExisting, AlibabaStep>

const NLB_CLASS = 'alibabacloud.com/nlb'

/**
 * Load balancers of Alibaba Cloud: Services without a class get a Classic Load Balancer (CLB), those of the class
 * `alibabacloud.com/nlb` a Network Load Balancer.
 *
 * @source loadbalancer.md sections 2 to 6
 */
export function createAlibabaProvider({ cloud, facts, now, seenWithinMilliseconds }: AlibabaOptions): AlibabaProvider {
  const made = createMade(now, seenWithinMilliseconds)
  const listing = createListing(() => byTag(cloud, facts, TAGS.cluster, facts.cluster), now)
  const listings = {
    balancers: createListing(() => nlbByTag(cloud, facts, TAGS.cluster, facts.cluster), now),
    groups: createListing(() => groupsByTag(cloud, facts, TAGS.cluster, facts.cluster), now),
  }
  const forget = (): void => {
    for (const one of [listing, listings.balancers, listings.groups]) one.forget()
  }
  return {
    name: 'alibaba',
    serves: (loadBalancerClass) => loadBalancerClass === undefined || loadBalancerClass === NLB_CLASS,
    finalizer: FINALIZER,
    labelKeys: [HASH_LABEL, ID_LABEL, USERS_LABEL],
    foreign: { finalizers: CCM.finalizers, labels: CCM.labels },
    readinessGate: (service) => gateOf(service, facts),
    observe: (service) => observed(() => observe(service)),
    plan: (input) => planFor(input, facts),
    async run(step, existing, { service }: StepContext): Promise<StepResult<AlibabaExisting>> {
      try {
        if (step.cloud === 'clb' && existing.cloud === 'clb')
          return await onInstance(step.on, existing, (on) => runClb(cloud, step.do, on, service, facts, made))
        if (step.cloud === 'nlb' && existing.cloud === 'nlb')
          return await onInstance(step.on, existing, (on) => runNlb({ cloud, facts, made }, step.do, on, service))
        throw new Error('a step of one kind of load balancer cannot be carried out on another')
      } catch (cause) {
        return { kind: 'failed', failure: failureOf(cause) }
      } finally {
        forget()
      }
    },
    orphans: (services: readonly ServiceView[]): Promise<Observed<readonly Orphan[]>> =>
      observed(async () => {
        const found = await Promise.all([clbOrphans(cloud, services, facts), nlbOrphans(cloud, services, facts)])
        return found.flat()
      }),
  }

  async function observe(service: ServiceView): Promise<AlibabaExisting> {
    // The class goes when the type does: what there is says then which kind it was.
    const isOpen = service.type !== 'LoadBalancer'
    if (isOpen || service.loadBalancerClass === NLB_CLASS) {
      const existing = await observeNlb(cloud, service, facts, listings)
      noteSeen(made, service, existing)
      const { balancer, groups, several, guards } = existing
      const isThere = balancer !== undefined || groups.length > 0 || several.length > 0 || guards.length > 0
      if (!isOpen || isThere) return existing
    }
    const existing = await observeClb(cloud, service, facts, listing)
    if (existing.balancer !== undefined) made.seen(service.uid)
    return existing
  }
}

/** Carries a step out on the instance that a Service was with before, as if it were its own. */
async function onInstance<Existing extends { readonly balancer: unknown; readonly former: Existing['balancer'] }>(
  on: 'former' | undefined,
  existing: Existing,
  run: (existing: Existing) => Promise<StepResult<Existing>>,
): Promise<StepResult<Existing>> {
  if (on === undefined) return run(existing)
  const result = await run({ ...existing, balancer: existing.former })
  if (result.kind !== 'done') return result
  return {
    kind: 'done',
    existing: { ...result.existing, balancer: existing.balancer, former: result.existing.balancer },
  }
}

function noteSeen(made: Made, service: ServiceView, { balancer, groups, guards }: NlbExisting): void {
  if (balancer !== undefined) made.seen(service.uid)
  if (guards.length > 0) made.seen(`${service.uid}/guard`)
  for (const { name, isOurs, status } of groups)
    if (isOurs && status !== 'Deleting') made.seen(`${service.uid}/${name}`)
  for (const { description } of balancer?.listeners ?? []) made.seen(listenerKey(service, description))
}

function planFor(input: PlanInput<AlibabaExisting>, facts: ClusterFacts): Plan<AlibabaStep> {
  const { existing } = input
  const isWanted = input.wanted === 'present'
  if (existing.cloud === 'clb') {
    return isWanted ? planClb({ ...input, existing }, facts) : planClbAbsent({ ...input, existing }, facts)
  }
  return isWanted ? planNlb({ ...input, existing }, facts) : planNlbAbsent({ ...input, existing }, facts)
}

async function observed<T>(read: () => Promise<T>): Promise<Observed<T>> {
  try {
    return { ok: true, value: await read() }
  } catch (cause) {
    return { ok: false, failure: failureOf(cause) }
  }
}
