import type { Orphan } from '../provider.js'
import type { ServiceView } from '../views.js'
import { type Fields, items, text } from './answer.js'
import type { Cloud } from './api.js'
import { TAGS } from './names.js'
import { guardsByTag } from './nlb-guard-observe.js'
import { groupsByTag, nlbByTag } from './nlb-observe.js'
import type { ClusterFacts } from './settings.js'

/** Instances, server groups and security groups with the tags of this cluster whose Service there is not. */
export async function nlbOrphans(
  cloud: Cloud,
  services: readonly ServiceView[],
  facts: ClusterFacts,
): Promise<readonly Orphan[]> {
  const uids = new Set(services.map(({ uid }) => uid))
  const [balancers, groups, guards] = await Promise.all([
    nlbByTag(cloud, facts, TAGS.cluster, facts.cluster),
    groupsByTag(cloud, facts, TAGS.cluster, facts.cluster),
    guardsByTag(cloud, facts, TAGS.cluster, facts.cluster, 'if there is one'),
  ])
  const orphan = (what: string, one: Fields): readonly Orphan[] => {
    // ECS calls them otherwise than NLB.
    const named = [...items(one, 'Tags'), ...items(one, 'Tags', 'Tag')]
    const tags = new Map(
      named.map((tag) => [text(tag, 'Key') || text(tag, 'TagKey'), text(tag, 'Value') || text(tag, 'TagValue')]),
    )
    return uids.has(tags.get(TAGS.service) ?? '') ? [] : [{ what, service: tags.get(TAGS.name) ?? '' }]
  }
  return [
    ...balancers.flatMap((one) => orphan(`NLB ${text(one, 'LoadBalancerId')}`, one)),
    ...groups.flatMap((one) => orphan(`server group ${text(one, 'ServerGroupId')}`, one)),
    ...guards.flatMap((one) => orphan(`security group ${text(one, 'SecurityGroupId')}`, one)),
  ]
}
