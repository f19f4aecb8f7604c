import { type Actions, perform } from './actions.js'
import { groupActions } from './nlb-groups.js'
import { create, instanceActions, remove } from './nlb-instances.js'
import { listenerActions } from './nlb-listeners.js'
import { type Listener, NlbStore } from './nlb-store.js'
import type { Parameters } from './parameters.js'
import { type ByHand, seenByAll, type World } from './world.js'

/** NLB 2022-04-30: nearly everything is a job, and while it runs its object refuses other changes. */
export class Nlb {
  readonly #store: NlbStore
  readonly #actions: Actions

  constructor(world: World) {
    this.#store = new NlbStore(world)
    this.#actions = {
      ...instanceActions(this.#store),
      ...groupActions(this.#store),
      ...listenerActions(this.#store),
    }
  }

  perform(action: string, given: Parameters): object {
    return perform(this.#actions, this.#store.world, action, given)
  }

  /** What a user does without us. */
  byHand(given: ByHand): object {
    const id = given.id ?? ''
    switch (given.what) {
      case 'create': {
        const made = create(this.#store, { ...given.settings }, [], 'user')
        made.status = 'Active'
        return { id: made.id }
      }
      case 'delete':
        remove(this.#store, id)
        return {}
      case 'listener': {
        const listener: Listener = {
          id: this.#store.world.id('lsn'),
          balancer: id,
          settings: { ...given.settings },
          status: 'Running',
          certificates: new Set(),
          ...seenByAll(),
        }
        this.#store.listeners.set(listener.id, listener)
        return { id: listener.id }
      }
      case 'set':
        Object.assign(this.#store.balancer(id).settings, given.settings)
        return {}
      case 'state':
        this.#store.balancer(id).status = given.state ?? 'Active'
        return {}
      case 'tag':
        for (const [key, value] of Object.entries(given.tags ?? {})) this.#store.balancer(id).tags.set(key, value)
        return {}
      case 'group':
      case 'weights':
      case 'eip':
      case 'full':
      case 'room':
        return {}
    }
  }

  /** Whether an instance is in the security group. */
  isIn(group: string): boolean {
    return [...this.#store.balancers.values()].some(({ groups }) => groups.has(group))
  }

  state(): object {
    return [...this.#store.balancers.values()].map((one) => ({
      id: one.id,
      ...one.settings,
      status: one.status,
      zones: one.zones,
      securityGroups: [...one.groups].sort(),
      tags: Object.fromEntries(one.tags),
      listeners: [...this.#store.listeners.values()]
        .filter(({ balancer }) => balancer === one.id)
        .map(({ id, settings, status, certificates }) => ({ id, ...settings, status, certificates: [...certificates] }))
        .sort((a, b) => portOf(a) - portOf(b)),
      serverGroups: [...this.#store.serverGroups.values()].map((group) => ({
        id: group.id,
        ...group.settings,
        status: group.status,
        servers: [...group.servers.values()],
      })),
    }))
  }
}

function portOf(listener: object): number {
  const { ListenerPort, StartPort } = listener as { ListenerPort?: string; StartPort?: string } // as they were given
  return Number(ListenerPort ?? StartPort)
}
