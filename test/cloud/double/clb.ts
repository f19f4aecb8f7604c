import { type Actions, perform } from './actions.js'
import { groupActions } from './clb-groups.js'
import { create, instanceActions, remove } from './clb-instances.js'
import { addListener, listenerActions } from './clb-listeners.js'
import { ClbStore } from './clb-store.js'
import type { Parameters } from './parameters.js'
import { type ByHand, seenByAll, type World } from './world.js'

/** CLB 2014-05-15: synchronous, but what is new is not seen at once; listeners are made stopped. */
export class Clb {
  readonly #store: ClbStore
  readonly #actions: Actions

  constructor(world: World) {
    this.#store = new ClbStore(world)
    this.#actions = {
      ...instanceActions(this.#store),
      ...listenerActions(this.#store),
      ...groupActions(this.#store),
    }
  }

  perform(action: string, given: Parameters): object {
    given.need('RegionId')
    return perform(this.#actions, this.#store.world, action, given)
  }

  /** What a user does without us. */
  byHand(given: ByHand): object {
    const id = given.id ?? ''
    switch (given.what) {
      case 'create': {
        const made = create(this.#store, given.settings ?? {}, 'user')
        for (const [key, value] of Object.entries(given.tags ?? {})) made.tags.set(key, value)
        return { id: made.id, address: made.own['Address'] }
      }
      case 'delete':
        remove(this.#store, id)
        return {}
      case 'listener': {
        const settings = given.settings ?? {}
        addListener(this.#store, this.#store.balancer(id), given.protocol ?? 'tcp', given.port ?? 0, settings)
        return {}
      }
      case 'group': {
        const group = {
          id: this.#store.world.id('rsp'),
          name: given.name ?? '',
          balancer: id,
          servers: new Map(),
          ...seenByAll(),
        }
        this.#store.groups.set(group.id, group)
        return { id: group.id }
      }
      case 'set':
        Object.assign(this.#store.balancer(id).own, given.settings)
        return {}
      case 'weights':
        for (const group of this.#store.groupsOf(id))
          for (const [key, server] of group.servers) group.servers.set(key, { ...server, Weight: given.weight ?? 0 })
        return {}
      case 'eip':
        this.#store.eips.set(id, given.address ?? '')
        return {}
      case 'full':
        this.#store.world.full.add(id)
        return {}
      case 'room':
        this.#store.world.full.delete(id)
        return {}
      case 'tag':
        for (const [key, value] of Object.entries(given.tags ?? {})) this.#store.balancer(id).tags.set(key, value)
        return {}
      case 'state':
        return {}
    }
  }

  eipsOf(instance: string): object {
    const address = this.#store.eips.get(instance)
    return { EipAddresses: { EipAddress: address === undefined ? [] : [{ IpAddress: address }] } }
  }

  state(): object {
    return [...this.#store.balancers.values()].map((one) => ({
      id: one.id,
      ...one.own,
      tags: Object.fromEntries(one.tags),
      listeners: [...one.listeners.values()]
        .map(({ domains, ...listener }) => ({ ...listener, domains: Object.fromEntries(domains) }))
        .sort((a, b) => a.port - b.port),
      groups: this.#store
        .groupsOf(one.id)
        .map(({ id, name, servers }) => ({ id, name, servers: [...servers.values()] }))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    }))
  }
}
