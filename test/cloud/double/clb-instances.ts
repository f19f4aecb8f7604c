import type { Actions } from './actions.js'
import type { Balancer, ClbStore } from './clb-store.js'
import type { Parameters } from './parameters.js'
import { Refusal } from './refusal.js'
import { seenByAll } from './world.js'

/** Instances of CLB: all at once, but what is new is not seen at once. */
export function instanceActions(store: ClbStore): Actions {
  return {
    CreateLoadBalancer: (given) => {
      const settings = given.all()
      for (const name of ['AddressType', 'InternetChargeType', 'ModificationProtectionStatus'])
        if (settings[name] === '') throw new Refusal(400, `InvalidParameter.${name}`, 'It is empty.')
      if (store.world.full.has(given.text('VSwitchId')))
        throw new Refusal(400, 'VSwitchAvailableIpNotExist', 'The VSwitch has no address left.')
      const { id, own } = create(store, settings, 'call', given.items('Tag'))
      return { LoadBalancerId: id, Address: own['Address'], LoadBalancerName: own['LoadBalancerName'] }
    },
    DeleteLoadBalancer: (given) => {
      const found = store.balancer(given.need('LoadBalancerId'))
      if (found.own['DeleteProtection'] === 'on')
        throw new Refusal(400, 'OperationDenied.DeleteProtection', 'Deletion protection is on.')
      remove(store, found.id)
      return {}
    },
    DescribeLoadBalancers: (given) => describe(store, given),
    DescribeLoadBalancerAttribute: (given) => attributes(store.visible(given.need('LoadBalancerId'))),
    SetLoadBalancerName: (given) => set(store, given, ['LoadBalancerName']),
    SetLoadBalancerDeleteProtection: (given) => set(store, given, ['DeleteProtection']),
    SetLoadBalancerModificationProtection: (given) =>
      set(store, given, ['ModificationProtectionStatus', 'ModificationProtectionReason']),
    ModifyLoadBalancerInstanceSpec: (given) => set(store, given, ['LoadBalancerSpec']),
    ModifyLoadBalancerInstanceChargeType: (given) => {
      const found = store.balancer(given.need('LoadBalancerId'))
      if (found.own['InstanceChargeType'] === 'PayByCLCU' && given.text('InstanceChargeType') === 'PayBySpec')
        throw new Refusal(400, 'OperationUnsupported', 'From PayByCLCU there is no way back.')
      return set(store, given, ['InstanceChargeType', 'LoadBalancerSpec'])
    },
    ModifyLoadBalancerInternetSpec: (given) => set(store, given, ['InternetChargeType', 'Bandwidth']),
    TagResources: (given) => {
      const found = store.balancer(given.need('ResourceId.1'))
      const tags = given.items('Tag')
      if (tags.length > 20 || found.tags.size + tags.filter(({ Key = '' }) => !found.tags.has(Key)).length > 20)
        throw new Refusal(400, 'TagCountLimit', 'An instance has at most 20 tags.')
      for (const { Key = '', Value = '' } of tags) found.tags.set(Key, Value)
      return {}
    },
    UntagResources: (given) => {
      const found = store.balancer(given.need('ResourceId.1'))
      for (const key of given.list('TagKey')) found.tags.delete(key)
      return {}
    },
  }
}

export function create(
  store: ClbStore,
  settings: Record<string, string>,
  by: 'call' | 'user',
  tags: readonly Readonly<Record<string, string>>[] = [],
): Balancer {
  const { ClientToken: _token, RegionId: _region, ...wanted } = settings
  const own = Object.fromEntries(Object.entries(wanted).filter(([name]) => !name.startsWith('Tag.')))
  const id = store.world.id('lb')
  const made: Balancer = {
    id,
    own: {
      AddressType: 'internet',
      VpcId: 'vpc-1',
      DeleteProtection: 'off',
      ModificationProtectionStatus: 'NonProtection',
      LoadBalancerStatus: 'active',
      ...own,
      Address: own['Address'] ?? store.world.address(own['AddressType'] === 'intranet'),
    },
    tags: new Map(tags.map(({ Key = '', Value = '' }) => [Key, Value])),
    listeners: new Map(),
    ...(by === 'user' ? seenByAll() : store.world.unseen()),
  }
  store.balancers.set(id, made)
  store.world.note('clb', id, own['LoadBalancerName'] ?? '', by)
  return made
}

export function remove(store: ClbStore, id: string): void {
  store.balancers.delete(id)
  store.world.gone(id)
  for (const group of store.groupsOf(id)) {
    store.groups.delete(group.id)
    store.world.gone(group.id)
  }
}

function describe(store: ClbStore, given: Parameters): object {
  const tags = given.has('Tags') ? (JSON.parse(given.text('Tags')) as { TagKey: string; TagValue?: string }[]) : [] // from the wire
  const ids = given
    .text('LoadBalancerId')
    .split(',')
    .filter((id) => id !== '')
  const found = [...store.balancers.values()].filter(
    (one) =>
      store.isVisible(one) &&
      (ids.length === 0 || ids.includes(one.id)) &&
      (!given.has('LoadBalancerName') || one.own['LoadBalancerName'] === given.text('LoadBalancerName')) &&
      tags.every(({ TagKey, TagValue }) =>
        TagValue === undefined ? one.tags.has(TagKey) : one.tags.get(TagKey) === TagValue,
      ),
  )
  const size = Math.min(100, given.number('PageSize', 50))
  const page = given.number('PageNumber', 1)
  return {
    LoadBalancers: { LoadBalancer: found.slice((page - 1) * size, page * size).map((one) => attributes(one)) },
    PageNumber: page,
    PageSize: size,
    TotalCount: found.length,
  }
}

function attributes(one: Balancer): object {
  return {
    ...one.own,
    ...(one.own['Bandwidth'] === undefined ? {} : { Bandwidth: Number(one.own['Bandwidth']) }),
    LoadBalancerId: one.id,
    Tags: { Tag: [...one.tags].map(([TagKey, TagValue]) => ({ TagKey, TagValue })) },
    ListenerPortsAndProtocol: {
      ListenerPortAndProtocol: [...one.listeners.values()].map(({ port, protocol }) => ({
        ListenerPort: port,
        ListenerProtocol: protocol,
      })),
    },
  }
}

function set(store: ClbStore, given: Parameters, names: readonly string[]): object {
  const found = store.balancer(given.need('LoadBalancerId'))
  if (
    found.own['ModificationProtectionStatus'] === 'ConsoleProtection' &&
    names.includes('LoadBalancerName') &&
    given.text('ByConsole') !== ''
  )
    throw new Refusal(400, 'OperationDenied.ModificationProtection', 'Protected against changes in the console.')
  for (const name of names) if (given.has(name)) found.own[name] = given.text(name)
  return {}
}
