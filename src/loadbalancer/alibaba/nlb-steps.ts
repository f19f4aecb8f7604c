import type { PlannedStep } from '../provider.js'
import { DEAD_STATES, type GuardRule } from './nlb-existing.js'
import type { FoundServer, Server } from './servers.js'

/** The API takes so many in a call. */
export const SERVERS_IN_A_CALL = 200

type Strings = Readonly<Record<string, string>>

/** A change in NLB. What it belongs to is named; ids are looked up in what exists when it is carried out. */
export type NlbDo =
  | { readonly kind: 'create'; readonly parameters: Strings }
  | { readonly kind: 'delete' }
  /** Of the instance: `fields` are the parameters, and what it has afterwards. */
  | { readonly kind: 'set'; readonly action: string; readonly fields: Strings; readonly after: Strings }
  | { readonly kind: 'zones'; readonly parameters: Strings; readonly zones: readonly string[] }
  | { readonly kind: 'join' | 'leave'; readonly groups: readonly string[] }
  | { readonly kind: 'tag'; readonly tags: Strings }
  | {
      readonly kind: 'untag'
      readonly type: 'loadbalancer' | 'servergroup'
      readonly id: string
      readonly keys: readonly string[]
    }
  | { readonly kind: 'create-group'; readonly name: string; readonly settings: Strings; readonly tags: Strings }
  | { readonly kind: 'set-group'; readonly id: string; readonly settings: Strings }
  | { readonly kind: 'delete-group'; readonly id: string }
  | {
      readonly kind: 'add'
      readonly id: string
      readonly mark: string
      readonly servers: readonly Server[]
      readonly surplus: readonly FoundServer[]
    }
  | { readonly kind: 'weigh' | 'remove'; readonly id: string; readonly servers: readonly FoundServer[] }
  | {
      readonly kind: 'create-listener'
      readonly description: string
      readonly group: string
      readonly settings: Strings
    }
  | {
      readonly kind: 'set-listener'
      readonly id: string
      readonly description: string
      readonly group: string
      readonly settings: Strings
    }
  | { readonly kind: 'start-listener' | 'delete-listener'; readonly id: string }
  | {
      readonly kind: 'certificates' | 'drop-certificates'
      readonly id: string
      readonly certificates: readonly string[]
    }
  /** Of the security group for source ranges; `id` is its name as long as it has none. */
  | { readonly kind: 'create-guard'; readonly name: string; readonly tags: Strings }
  | { readonly kind: 'authorize' | 'revoke'; readonly id: string; readonly rules: readonly GuardRule[] }
  | { readonly kind: 'delete-guard'; readonly id: string }
  | { readonly kind: 'untag-guard'; readonly id: string; readonly keys: readonly string[] }
  /** Something is under way. */
  | { readonly kind: 'wait'; readonly what: string }

export interface NlbStep extends PlannedStep {
  readonly cloud: 'nlb'
  /** On the instance that the Service was with before. */
  readonly on?: 'former'
  readonly do: NlbDo
}

const actions: Readonly<Record<Exclude<NlbDo['kind'], 'set' | 'wait'>, string>> = {
  create: 'CreateLoadBalancer',
  delete: 'DeleteLoadBalancer',
  zones: 'UpdateLoadBalancerZones',
  join: 'LoadBalancerJoinSecurityGroup',
  leave: 'LoadBalancerLeaveSecurityGroup',
  tag: 'TagResources',
  untag: 'UntagResources',
  'create-group': 'CreateServerGroup',
  'set-group': 'UpdateServerGroupAttribute',
  'delete-group': 'DeleteServerGroup',
  add: 'AddServersToServerGroup',
  weigh: 'UpdateServerGroupServersAttribute',
  remove: 'RemoveServersFromServerGroup',
  'create-listener': 'CreateListener',
  'set-listener': 'UpdateListenerAttribute',
  'start-listener': 'StartListener',
  'delete-listener': 'DeleteListener',
  certificates: 'AssociateAdditionalCertificatesWithListener',
  'create-guard': 'CreateSecurityGroup',
  authorize: 'AuthorizeSecurityGroup',
  revoke: 'RevokeSecurityGroup',
  'delete-guard': 'DeleteSecurityGroup',
  'untag-guard': 'UntagResources',
  'drop-certificates': 'DisassociateAdditionalCertificatesWithListener',
}

export function nlbActionOf(change: Exclude<NlbDo, { readonly kind: 'wait' }>): string {
  return change.kind === 'set' ? change.action : actions[change.kind]
}

export function nlbStep(change: NlbDo, description: string): NlbStep {
  return { cloud: 'nlb', do: change, description, calls: change.kind === 'wait' ? [] : [nlbActionOf(change)] }
}

/**
 * Steps that can be taken, and what is waited for. What is being changed takes no other change, so its steps come once
 * it is ready; the last step of a plan waits where something is under way.
 */
export class NlbSteps {
  readonly #steps: NlbStep[] = []
  readonly #waits: string[] = []

  readonly add = (change: NlbDo, description: string): void => void this.#steps.push(nlbStep(change, description))
  /** On the instance that the Service was with before. */
  onFormer(change: NlbDo, description: string, id: string): void {
    this.#steps.push({ ...nlbStep(change, `on the NLB ${id}: ${description}`), on: 'former' })
  }
  /** Nothing is to be done or waited for so far. */
  isEmpty(): boolean {
    return this.#steps.length === 0 && this.#waits.length === 0
  }

  /** Whether something can be changed; if not, it is waited for, unless that is in vain. */
  isReady(status: string, what: string): boolean {
    const ready = ['Active', 'Available', 'Running', 'Stopped'].includes(status)
    // Nobody would ever stop to wait; nlb-refusals.ts tells of it.
    if (!ready && !DEAD_STATES.includes(status)) this.#waits.push(`${what} is ${status}`)
    return ready
  }
  wait(what: string): void {
    this.#waits.push(what)
  }
  all(): readonly NlbStep[] {
    if (this.#waits.length === 0) return this.#steps
    const what = this.#waits.join(', ')
    return [...this.#steps, nlbStep({ kind: 'wait', what }, `wait until this is over: ${what}`)]
  }
}
