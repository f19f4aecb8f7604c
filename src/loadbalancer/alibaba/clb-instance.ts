import type { ServiceProblem } from '../provider.js'
import type { ServiceView } from '../views.js'
import type { ClbValues } from './clb-annotations.js'
import type { Balancer } from './clb-existing.js'
import { fieldOf, PREFIX } from './declare.js'
import { defaultName, wantedTags } from './names.js'
import type { ParameterMap } from './parameters.js'
import type { ClusterFacts } from './settings.js'

type Strings = Readonly<Record<string, string>>

const PROTECTION_REASON = 'managed.by.ack'

/** Parameters of CreateLoadBalancer, and what the instance has afterwards. */
export function createParameters(
  service: ServiceView,
  values: ClbValues,
  facts: ClusterFacts,
): {
  readonly parameters: ParameterMap
  readonly fields: Strings
  readonly tags: Strings
  /** VSwitches to try after the first, where that has no address left. */
  readonly vswitches: readonly string[]
} {
  const type = values['address-type'] ?? 'internet'
  const isIntranet = type === 'intranet'
  const [vswitch, ...others] = values['vswitch-id'] === undefined ? facts.vswitches : [values['vswitch-id']]
  const isInVpc = isIntranet && values['network-type'] !== 'classic'
  const wanted: Record<string, string | undefined> = {
    AddressType: type,
    VpcId: isInVpc ? facts.vpc : undefined,
    VSwitchId: isInVpc ? vswitch : undefined,
    Address: isIntranet ? values.ip : undefined,
    AddressIPVersion: values['ip-version'] ?? 'ipv4',
    MasterZoneId: values['master-zoneid'],
    SlaveZoneId: values['slave-zoneid'],
    ResourceGroupId: values['resource-group-id'],
    ...wantedFields(service, values),
    ModificationProtectionReason: values['modification-protection'] === 'NonProtection' ? undefined : PROTECTION_REASON,
  }
  const fields = Object.fromEntries(
    Object.entries(wanted).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== ''),
  )
  const tags = wantedTags(service, values['additional-resource-tags'] ?? [], facts.cluster)
  const Tag = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))
  // A fixed address is one of a certain VSwitch.
  const vswitches = isInVpc && values.ip === undefined ? others : []
  return { parameters: { ...fields, Tag }, fields, tags, vswitches }
}

/** What may be changed later. */
function wantedFields(service: ServiceView, values: ClbValues): Record<string, string | undefined> {
  const charge = chargeOf(values)
  const isInternet = (values['address-type'] ?? 'internet') === 'internet'
  const traffic = values['charge-type'] ?? 'paybytraffic'
  return {
    LoadBalancerName: values.name ?? defaultName(service),
    InstanceChargeType: charge,
    LoadBalancerSpec: charge === 'PayBySpec' ? (values.spec ?? 'slb.s1.small') : undefined,
    InternetChargeType: isInternet ? traffic : undefined,
    Bandwidth: isInternet && traffic === 'paybybandwidth' ? String(values.bandwidth ?? 50) : undefined,
    DeleteProtection: values['delete-protection'] ?? 'on',
    ModificationProtectionStatus: values['modification-protection'] ?? 'ConsoleProtection',
  }
}

function chargeOf(values: ClbValues): 'PayBySpec' | 'PayByCLCU' {
  return values['instance-charge-type'] ?? (values.spec === undefined ? 'PayByCLCU' : 'PayBySpec')
}

/** The calls that bring an instance in line. */
export function fieldChanges(
  { fields }: Balancer,
  service: ServiceView,
  values: ClbValues,
): readonly { readonly action: string; readonly fields: Strings }[] {
  const wanted = wantedFields(service, values)
  const differs = (name: string): boolean => wanted[name] !== undefined && (fields[name] ?? '') !== wanted[name]
  const of = (...names: readonly string[]): Strings =>
    Object.fromEntries(
      names.map((name) => [name, wanted[name]]).filter((entry): entry is [string, string] => entry[1] !== undefined),
    )
  const changes: { action: string; fields: Strings }[] = []
  const change = (action: string, ...names: readonly string[]): void =>
    void changes.push({ action, fields: of(...names) })
  if (differs('LoadBalancerName')) change('SetLoadBalancerName', 'LoadBalancerName')
  if (fields['InstanceChargeType'] === 'PayBySpec' && wanted['InstanceChargeType'] === 'PayByCLCU')
    change('ModifyLoadBalancerInstanceChargeType', 'InstanceChargeType')
  else if (fields['InstanceChargeType'] !== 'PayByCLCU' && differs('LoadBalancerSpec'))
    change('ModifyLoadBalancerInstanceSpec', 'LoadBalancerSpec')
  if (fields['AddressType'] === 'internet' && (differs('InternetChargeType') || differs('Bandwidth')))
    change('ModifyLoadBalancerInternetSpec', 'InternetChargeType', 'Bandwidth')
  if (differs('DeleteProtection')) change('SetLoadBalancerDeleteProtection', 'DeleteProtection')
  if (differs('ModificationProtectionStatus'))
    changes.push({
      action: 'SetLoadBalancerModificationProtection',
      fields: {
        ...of('ModificationProtectionStatus'),
        ...(wanted['ModificationProtectionStatus'] === 'ConsoleProtection'
          ? { ModificationProtectionReason: PROTECTION_REASON }
          : {}),
      },
    })
  return changes
}

/** What was decided when the instance was created, and is wanted otherwise now. */
export function fixedProblems({ id, fields }: Balancer, values: ClbValues): readonly ServiceProblem[] {
  const fixed: readonly (readonly [key: keyof ClbValues, field: string])[] = [
    ['address-type', 'AddressType'],
    ['vswitch-id', 'VSwitchId'],
    ['ip', 'Address'],
    ['ip-version', 'AddressIPVersion'],
    ['master-zoneid', 'MasterZoneId'],
    ['slave-zoneid', 'SlaveZoneId'],
    ['resource-group-id', 'ResourceGroupId'],
  ]
  const problems = fixed.flatMap(([key, field]): readonly ServiceProblem[] => {
    const wanted = values[key]
    const current = fields[field]
    if (typeof wanted !== 'string' || current === undefined || current === wanted) return []
    const message = `The annotation is ${wanted}, but the CLB ${id} was created with ${current}, which cannot be changed. It stays so: delete the Service and create it anew.`
    return [{ severity: 'warning', field: fieldOf(PREFIX + key), message }]
  })
  if (values['instance-charge-type'] !== 'PayBySpec' || fields['InstanceChargeType'] !== 'PayByCLCU') return problems
  const message = `The CLB ${id} is paid by use (PayByCLCU), and cannot go back to PayBySpec. It stays so.`
  return [...problems, { severity: 'warning', field: fieldOf(`${PREFIX}instance-charge-type`), message }]
}

/** As for Alibaba's own controller, source ranges are not for a CLB; who wrote them has to know. */
export function openToAll({ sourceRanges }: ServiceView, values: ClbValues): readonly ServiceProblem[] {
  if (sourceRanges.length === 0 || values['acl-status'] === 'on') return []
  const message =
    'Source ranges are not kept by a CLB, which lets everybody in: use the annotations acl-status, acl-id and acl-type, and leave the ranges out.'
  return [{ severity: 'warning', reason: 'FeatureNotSupported', field: 'spec.loadBalancerSourceRanges', message }]
}
