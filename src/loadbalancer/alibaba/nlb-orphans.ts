import type { Orphan } from '../provider.js'
import type { ServiceView } from '../views.js'
import { type Fields, items, text } from './answer.js'
import type { Cloud } from './api.js'
import { TAGS } from './names.js'
import { groupsByTag, nlbByTag } from './nlb-observe.js'
import type { ClusterFacts } from './settings.js'

/** Instances and server groups with the tags of this cluster whose Service there is not. */
export async function nlbOrphans(
  cloud: Cloud,
  services: readonly ServiceView[],
  facts: ClusterFacts,
): Promise<readonly Orphan[]> {
  const uids = new Set(services.map(({ uid }) => uid))
  const [balancers, groups] = await Promise.all([
    nlbByTag(cloud, facts, TAGS.cluster, facts.cluster),
    groupsByTag(cloud, facts, TAGS.cluster, facts.cluster),
  ])
  const orphan = (what: string, one: Fields): readonly Orphan[] => {
    const tags = new Map(items(one, 'Tags').map((tag) => [text(tag, 'Key'), text(tag, 'Value')]))
    return uids.has(tags.get(TAGS.service) ?? '') ? [] : [{ what, service: tags.get(TAGS.name) ?? '' }]
  }
  return [
    ...balancers.flatMap((one) => orphan(`NLB ${text(one, 'LoadBalancerId')}`, one)),
    ...groups.flatMap((one) => orphan(`server group ${text(one, 'ServerGroupId')}`, one)),
  ]
}
