import { type Fields, items, text } from './answer.js'
import type { Cloud } from './api.js'
import { ask, askPages, CloudError } from './ask.js'
import { TAGS } from './names.js'
import type { Guard, GuardRule } from './nlb-existing.js'
import { networkOf } from './nlb-guard.js'
import type { ClusterFacts } from './settings.js'

/**
 * Security groups of a Service, with their rules. `need`: where none is wanted, who has no right to read them has none:
 * nobody without it could have made one.
 */
export async function guardsOf(
  cloud: Cloud,
  facts: ClusterFacts,
  uid: string,
  need: 'wanted' | 'if there is one',
): Promise<readonly Guard[]> {
  const found = await guardsByTag(cloud, facts, TAGS.service, uid, need)
  return Promise.all(
    found.map(async (one) => {
      const id = text(one, 'SecurityGroupId')
      return { id, name: text(one, 'SecurityGroupName'), rules: await rulesOf(cloud, facts, id) }
    }),
  )
}

/** None, where ECS cannot be reached and the instance is in no group that could be one. */
export async function unlessUnreachable(
  look: Promise<readonly Guard[]>,
  mayBeGuarded: () => Promise<boolean>,
): Promise<readonly Guard[]> {
  try {
    return await look
  } catch (cause) {
    const isUnreachable =
      cause instanceof CloudError && cause.failure.class === 'unknown-effect' && cause.failure.status === 0
    if (isUnreachable && !(await mayBeGuarded())) return []
    throw cause
  }
}

/** All of this cluster, or of a Service. */
export async function guardsByTag(
  cloud: Cloud,
  { region, vpc }: ClusterFacts,
  Key: string,
  Value: string,
  need: 'wanted' | 'if there is one',
): Promise<readonly Fields[]> {
  const parameters = { RegionId: region, VpcId: vpc, Tag: [{ Key, Value }] }
  try {
    return await askPages(cloud, 'ecs', 'DescribeSecurityGroups', parameters, 'SecurityGroups', 'SecurityGroup')
  } catch (cause) {
    const isForbidden = cause instanceof CloudError && cause.failure.class === 'rights' && cause.failure.status !== 0
    if (isForbidden && need !== 'wanted') return []
    throw cause
  }
}

async function rulesOf(cloud: Cloud, { region }: ClusterFacts, id: string): Promise<readonly GuardRule[]> {
  const body = await ask(cloud, 'ecs', 'DescribeSecurityGroupAttribute', {
    RegionId: region,
    SecurityGroupId: id,
    Direction: 'ingress',
    MaxResults: 1000,
  })
  return items(body, 'Permissions', 'Permission').map((one) => {
    const network = text(one, 'SourceCidrIp') || text(one, 'Ipv6SourceCidrIp')
    return {
      policy: text(one, 'Policy').toLowerCase() === 'drop' ? 'Drop' : 'Accept',
      priority: text(one, 'Priority'),
      network: networkOf(network) ?? network,
      id: text(one, 'SecurityGroupRuleId'),
      isWhole: text(one, 'IpProtocol').toLowerCase() === 'all' && text(one, 'PortRange') === '-1/-1',
    }
  })
}
