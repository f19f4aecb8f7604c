import type { Actions } from './actions.js'
import { hasTags, page, settingsOf } from './nlb-answers.js'
import type { Balancer, NlbStore, Settings } from './nlb-store.js'
import type { Parameters } from './parameters.js'
import { Refusal } from './refusal.js'
import { seenByAll } from './world.js'

/** Instances of NLB, and tags of all that has them. */
export function instanceActions(store: NlbStore): Actions {
  return {
    CreateLoadBalancer: (given) => {
      given.need('RegionId')
      given.need('VpcId')
      const zones = given.items('ZoneMappings')
      if (zones.length < 2) throw new Refusal(400, 'InvalidParameter.ZoneMappings', 'At least two zones are needed.')
      if (!['Internet', 'Intranet'].includes(given.need('AddressType')))
        throw new Refusal(400, 'InvalidParameter.AddressType', 'It is Internet or Intranet.')
      const made = create(store, given.all(), zones, 'call')
      return { LoadbalancerId: made.id, OrderId: store.world.id('order') }
    },
    GetLoadBalancerAttribute: (given) =>
      describe(store.seen(store.balancer(given.need('LoadBalancerId')), 'loadBalancer')),
    ListLoadBalancers: (given) => {
      const ids = given.list('LoadBalancerIds')
      const names = given.list('LoadBalancerNames')
      const found = [...store.balancers.values()].filter(
        (one) =>
          store.isVisible(one) &&
          (ids.length === 0 || ids.includes(one.id)) &&
          (names.length === 0 || names.includes(one.settings['LoadBalancerName'] ?? '')) &&
          hasTags(one.tags, given.items('Tag')),
      )
      return page(
        given,
        'LoadBalancers',
        found.map((one) => describe(one)),
      )
    },
    DeleteLoadBalancer: (given) => {
      const found = store.settled(given.need('LoadBalancerId'))
      if (found.settings['DeletionProtectionConfig.Enabled'] === 'true')
        throw new Refusal(409, 'OperationDenied.DeletionProtection', 'Deletion protection is on.')
      found.status = 'Deleting'
      return store.job(() => remove(store, found.id))
    },
    UpdateLoadBalancerAttribute: (given) => update(store, given, ['LoadBalancerName', 'CrossZoneEnabled', 'Cps']),
    UpdateLoadBalancerAddressTypeConfig: (given) => update(store, given, ['AddressType']),
    UpdateLoadBalancerZones: (given) => {
      const zones = given.items('ZoneMappings')
      if (zones.length < 2) throw new Refusal(400, 'InvalidParameter.ZoneMappings', 'At least two zones are needed.')
      return change(store, given, (one) => {
        one.zones = zones
      })
    },
    UpdateLoadBalancerProtection: (given) => {
      const found = store.settled(given.need('LoadBalancerId'))
      const {
        DeletionProtectionEnabled,
        DeletionProtectionReason,
        ModificationProtectionStatus,
        ModificationProtectionReason,
      } = given.all()
      Object.assign(found.settings, {
        ...(DeletionProtectionEnabled === undefined
          ? {}
          : { 'DeletionProtectionConfig.Enabled': DeletionProtectionEnabled }),
        ...(DeletionProtectionReason === undefined
          ? {}
          : { 'DeletionProtectionConfig.Reason': DeletionProtectionReason }),
        ...(ModificationProtectionStatus === undefined
          ? {}
          : { 'ModificationProtectionConfig.Status': ModificationProtectionStatus }),
        ...(ModificationProtectionReason === undefined
          ? {}
          : { 'ModificationProtectionConfig.Reason': ModificationProtectionReason }),
      })
      return {}
    },
    EnableLoadBalancerIpv6Internet: (given) =>
      change(store, given, (one) => {
        one.settings['Ipv6AddressType'] = 'Internet'
      }),
    DisableLoadBalancerIpv6Internet: (given) =>
      change(store, given, (one) => {
        one.settings['Ipv6AddressType'] = 'Intranet'
      }),
    AttachCommonBandwidthPackageToLoadBalancer: (given) => update(store, given, ['BandwidthPackageId']),
    DetachCommonBandwidthPackageFromLoadBalancer: (given) =>
      change(store, given, (one) => {
        if (one.settings['BandwidthPackageId'] !== given.need('BandwidthPackageId'))
          throw new Refusal(400, 'ResourceNotAssociated.bandwidthPackage', 'It is another package.')
        delete one.settings['BandwidthPackageId']
      }),
    LoadBalancerJoinSecurityGroup: (given) => {
      const found = store.ready(given.need('LoadBalancerId'))
      const wanted = given.list('SecurityGroupIds')
      if (found.groups.size + wanted.filter((id) => !found.groups.has(id)).length > 4)
        throw new Refusal(400, 'QuotaExceeded.SecurityGroupsPerLoadBalancer', 'At most four security groups.')
      return change(store, given, (one) => wanted.forEach((id) => one.groups.add(id)))
    },
    LoadBalancerLeaveSecurityGroup: (given) =>
      change(store, given, (one) => given.list('SecurityGroupIds').forEach((id) => one.groups.delete(id))),
    GetJobStatus: (given) => ({ Status: store.world.jobStatus(given.need('JobId')) }),
    TagResources: (given) => {
      const tags = tagsFor(store, given)
      for (const { Key = '', Value = '' } of given.items('Tag')) tags.set(Key, Value)
      if (tags.size > 20) throw new Refusal(400, 'QuotaExceeded.Tags', 'At most 20 tags.')
      return {}
    },
    UntagResources: (given) => {
      const tags = tagsFor(store, given)
      for (const key of given.list('TagKey')) tags.delete(key)
      return {}
    },
  }
}

export function create(store: NlbStore, all: Settings, zones: Balancer['zones'], by: 'call' | 'user'): Balancer {
  const id = store.world.id('nlb')
  const tags = new Map<string, string>()
  for (let at = 1; all[`Tag.${at}.Key`] !== undefined; at++)
    tags.set(all[`Tag.${at}.Key`] ?? '', all[`Tag.${at}.Value`] ?? '')
  const made: Balancer = {
    id,
    settings: { CrossZoneEnabled: 'true', AddressIpVersion: 'ipv4', VpcId: 'vpc-1', ...settingsOf(all) },
    status: 'Provisioning',
    zones,
    groups: new Set(),
    tags,
    ...(by === 'user' ? seenByAll() : store.world.unseen()),
  }
  store.balancers.set(id, made)
  store.world.note('nlb', id, all['LoadBalancerName'] ?? '', by)
  store.world.job(store.world.delays.active, () => {
    made.status = 'Active'
  })
  return made
}

export function remove(store: NlbStore, id: string): void {
  store.balancers.delete(id)
  store.world.gone(id)
  for (const listener of store.listeners.values()) if (listener.balancer === id) store.listeners.delete(listener.id)
}

function update(store: NlbStore, given: Parameters, names: readonly string[]): object {
  return change(store, given, (one) => {
    for (const name of names) if (given.has(name)) one.settings[name] = given.text(name)
  })
}

function change(store: NlbStore, given: Parameters, act: (one: Balancer) => void): { readonly JobId: string } {
  const found = store.ready(given.need('LoadBalancerId'))
  found.status = 'Configuring'
  return store.job(() => {
    act(found)
    found.status = 'Active'
  })
}

function describe(one: Balancer): object {
  const { settings } = one
  return {
    LoadBalancerId: one.id,
    LoadBalancerStatus: one.status,
    ...Object.fromEntries(Object.entries(settings).filter(([name]) => !name.includes('.'))),
    DNSName: `${one.id}.cn-hangzhou.nlb.aliyuncs.com`,
    CrossZoneEnabled: settings['CrossZoneEnabled'] === 'true',
    DeletionProtectionConfig: { Enabled: settings['DeletionProtectionConfig.Enabled'] === 'true' },
    ModificationProtectionConfig: { Status: settings['ModificationProtectionConfig.Status'] ?? 'NonProtection' },
    ZoneMappings: one.zones.map(({ ZoneId, VSwitchId, PrivateIPv4Address, AllocationId }) => ({
      ZoneId,
      VSwitchId,
      LoadBalancerAddresses: [{ PrivateIPv4Address, AllocationId }],
    })),
    SecurityGroupIds: [...one.groups],
    Tags: [...one.tags].map(([Key, Value]) => ({ Key, Value })),
  }
}

function tagsFor(store: NlbStore, given: Parameters): Map<string, string> {
  const id = given.need('ResourceId.1')
  return given.text('ResourceType') === 'servergroup' ? store.group(id).tags : store.balancer(id).tags
}
