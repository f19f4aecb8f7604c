import type { PlannedStep } from '../provider.js'
import type { ClbProtocol } from './clb-listeners.js'
import type { ParameterMap } from './parameters.js'
import type { FoundServer, Server } from './servers.js'

type Strings = Readonly<Record<string, string>>

/** A change in CLB. Groups and listeners are named; ids are looked up in what exists when it is carried out. */
export type ClbDo =
  | {
      readonly kind: 'create'
      readonly parameters: ParameterMap
      readonly fields: Strings
      readonly tags: Strings
      /** To try after that of the parameters, where it has no address left. */
      readonly vswitches: readonly string[]
    }
  | { readonly kind: 'delete' }
  /** `fields` are the parameters, and what the instance has afterwards. */
  | { readonly kind: 'set'; readonly action: string; readonly fields: Strings }
  | { readonly kind: 'tag'; readonly tags: Strings }
  | { readonly kind: 'untag'; readonly keys: readonly string[] }
  | { readonly kind: 'create-group'; readonly group: string }
  | { readonly kind: 'delete-group'; readonly id: string }
  /** `group` is its id where it is a user's, else its name. */
  | {
      readonly kind: 'add'
      readonly group: string
      /** Description of the servers: a user's group may hold others. */
      readonly mark: string
      readonly servers: readonly Server[]
      /** What goes first where there is no room for more. */
      readonly surplus: readonly FoundServer[]
    }
  | { readonly kind: 'weigh'; readonly group: string; readonly servers: readonly FoundServer[] }
  | { readonly kind: 'remove'; readonly group: string; readonly servers: readonly FoundServer[] }
  | {
      readonly kind: 'create-listener' | 'set-listener'
      readonly protocol: ClbProtocol
      readonly port: number
      readonly group: string | undefined
      readonly description: string
      readonly settings: Strings
    }
  | { readonly kind: 'start-listener' | 'delete-listener'; readonly protocol: ClbProtocol; readonly port: number }
  | {
      readonly kind: 'add-domain' | 'set-domain'
      readonly port: number
      readonly domain: string
      readonly certificate: string
    }
  | { readonly kind: 'delete-domain'; readonly port: number; readonly domain: string }

export interface ClbStep extends PlannedStep {
  readonly cloud: 'clb'
  /** On the instance that the Service was with before. */
  readonly on?: 'former'
  readonly do: ClbDo
}

const actions: Readonly<Record<Exclude<ClbDo['kind'], 'set' | 'create-listener' | 'set-listener'>, string>> = {
  create: 'CreateLoadBalancer',
  delete: 'DeleteLoadBalancer',
  tag: 'TagResources',
  untag: 'UntagResources',
  'create-group': 'CreateVServerGroup',
  'delete-group': 'DeleteVServerGroup',
  add: 'AddVServerGroupBackendServers',
  weigh: 'SetVServerGroupAttribute',
  remove: 'RemoveVServerGroupBackendServers',
  'start-listener': 'StartLoadBalancerListener',
  'delete-listener': 'DeleteLoadBalancerListener',
  'add-domain': 'CreateDomainExtension',
  'set-domain': 'SetDomainExtensionAttribute',
  'delete-domain': 'DeleteDomainExtension',
}

export function actionOf(change: ClbDo): string {
  if (change.kind === 'set') return change.action
  if (change.kind === 'create-listener') return `CreateLoadBalancer${change.protocol.toUpperCase()}Listener`
  if (change.kind === 'set-listener') return `SetLoadBalancer${change.protocol.toUpperCase()}ListenerAttribute`
  return actions[change.kind]
}

export function clbStep(change: ClbDo, description: string): ClbStep {
  return { cloud: 'clb', do: change, description, calls: [actionOf(change)] }
}

/** The same on the instance that the Service was with before. */
export function formerClbStep(change: ClbDo, description: string, id: string): ClbStep {
  return { ...clbStep(change, `on the CLB ${id}: ${description}`), on: 'former' }
}
