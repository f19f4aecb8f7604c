import type { Actions } from './actions.js'
import { hasTags, page, settingsOf, tagsOf, unfold } from './nlb-answers.js'
import type { NlbStore, ServerGroup } from './nlb-store.js'
import type { Parameters } from './parameters.js'
import { Refusal } from './refusal.js'

const SERVERS_AT_MOST = 400

/** Server groups of NLB. */
export function groupActions(store: NlbStore): Actions {
  return {
    CreateServerGroup: (given) => {
      const group: ServerGroup = {
        id: store.world.id('sgp'),
        settings: settingsOf(given.all()),
        status: 'Creating',
        tags: tagsOf(given),
        servers: new Map(),
        ...store.world.unseen(),
      }
      store.serverGroups.set(group.id, group)
      store.world.note('server-group', group.id, given.need('ServerGroupName'))
      const { JobId } = store.job(() => {
        group.status = 'Available'
      })
      return { ServerGroupId: group.id, JobId }
    },
    ListServerGroups: (given) => {
      const names = given.list('ServerGroupNames')
      const ids = given.list('ServerGroupIds')
      const found = [...store.serverGroups.values()].filter(
        (one) =>
          store.isVisible(one) &&
          (ids.length === 0 || ids.includes(one.id)) &&
          (names.length === 0 || names.includes(one.settings['ServerGroupName'] ?? '')) &&
          hasTags(one.tags, given.items('Tag')),
      )
      return page(given, 'ServerGroups', found.map(describeGroup))
    },
    UpdateServerGroupAttribute: (given) => {
      const group = store.readyGroup(given)
      const { ServerGroupId: _, ...settings } = settingsOf(given.all())
      group.status = 'Configuring'
      return store.job(() => {
        group.settings = { ...group.settings, ...settings }
        group.status = 'Available'
      })
    },
    DeleteServerGroup: (given) => {
      const group = store.readyGroup(given)
      if ([...store.listeners.values()].some(({ settings }) => settings['ServerGroupId'] === group.id))
        throw new Refusal(409, 'ResourceInUse.serverGroup', 'A listener uses the server group.')
      group.status = 'Deleting'
      return store.job(() => {
        store.serverGroups.delete(group.id)
        store.world.gone(group.id)
      })
    },
    AddServersToServerGroup: (given) => {
      const group = store.readyGroup(given)
      const servers = serversOf(given)
      const fresh = servers.filter((one) => !group.servers.has(serverKey(one)))
      if (group.servers.size + fresh.length > SERVERS_AT_MOST)
        throw new Refusal(400, 'QuotaExceeded.ServerGroupServers', 'Too many servers in the group.')
      return changeGroup(store, group, () => servers.forEach((one) => group.servers.set(serverKey(one), one)))
    },
    RemoveServersFromServerGroup: (given) => {
      const group = store.readyGroup(given)
      const servers = serversOf(given)
      return changeGroup(store, group, () => servers.forEach((one) => group.servers.delete(serverKey(one))))
    },
    UpdateServerGroupServersAttribute: (given) => {
      const group = store.readyGroup(given)
      const servers = serversOf(given)
      for (const one of servers)
        if (!group.servers.has(serverKey(one)))
          throw new Refusal(404, 'ResourceNotFound.BackendServer', 'It is not there.')
      return changeGroup(store, group, () => servers.forEach((one) => group.servers.set(serverKey(one), one)))
    },
    ListServerGroupServers: (given) => {
      const group = store.group(given.need('ServerGroupId'))
      return page(
        given,
        'Servers',
        [...group.servers.values()].map((one) => ({
          ...one,
          Port: Number(one['Port']),
          Weight: Number(one['Weight']),
          ServerGroupId: group.id,
          Status: 'Available',
        })),
      )
    },
  }
}

function changeGroup(store: NlbStore, group: ServerGroup, act: () => void): { readonly JobId: string } {
  group.status = 'Configuring'
  return store.job(() => {
    act()
    group.status = 'Available'
  })
}

function describeGroup({ id, settings, status, tags, servers }: ServerGroup): object {
  const { HealthCheckConfig, ...rest } = unfold(settings)
  return {
    ...rest,
    HealthCheck: HealthCheckConfig ?? { HealthCheckEnabled: true },
    ServerGroupId: id,
    ServerGroupStatus: status,
    ServerCount: servers.size,
    Tags: [...tags].map(([Key, Value]) => ({ Key, Value })),
  }
}

function serversOf(given: Parameters): readonly Readonly<Record<string, string>>[] {
  const servers = given.items('Servers')
  if (servers.length === 0 || servers.length > 200)
    throw new Refusal(400, 'InvalidParameter.Servers', 'From 1 to 200 servers in a call.')
  for (const one of servers)
    if ((one['ServerId'] ?? '') === '' || (one['ServerType'] ?? '') === '')
      throw new Refusal(400, 'MissingParameter.Servers', 'A server has an id and a type.')
  return servers
}

function serverKey(one: Readonly<Record<string, string>>): string {
  return `${one['ServerId']}/${one['ServerIp'] ?? ''}/${one['Port']}`
}
