import type { Claim } from './claim.js'
import { judgeNodes } from './judge-nodes.js'
import type { Failure, Plan, PlanInput, PlannedStep, Provider, ServiceProblem, StepContext } from './provider.js'
import type { ReadinessGates } from './readiness-gates.js'
import type { ServiceWrites, Written } from './service-writes.js'
import { keyOf, type EndpointView, type NodeView, type PodView, type ServiceView, type StatusAddress } from './views.js'

/** An event about a Service. */
export interface ServiceEvent {
  readonly service: Pick<ServiceView, 'namespace' | 'name' | 'uid'>
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly message: string
}

/** What was read of the cluster. */
export interface World {
  readonly nodes: readonly NodeView[]
  endpointsOf(key: string): readonly EndpointView[]
  /** Those that the provider is responsible for, or has to clean up; sorted. */
  readonly services: readonly ServiceView[]
}

export interface SyncParts<Existing, Step extends PlannedStep> {
  readonly provider: Provider<Existing, Step>
  readonly writes: ServiceWrites
  readonly gates: Pick<ReadinessGates, 'read' | 'open'>
  /** As it is now; asked again for each plan. */
  world(): World
  tell(event: ServiceEvent): void
  /** Asked before each step and each write. */
  leads(): boolean
  readonly signal: AbortSignal
  /** Called before labels and status are written: this is how the watch will show them. */
  expect(
    service: ServiceView,
    labels: Readonly<Record<string, string>> | undefined,
    status: readonly StatusAddress[] | undefined,
  ): void
}

/** How one look at a Service ended. */
export type Outcome =
  /** All is as it should be. `problems`: of the Service, which it has to be changed for. */
  | { readonly kind: 'done'; readonly problems: readonly ServiceProblem[] }
  | { readonly kind: 'again'; readonly milliseconds: number; readonly message: string }
  | { readonly kind: 'failed'; readonly failure: Failure }
  /** The Service is another one by now, or this replica leads no more: who sees that will look again. */
  | { readonly kind: 'left' }

/** `ensure`: the whole Service. `nodes`: nothing but nodes or endpoints has changed since it was in order. */
export type SyncCause = 'ensure' | 'nodes'

const STALE_LOOKS = 3
const MOST_STEPS = 10_000
const NO_GATES: ReadonlySet<string> = new Set()

/**
 * Brings one Service into order, section 1.3 of the contract: finalizer before anything is created; labels and status
 * at the end. When everything has to go: first what exists, then status, then finalizer, so that a controller that is
 * killed in between finds its work again. Every write and every step can be repeated.
 */
export function createSync<Existing, Step extends PlannedStep>(parts: SyncParts<Existing, Step>) {
  const { provider, writes, tell } = parts
  const isOver = (): boolean => parts.signal.aborted || !parts.leads()
  /** Those whose last look ended with `again`: what is told at the beginning was told, and at the end is still to be told. */
  const underWay = new Set<string>()
  const noting = async (key: string, looking: Promise<Outcome>): Promise<Outcome> => {
    const outcome = await looking
    if (outcome.kind === 'again') underWay.add(key)
    else underWay.delete(key)
    return outcome
  }

  async function ensure(service: ServiceView, claim: Claim & { kind: 'present' }, cause: SyncCause): Promise<Outcome> {
    const say = teller(service)
    const wasUnderWay = underWay.has(`ensure ${service.uid}`)
    const begin = once(() => wasUnderWay || say('Normal', 'EnsuringLoadBalancer', 'Ensuring load balancer'))
    const fresh = !service.finalizers.includes(provider.finalizer)
    if (fresh || claim.foreign.finalizers.length > 0) {
      begin()
      if (isOver()) return { kind: 'left' }
      const ended = endOf(await writes.claim(service, provider.finalizer, claim.foreign), 'put its finalizer on')
      if (ended !== undefined) return ended
    }
    const carried = await carryOut('present', service, cause === 'nodes' ? () => undefined : begin)
    if (carried.kind !== 'ready') return carried
    const { plan, steps } = carried
    const ended = await finish(service, plan)
    if (ended !== undefined) return ended
    const broken = plan.problems.some(({ severity }) => severity === 'error')
    if ((steps > 0 || fresh || wasUnderWay) && !broken) {
      if (cause === 'nodes') say('Normal', 'UpdatedLoadBalancer', 'Updated load balancer')
      else say('Normal', 'EnsuredLoadBalancer', 'Ensured load balancer')
    }
    return { kind: 'done', problems: [...plan.problems, ...carried.gateProblems, ...unavailable(service)] }
  }

  /** Labels and status as the plan has them. */
  async function finish(service: ServiceView, plan: Plan<Step>): Promise<Outcome | undefined> {
    if (isOver()) return { kind: 'left' }
    parts.expect(service, plan.labels, plan.status)
    if (plan.labels !== undefined) {
      const ended = endOf(await writes.label(service, provider.labelKeys, plan.labels), 'write its labels')
      if (ended !== undefined) return ended
      if (isOver()) return { kind: 'left' }
    }
    return plan.status === undefined ? undefined : endOf(await writes.publish(service, plan.status), 'write its status')
  }

  /** `live`: the object is still there, and carries our finalizer. `vanished`: it went without us. */
  async function remove(service: ServiceView, state: 'live' | 'vanished'): Promise<Outcome> {
    const say = teller(service)
    const wasUnderWay = underWay.has(`remove ${service.uid}`)
    const begin = once(() => wasUnderWay || say('Normal', 'DeletingLoadBalancer', 'Deleting load balancer'))
    const carried = await carryOut('absent', service, begin)
    if (carried.kind !== 'ready') return carried
    const stuck = carried.plan.problems.find(({ severity }) => severity === 'error')
    if (stuck !== undefined) return { kind: 'failed', failure: { kind: 'other', message: stuck.message } }
    if (state === 'live') {
      if (isOver()) return { kind: 'left' }
      if (!service.deleting) {
        const ended = endOf(await writes.publish(service, []), 'empty its status')
        if (ended !== undefined) return ended
        if (isOver()) return { kind: 'left' }
      }
      const released = await writes.release(service, provider.finalizer, provider.labelKeys)
      const ended = released === 'gone' ? undefined : endOf(released, 'take its finalizer off')
      if (ended !== undefined) return ended
    }
    if (carried.steps > 0 || wasUnderWay) say('Normal', 'DeletedLoadBalancer', 'Deleted load balancer')
    return { kind: 'done', problems: [] }
  }

  /** Carries out what there is to do; readiness gates open for what is registered, however that ends. */
  async function carryOut(wanted: PlanInput<Existing>['wanted'], service: ServiceView, begin: () => void) {
    const gate = wanted === 'present' ? provider.readinessGate?.(service) : undefined
    const endpoints = parts.world().endpointsOf(keyOf(service))
    const gated = gate === undefined ? NO_GATES : await parts.gates.read(service, gate, endpoints)
    let registered: readonly PodView[] = []
    const planned = (plan: Plan<Step>): void => {
      registered = plan.registered ?? []
    }
    const carried = await observeAndRun(wanted, service, gated, begin, planned)
    const mayOpen = gate !== undefined && carried.kind !== 'left' && !isOver()
    const gateProblems = mayOpen ? await parts.gates.open(service, gate, registered) : []
    return { ...carried, gateProblems }
  }

  /** Observes, and runs steps until the plan has none. `begin` is called before the first, `planned` with each plan. */
  async function observeAndRun(
    wanted: PlanInput<Existing>['wanted'],
    service: ServiceView,
    gated: ReadonlySet<string>,
    begin: () => void,
    planned: (plan: Plan<Step>) => void,
  ) {
    let failure: Failure = { kind: 'other', message: '' }
    for (let look = 0; look < STALE_LOOKS; look += 1) {
      const observed = await provider.observe(service, parts.signal)
      if (isOver()) return { kind: 'left' } as const
      if (!observed.ok) failure = observed.failure
      else {
        const input = (existing: Existing) => planInput(provider, parts.world(), wanted, service, existing, gated)
        const ran = await runSteps(service, observed.value, input, begin, planned)
        if (ran.kind !== 'failed') return ran
        failure = ran.failure
      }
      if (failure.kind !== 'stale') break
    }
    const kind = failure.kind === 'stale' ? 'other' : failure.kind
    return { kind: 'failed', failure: { ...failure, kind } } as const
  }

  async function runSteps(
    service: ServiceView,
    observed: Existing,
    input: (existing: Existing) => PlanInput<Existing>,
    begin: () => void,
    planned: (plan: Plan<Step>) => void,
  ) {
    let existing = observed
    let last = ''
    for (let steps = 0; steps < MOST_STEPS; steps += 1) {
      const plan = provider.plan(input(existing))
      planned(plan)
      const [step] = plan.steps
      if (step === undefined) return { kind: 'ready', plan, steps } as const
      if (isOver()) return { kind: 'left' } as const
      const text = JSON.stringify(step)
      // It was done and is planned again: what it did cannot be seen yet.
      if (text === last) return failedWith('busy', `nothing came of "${step.description}" yet`)
      last = text
      begin()
      const result = await provider.run(step, existing, contextOf(service))
      if (result.kind === 'failed') {
        const { failure } = result
        return { kind: 'failed', failure: { ...failure, message: `${step.description}: ${failure.message}` } } as const
      }
      if (result.kind === 'wait')
        return { kind: 'again', milliseconds: result.milliseconds, message: result.message } as const
      existing = result.existing
    }
    return failedWith('other', `it did not come to an end in ${MOST_STEPS} steps`)
  }

  /** Rule of the contract: a Warning where no node can be used. */
  function unavailable(service: ServiceView): readonly ServiceProblem[] {
    const world = parts.world()
    const nodes = judgeNodes(service, world.nodes, [], { providerID: provider.providerID ?? 'needed' })
    if (nodes.some(({ verdict }) => verdict === 'backend')) return []
    const message = 'There are no available nodes for the load balancer.'
    return [{ severity: 'warning', reason: 'UnAvailableLoadBalancer', field: '', message }]
  }

  function contextOf(service: ServiceView): StepContext {
    const say = teller(service)
    return { service, signal: parts.signal, tell: (reason, message, type = 'Normal') => say(type, reason, message) }
  }

  function teller(service: ServiceView) {
    return (type: ServiceEvent['type'], reason: string, message: string): void =>
      tell({ service, type, reason, message })
  }

  return {
    ensure: (service: ServiceView, claim: Claim & { kind: 'present' }, cause: SyncCause): Promise<Outcome> =>
      noting(`ensure ${service.uid}`, ensure(service, claim, cause)),
    remove: (service: ServiceView, state: 'live' | 'vanished'): Promise<Outcome> =>
      noting(`remove ${service.uid}`, remove(service, state)),
  }
}

/** What a provider plans from. `gated`: uids of pods that only a readiness gate keeps from being ready. */
export function planInput<Existing>(
  provider: Pick<Provider<Existing, never>, 'providerID'>,
  world: World,
  wanted: PlanInput<Existing>['wanted'],
  service: ServiceView,
  existing: Existing,
  gated: ReadonlySet<string> = NO_GATES,
): PlanInput<Existing> {
  const isGated = ({ pod, ready }: EndpointView): boolean => !ready && pod !== undefined && gated.has(pod.uid)
  const seen = world.endpointsOf(keyOf(service))
  const endpoints =
    gated.size === 0 ? seen : seen.map((one) => (isGated(one) ? { ...one, gate: 'waiting' as const } : one))
  const nodes = judgeNodes(service, world.nodes, endpoints, { providerID: provider.providerID ?? 'needed' })
  return { wanted, service, existing, nodes, endpoints, services: world.services }
}

function endOf(written: Written, what: string): Outcome | undefined {
  if (written === 'gone') return { kind: 'left' }
  if (written === 'written' || written === 'unchanged') return undefined
  const message = `the Service could not be patched to ${what}: ${written.message}`
  const wait =
    written.retryAfterSeconds === undefined ? {} : { retryAfterMilliseconds: written.retryAfterSeconds * 1000 }
  return { kind: 'failed', failure: { kind: written.status === 403 ? 'slow' : 'busy', message, ...wait } }
}

function failedWith(kind: Failure['kind'], message: string) {
  return { kind: 'failed', failure: { kind, message } } as const
}

function once(act: () => unknown): () => void {
  let done = false
  return () => {
    if (!done) act()
    done = true
  }
}
