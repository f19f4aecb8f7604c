import type { Parameters } from './parameters.js'
import { Refusal } from './refusal.js'
import type { Seen, World } from './world.js'

export type Settings = Record<string, string>

export interface Balancer extends Seen {
  readonly id: string
  settings: Settings
  status: 'Provisioning' | 'Active' | 'Configuring' | 'Deleting' | 'CreateFailed' | 'Inactive'
  zones: readonly Readonly<Record<string, string>>[]
  readonly groups: Set<string>
  readonly tags: Map<string, string>
}
export interface ServerGroup extends Seen {
  readonly id: string
  settings: Settings
  status: 'Creating' | 'Available' | 'Configuring' | 'Deleting'
  readonly tags: Map<string, string>
  readonly servers: Map<string, Readonly<Record<string, string>>>
}
export interface Listener extends Seen {
  readonly id: string
  readonly balancer: string
  settings: Settings
  status: 'Provisioning' | 'Running' | 'Configuring' | 'Stopped' | 'Deleting'
  readonly certificates: Set<string>
}

/** What there is of NLB, and how it is found. */
export class NlbStore {
  readonly world: World
  readonly balancers = new Map<string, Balancer>()
  readonly serverGroups = new Map<string, ServerGroup>()
  readonly listeners = new Map<string, Listener>()

  constructor(world: World) {
    this.world = world
  }

  /** Whatever is a job is done a little later. */
  job(finish: () => void): { readonly JobId: string } {
    return { JobId: this.world.job(this.world.delays.job, finish) }
  }

  balancer(id: string): Balancer {
    const found = this.balancers.get(id)
    if (found === undefined) throw new Refusal(404, 'ResourceNotFound.loadBalancer', `${id} is not found.`)
    return found
  }
  /** It can be deleted: it is ready, or will never be. */
  settled(id: string): Balancer {
    const found = this.balancer(id)
    return found.status === 'CreateFailed' || found.status === 'Inactive' ? found : this.ready(id)
  }
  ready(id: string): Balancer {
    const found = this.balancer(id)
    if (found.status !== 'Active') throw new Refusal(409, 'IncorrectStatus.loadBalancer', `It is ${found.status}.`)
    return found
  }
  group(id: string): ServerGroup {
    const found = this.serverGroups.get(id)
    if (found === undefined) throw new Refusal(404, 'ResourceNotFound.serverGroup', `${id} is not found.`)
    return found
  }
  readyGroup(given: Parameters): ServerGroup {
    const found = this.group(given.need('ServerGroupId'))
    if (found.status !== 'Available') throw new Refusal(409, 'IncorrectStatus.serverGroup', `It is ${found.status}.`)
    return found
  }
  listener(id: string): Listener {
    const found = this.listeners.get(id)
    if (found === undefined) throw new Refusal(404, 'ResourceNotFound.listener', `${id} is not found.`)
    return found
  }
  readyListener(given: Parameters): Listener {
    const found = this.listener(given.need('ListenerId'))
    if (found.status !== 'Running' && found.status !== 'Stopped')
      throw new Refusal(409, 'IncorrectStatus.listener', `It is ${found.status}.`)
    return found
  }
  seen<T extends Seen>(one: T, what: string): T {
    if (!this.isVisible(one)) throw new Refusal(404, `ResourceNotFound.${what}`, 'It is not found.')
    return one
  }
  isVisible(one: Seen): boolean {
    return this.world.isVisible(one)
  }
}
