import type { Actions } from './actions.js'
import type { ClbStore, Group, Server } from './clb-store.js'
import type { Parameters } from './parameters.js'
import { Refusal } from './refusal.js'

const SERVERS_AT_MOST = 200

/** Groups of servers of CLB. */
export function groupActions(store: ClbStore): Actions {
  return {
    CreateVServerGroup: (given) => {
      const balancer = store.balancer(given.need('LoadBalancerId'))
      const group: Group = {
        id: store.world.id('rsp'),
        name: given.need('VServerGroupName'),
        balancer: balancer.id,
        servers: new Map(),
        ...store.world.unseen(),
      }
      store.groups.set(group.id, group)
      store.world.note('v-server-group', group.id, group.name)
      if (given.has('BackendServers')) addServers(store, group, given)
      return { VServerGroupId: group.id, BackendServers: { BackendServer: [...group.servers.values()] } }
    },
    AddVServerGroupBackendServers: (given) => addServers(store, store.group(given), given),
    RemoveVServerGroupBackendServers: (given) => {
      const group = store.group(given)
      for (const server of serversOf(given)) group.servers.delete(serverKey(server))
      return { VServerGroupId: group.id }
    },
    SetVServerGroupAttribute: (given) => {
      const group = store.group(given)
      if (given.has('VServerGroupName')) group.name = given.text('VServerGroupName')
      for (const server of given.has('BackendServers') ? serversOf(given) : []) {
        const known = group.servers.get(serverKey(server))
        if (known === undefined) throw new Refusal(400, 'BackendServerNotFound', 'The server is not in the group.')
        group.servers.set(serverKey(server), { ...known, Weight: server.Weight })
      }
      return { VServerGroupId: group.id }
    },
    DescribeVServerGroups: (given) => {
      const id = store.visible(given.need('LoadBalancerId')).id
      const seen = [...store.groups.values()].filter((one) => one.balancer === id && store.isVisible(one))
      return {
        VServerGroups: {
          VServerGroup: seen.map((one) => ({ VServerGroupId: one.id, VServerGroupName: one.name })),
        },
      }
    },
    DescribeVServerGroupAttribute: (given) => {
      const group = store.group(given)
      return {
        VServerGroupId: group.id,
        VServerGroupName: group.name,
        LoadBalancerId: group.balancer,
        BackendServers: { BackendServer: [...group.servers.values()] },
      }
    },
    DeleteVServerGroup: (given) => {
      const group = store.group(given)
      if (isUsed(store, group)) throw new Refusal(400, 'RspoolVipExist', 'A listener uses the group.')
      store.groups.delete(group.id)
      store.world.gone(group.id)
      return {}
    },
  }
}

function addServers(store: ClbStore, group: Group, given: Parameters): object {
  const servers = serversOf(given)
  const count = store.groupsOf(group.balancer).reduce((sum, { servers: known }) => sum + known.size, 0)
  const fresh = servers.filter((server) => !group.servers.has(serverKey(server)))
  if (count + fresh.length > SERVERS_AT_MOST)
    throw new Refusal(400, 'TooManyBackendServers', 'The instance has too many servers.')
  for (const server of servers) group.servers.set(serverKey(server), server)
  return { VServerGroupId: group.id, BackendServers: { BackendServer: [...group.servers.values()] } }
}

function isUsed(store: ClbStore, group: Group): boolean {
  const listeners = store.balancers.get(group.balancer)?.listeners.values() ?? []
  return [...listeners].some(({ settings }) => settings['VServerGroupId'] === group.id)
}

function serversOf(given: Parameters): readonly Server[] {
  const servers = JSON.parse(given.need('BackendServers')) as Partial<Record<keyof Server, string>>[] // from the wire
  if (servers.length > 20) throw new Refusal(400, 'TooManyBackendServersInOneCall', 'At most 20 servers in a call.')
  return servers.map((one) => {
    const { ServerId = '', ServerIp = '', Type = 'ecs', Description = '' } = one
    const [Port, Weight] = [Number(one.Port), Number(one.Weight ?? 100)]
    if (ServerId === '' || !(Port >= 1) || !(Weight >= 0 && Weight <= 100))
      throw new Refusal(400, 'InvalidBackendServers', `A server is not valid: ${JSON.stringify(one)}.`)
    return { ServerId, ServerIp, Port, Type, Weight, Description }
  })
}

function serverKey({ ServerId, ServerIp, Port }: Server): string {
  return `${ServerId}/${ServerIp}/${Port}`
}
