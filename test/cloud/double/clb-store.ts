import type { Parameters } from './parameters.js'
import { Refusal } from './refusal.js'
import type { Seen, World } from './world.js'

export interface Balancer extends Seen {
  readonly id: string
  readonly own: Record<string, string>
  readonly tags: Map<string, string>
  readonly listeners: Map<string, Listener>
}
export interface Listener {
  readonly protocol: 'tcp' | 'udp' | 'http' | 'https'
  readonly port: number
  status: 'running' | 'stopped'
  settings: Record<string, string>
  /** Domain to certificate and id, of an HTTPS listener. */
  readonly domains: Map<string, { id: string; certificate: string }>
}
export interface Group extends Seen {
  readonly id: string
  name: string
  readonly balancer: string
  readonly servers: Map<string, Server>
}
export interface Server {
  readonly ServerId: string
  readonly ServerIp: string
  readonly Port: number
  readonly Type: string
  readonly Weight: number
  readonly Description: string
}

/** What there is of CLB, and how it is found. */
export class ClbStore {
  readonly world: World
  readonly balancers = new Map<string, Balancer>()
  readonly groups = new Map<string, Group>()
  /** Address by instance. */
  readonly eips = new Map<string, string>()

  constructor(world: World) {
    this.world = world
  }

  balancer(id: string): Balancer {
    const found = this.balancers.get(id)
    if (found === undefined)
      throw new Refusal(404, 'InvalidLoadBalancerId.NotFound', 'The specified LoadBalancerId does not exist.')
    return found
  }
  visible(id: string): Balancer {
    const found = this.balancer(id)
    if (!this.isVisible(found))
      throw new Refusal(404, 'InvalidLoadBalancerId.NotFound', 'The specified LoadBalancerId does not exist.')
    return found
  }
  isVisible(one: Seen): boolean {
    return this.world.isVisible(one)
  }
  group(given: Parameters): Group {
    const found = this.groups.get(given.need('VServerGroupId'))
    if (found === undefined)
      throw new Refusal(404, 'InvalidVServerGroupId.NotFound', 'The specified VServerGroupId does not exist.')
    return found
  }

  groupsOf(id: string): readonly Group[] {
    return [...this.groups.values()].filter(({ balancer }) => balancer === id)
  }
  listener(given: Parameters): Listener {
    const protocol = given.need('ListenerProtocol') as Listener['protocol'] // an unknown one is not found
    return this.listenerOf(given, protocol)
  }
  listenerOf(given: Parameters, protocol: Listener['protocol']): Listener {
    const found = this.balancer(given.need('LoadBalancerId')).listeners.get(
      keyOf(protocol, Number(given.need('ListenerPort'))),
    )
    if (found?.protocol !== protocol) throw new Refusal(404, 'ListenerNotFound', 'There is no such listener.')
    return found
  }
}

/** TCP, HTTP and HTTPS share the ports; UDP has its own. */
export function keyOf(protocol: Listener['protocol'], port: number): string {
  return `${protocol === 'udp' ? 'udp' : 'tcp'}/${port}`
}
