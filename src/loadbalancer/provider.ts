import type { EndpointView, NodeView, PodView, ServiceView, StatusAddress } from './views.js'

/**
 * Who gives Services their addresses: a cloud, or pools of addresses of one's own.
 *
 * The common part looks after classes, finalizer, events, status, retries and parallelism. For each Service it does:
 *
 *     existing = await observe(service)
 *     repeat: plan(input with existing); run its first step, which gives what exists now; until no step is left
 *
 * A plan is made anew after each step, so a step needs no reference to the outcome of one before it: what the step made
 * is in `existing`, and a restarted controller goes on from what it observes. `fairlead loadbalancer plan` shows all
 * steps of the first plan.
 *
 * `Existing` and `Step` are the provider's own types; the common part looks at neither beyond `PlannedStep`.
 */
export interface Provider<Existing, Step extends PlannedStep> {
  /** For messages: `alibaba`. */
  readonly name: string
  /**
   * Whether it is the provider for Services of a class, or of none (undefined: it is the default). The common part
   * asks nothing else about a Service that nobody answers for.
   */
  serves(loadBalancerClass: string | undefined): boolean
  /** Put on before anything is created, and taken off when nothing exists any more. */
  readonly finalizer: string
  /** Keys of labels that this provider writes; on a Service without our finalizer they are another controller's. */
  readonly labelKeys: readonly string[]
  /**
   * Marks of other controllers: finalizers and label keys of a Service which this one leaves alone unless
   * `--loadbalancer-take-over` is given. Then they are removed, in the same write that puts ours on.
   */
  readonly foreign: ForeignMarks
  /** Clouds find a machine by its `spec.providerID`; with `not needed`, rule 1.4 about it does not hold. Default `needed`. */
  readonly providerID?: 'needed' | 'not needed'
  /**
   * Whether endpoints matter for a Service with policy Cluster; if not, their changes are no reason to look. Default:
   * yes.
   */
  usesEndpoints?(service: ServiceView): boolean
  /**
   * The condition that pods of the Service may have as a readiness gate, which opens when they are registered.
   * undefined: there is none. Default: none. With one, `PlanInput.endpoints` tells which pods wait for it, and
   * `Plan.registered` which need not any more.
   */
  readinessGate?(service: ServiceView): string | undefined
  /**
   * Begins to follow what the provider itself depends on, when this replica begins to lead; `changed` has every Service
   * looked at anew. Nothing is looked at before `ready`; `stop` ends it. Default: nothing to follow.
   */
  follow?(changed: () => void): { readonly ready: Promise<void>; stop(): Promise<void> }
  /** Reads what exists for a Service; changes nothing. Calls of many Services run at once: bound their rate here. */
  observe(service: ServiceView, signal: AbortSignal): Promise<Observed<Existing>>
  /** Pure: same input, same plan. No clock, no memory. */
  plan(input: PlanInput<Existing>): Plan<Step>
  /**
   * Carries out one step. Never waits for longer than a call takes: what needs time gives `wait`, and the Service is
   * observed again after it, while others go on. Must be harmless to repeat: the controller may be killed at any time.
   */
  run(step: Step, existing: Existing, context: StepContext): Promise<StepResult<Existing>>
  /** What exists with our marks and belongs to none of these Services. For `fairlead loadbalancer orphans`. */
  orphans(services: readonly ServiceView[], signal: AbortSignal): Promise<Observed<readonly Orphan[]>>
}

export interface ForeignMarks {
  readonly finalizers: readonly string[]
  readonly labels: readonly string[]
}

export interface PlanInput<Existing> {
  /**
   * `present`: there should be an address. `absent`: everything of ours has to go (deleted, other type, other class,
   * or made anew under the same name; then `service` is how it was seen last, with the uid that is gone).
   */
  readonly wanted: 'present' | 'absent'
  readonly service: ServiceView
  readonly existing: Existing
  /** Every node of the cluster, sorted by name, with what the common rules say of it for this Service. */
  readonly nodes: readonly JudgedNode[]
  /** All endpoints of the Service, ready or not, sorted by address. */
  readonly endpoints: readonly EndpointView[]
  /**
   * All Services that this provider is responsible for, or that carry its finalizer: those that are being cleaned up
   * and this one included, by name.
   */
  readonly services: readonly ServiceView[]
}

export interface JudgedNode extends NodeView {
  /** Rules 1.4 of the contract. With policy Local a node that is not Ready is still one: its health port decides. */
  readonly verdict: 'backend' | 'excluded by label' | 'to be deleted' | 'without providerID' | 'not ready'
  /** How many ready endpoints of the Service are on it; if none is ready, how many are serving and terminating. */
  readonly endpoints: number
}

export interface Plan<Step> {
  /** In order. Empty: everything is as it should be (or, `absent`, nothing is left). */
  readonly steps: readonly Step[]
  /** What is wrong with the Service. With an error the plan is carried out as far as it goes, and is not a success. */
  readonly problems: readonly ServiceProblem[]
  /** What `status.loadBalancer` should say now. undefined: it is not known yet, leave it. Not looked at for `absent`. */
  readonly status: readonly StatusAddress[] | undefined
  /** Labels the Service should have when no step is left. Of `labelKeys` those not named are removed. */
  readonly labels?: Readonly<Record<string, string>>
  /** Of the pods that wait for their readiness gate those that the load balancer has as servers by now. */
  readonly registered?: readonly PodView[]
}

/** Steps are data. A provider adds what `run` needs. */
export interface PlannedStep {
  /** For people: `create a CLB of type internet`. Says enough to tell two steps of a plan apart. */
  readonly description: string
  /** The changing calls it makes, for people: `CreateLoadBalancer`. */
  readonly calls: readonly string[]
}

export interface ServiceProblem {
  readonly severity: 'error' | 'warning'
  /** Of the event. Default `SyncLoadBalancerFailed`; `UnAvailableLoadBalancer` where no node can be used. */
  readonly reason?: string
  /** Such as `metadata.annotations["…/bandwidth"]`. */
  readonly field: string
  /** What is wrong, what happens instead, what is allowed. */
  readonly message: string
}

export type Observed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure }

export type StepResult<Existing> =
  /** `existing`: as before, with what the step changed. It is believed until the Service is observed again. */
  | { readonly kind: 'done'; readonly existing: Existing }
  /** It is under way. No failure: no event, no back-off; the Service is observed again after so long. */
  | { readonly kind: 'wait'; readonly milliseconds: number; readonly message: string }
  | { readonly kind: 'failed'; readonly failure: Failure }

/**
 * What went wrong, by what helps (6.6 of the contract):
 * - `busy`: transient, throttled or no answer. Tried again with back-off; an event only from the third time on.
 * - `stale`: what was observed is not so (gone, exists already, in use, token of other parameters). Observed at once
 *   again, a few times; then like `other`.
 * - `slow`: rights, money: an event, and tried again at the longest interval.
 * - `other`: limits, no stock, unsupported, everything else: an event, back-off.
 */
export interface Failure {
  readonly kind: 'busy' | 'stale' | 'slow' | 'other'
  readonly message: string
  /** At least so long, where the other side says so. */
  readonly retryAfterMilliseconds?: number
}

export interface StepContext {
  readonly service: ServiceView
  /** Aborted when this replica leads no more, or stops. */
  readonly signal: AbortSignal
  /** Tells something about the Service that is no problem of it: an event. */
  tell(reason: string, message: string, type?: 'Normal' | 'Warning'): void
}

export interface Orphan {
  /** `CLB lb-1`. */
  readonly what: string
  /** Which Service it was made for, if its marks say so. */
  readonly service: string
}
