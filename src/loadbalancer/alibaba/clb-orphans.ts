import type { Orphan } from '../provider.js'
import type { ServiceView } from '../views.js'
import { items, text } from './answer.js'
import type { Cloud } from './api.js'
import { byTag } from './clb-observe.js'
import { TAGS } from './names.js'
import type { ClusterFacts } from './settings.js'

/** Instances with the tags of this cluster whose Service there is not. */
export async function clbOrphans(
  cloud: Cloud,
  services: readonly ServiceView[],
  facts: ClusterFacts,
): Promise<readonly Orphan[]> {
  const uids = new Set(services.map(({ uid }) => uid))
  const found = await byTag(cloud, facts, TAGS.cluster, facts.cluster)
  return found.flatMap((one): readonly Orphan[] => {
    const tags = new Map(items(one, 'Tags', 'Tag').map((tag) => [text(tag, 'TagKey'), text(tag, 'TagValue')]))
    if (uids.has(tags.get(TAGS.service) ?? '')) return []
    return [{ what: `CLB ${text(one, 'LoadBalancerId')}`, service: tags.get(TAGS.name) ?? '' }]
  })
}
