import type { ServiceProblem } from '../provider.js'
import type { ServiceView } from '../views.js'
import { fieldOf, PREFIX } from './declare.js'
import { defaultName, tagsToDrop, wantedTags } from './names.js'
import type { NlbValues, Zone } from './nlb-annotations.js'
import type { NlbBalancer } from './nlb-existing.js'
import type { GuardPlan } from './nlb-guard.js'
import type { NlbDo } from './nlb-steps.js'
import { flatten } from './parameters.js'
import type { ClusterFacts } from './settings.js'

type Strings = Readonly<Record<string, string>>

const PROTECTION_REASON = 'managed.by.ack'
/** A call takes so many zones, groups and tags as there may be. */
const GROUPS_AT_MOST = 4

/** Parameters of CreateLoadBalancer. */
export function nlbCreateParameters(service: ServiceView, values: NlbValues, facts: ClusterFacts): Strings {
  const isProtected = values['modification-protection'] !== 'NonProtection'
  return flatten({
    RegionId: facts.region,
    VpcId: facts.vpc,
    AddressType: typeOf(values['address-type'] ?? 'internet'),
    AddressIpVersion: values['ip-version'] ?? 'ipv4',
    LoadBalancerName: values.name ?? defaultName(service),
    ResourceGroupId: values['resource-group-id'],
    BandwidthPackageId: values['bandwidth-package-id'],
    ZoneMappings: zoneParameters(values['zone-maps'] ?? []),
    DeletionProtectionConfig: { Enabled: values['delete-protection'] !== 'off', Reason: PROTECTION_REASON },
    ModificationProtectionConfig: isProtected
      ? { Status: 'ConsoleProtection', Reason: PROTECTION_REASON }
      : { Status: 'NonProtection' },
    Tag: Object.entries(nlbTags(service, values, facts)).map(([Key, Value]) => ({ Key, Value })),
  })
}

export function nlbTags(service: ServiceView, values: NlbValues, facts: ClusterFacts): Strings {
  return wantedTags(service, values['additional-resource-tags'] ?? [], facts.cluster)
}

/** What brings an instance in line, each with a sentence. */
export function nlbInstanceChanges(
  { id, fields, zones, securityGroups, tags }: NlbBalancer,
  service: ServiceView,
  values: NlbValues,
  facts: ClusterFacts,
  { join, leave }: Pick<GuardPlan, 'join' | 'leave'>,
): readonly (readonly [NlbDo, string])[] {
  const changes: (readonly [NlbDo, string])[] = []
  const set = (action: string, wanted: Strings, after: Strings = wanted): void => {
    const words = Object.entries(wanted).map(([name, value]) => `${name} ${value}`)
    changes.push([{ kind: 'set', action, fields: wanted, after }, `set ${words.join(', ')}`])
  }
  const attributes = differing(fields, {
    LoadBalancerName: values.name ?? defaultName(service),
    CrossZoneEnabled: String(values['cross-zone-enabled'] !== 'off'),
  })
  if (Object.keys(attributes).length > 0) set('UpdateLoadBalancerAttribute', attributes)
  const type = typeOf(values['address-type'] ?? 'internet')
  if (fields['AddressType'] !== type) set('UpdateLoadBalancerAddressTypeConfig', { AddressType: type })
  const wantedZones = values['zone-maps'] ?? []
  const named = wantedZones.map(zoneName).toSorted()
  if (wantedZones.length > 0 && named.join() !== [...zones].toSorted().join())
    changes.push([
      { kind: 'zones', parameters: flatten({ ZoneMappings: zoneParameters(wantedZones) }), zones: named },
      `set zones ${named.join(', ')}`,
    ])
  const ipv6 = typeOf(values['ipv6-address-type'] ?? 'intranet')
  if (values['ip-version'] === 'DualStack' && (fields['Ipv6AddressType'] ?? 'Intranet') !== ipv6)
    set(
      ipv6 === 'Internet' ? 'EnableLoadBalancerIpv6Internet' : 'DisableLoadBalancerIpv6Internet',
      {},
      { Ipv6AddressType: ipv6 },
    )
  const [current, wanted] = [fields['BandwidthPackageId'] ?? '', values['bandwidth-package-id'] ?? '']
  if (current !== '' && current !== wanted)
    set('DetachCommonBandwidthPackageFromLoadBalancer', { BandwidthPackageId: current }, { BandwidthPackageId: '' })
  if (wanted !== '' && current !== wanted)
    set('AttachCommonBandwidthPackageToLoadBalancer', { BandwidthPackageId: wanted })
  // Without the annotation groups are the user's business.
  const groups = values['security-group-ids'] ?? securityGroups.filter((id) => !leave.includes(id))
  changes.push(...groupChanges(securityGroups, [...new Set([...groups, ...(join === undefined ? [] : [join])])]))
  const protection = differing(fields, {
    'DeletionProtectionConfig.Enabled': String(values['delete-protection'] !== 'off'),
    'ModificationProtectionConfig.Status': values['modification-protection'] ?? 'ConsoleProtection',
  })
  if (Object.keys(protection).length > 0) changes.push(protectionChange(protection))
  const tagsAfter = nlbTags(service, values, facts)
  const dropped = tagsToDrop(tags, tagsAfter)
  if (dropped.length > 0)
    changes.push([
      { kind: 'untag', type: 'loadbalancer', id, keys: dropped },
      `take off the tags ${dropped.join(', ')}`,
    ])
  const missing = Object.entries(tagsAfter).filter(([key, value]) => tags[key] !== value)
  if (missing.length > 0)
    changes.push([
      { kind: 'tag', tags: Object.fromEntries(missing) },
      `tag with ${missing.map(([key]) => key).join(', ')}`,
    ])
  return changes
}

/** Protections as fields of the instance; the action names them otherwise. */
export function protectionChange(after: Strings): readonly [NlbDo, string] {
  const deletion = after['DeletionProtectionConfig.Enabled']
  const status = after['ModificationProtectionConfig.Status']
  const reasons = {
    ...(deletion === 'true' ? { DeletionProtectionReason: PROTECTION_REASON } : {}),
    ...(status === 'ConsoleProtection' ? { ModificationProtectionReason: PROTECTION_REASON } : {}),
  }
  const fields = {
    ...(deletion === undefined ? {} : { DeletionProtectionEnabled: deletion }),
    ...(status === undefined ? {} : { ModificationProtectionStatus: status }),
    ...reasons,
  }
  const words = [deletion === undefined ? '' : `deletion ${deletion}`, status === undefined ? '' : `changes ${status}`]
  const shown = words.filter((word) => word !== '').join(', ')
  return [{ kind: 'set', action: 'UpdateLoadBalancerProtection', fields, after }, `set protection: ${shown}`]
}

/**
 * Joins before it leaves, and where there is no room leaves one at a time: an instance that is in no group is open to
 * all.
 */
function groupChanges(found: readonly string[], wanted: readonly string[]): readonly (readonly [NlbDo, string])[] {
  const missing = wanted.filter((id) => !found.includes(id))
  const surplus = found.filter((id) => !wanted.includes(id))
  if (missing.length === 0 && surplus.length === 0) return []
  const room = Math.max(0, GROUPS_AT_MOST - found.length)
  const joined = surplus.length === 0 ? missing : missing.slice(0, room)
  if (joined.length > 0)
    return [
      [{ kind: 'join', groups: joined }, `join security groups ${joined.join(', ')}`],
      ...groupChanges([...found, ...joined], wanted),
    ]
  const left = missing.length === 0 ? surplus : surplus.slice(0, 1)
  return [
    [{ kind: 'leave', groups: left }, `leave security groups ${left.join(', ')}`],
    ...groupChanges(
      found.filter((id) => !left.includes(id)),
      wanted,
    ),
  ]
}

export function nlbFixedProblems({ id, fields }: NlbBalancer, values: NlbValues): readonly ServiceProblem[] {
  const fixed = [
    ['ip-version', 'AddressIpVersion'],
    ['resource-group-id', 'ResourceGroupId'],
  ] as const
  return fixed.flatMap(([key, field]): readonly ServiceProblem[] => {
    const [wanted, current] = [values[key], fields[field]]
    if (wanted === undefined || current === undefined || current.toLowerCase() === wanted.toLowerCase()) return []
    const message = `The annotation is ${wanted}, but the NLB ${id} was created with ${current}, which cannot be changed. It stays so: delete the Service and create it anew.`
    return [{ severity: 'warning', field: fieldOf(PREFIX + key), message }]
  })
}

export function zoneName({ zone, vswitch }: Zone): string {
  return `${zone}:${vswitch}`
}

function zoneParameters(zones: readonly Zone[]) {
  return zones.map(({ zone, vswitch, address, eip }) => ({
    ZoneId: zone,
    VSwitchId: vswitch,
    PrivateIPv4Address: address === '' ? undefined : address,
    AllocationId: eip === '' ? undefined : eip,
  }))
}

function differing(fields: Strings, wanted: Strings): Strings {
  return Object.fromEntries(Object.entries(wanted).filter(([name, value]) => fields[name] !== value))
}

function typeOf(word: 'internet' | 'intranet'): 'Internet' | 'Intranet' {
  return word === 'internet' ? 'Internet' : 'Intranet'
}
