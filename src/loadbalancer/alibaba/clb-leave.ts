import type { ServiceProblem } from '../provider.js'
import type { ServiceView } from '../views.js'
import { describeRemoval } from './backends.js'
import type { Balancer, Group, Listener } from './clb-existing.js'
import { isOurs, SERVERS_IN_A_CALL } from './clb-objects.js'
import type { ClbDo } from './clb-steps.js'
import { heldProblem } from './refusals.js'
import { batches } from './servers.js'
import type { ClusterFacts } from './settings.js'

type Add = (change: ClbDo, description: string) => void

/**
 * Takes what is ours off an instance of the user, which stays with everything else: listeners, groups, and our servers
 * in groups of the user.
 */
export function planLeaving(
  balancer: Balancer,
  service: ServiceView,
  { cluster }: ClusterFacts,
  severity: ServiceProblem['severity'],
  plan: Add,
): readonly ServiceProblem[] {
  const isMine = ({ description }: { readonly description: string }): boolean => isOurs(description, service, cluster)
  for (const { protocol, port } of balancer.listeners.filter(isMine))
    plan({ kind: 'delete-listener', protocol, port }, `delete the ${protocol} listener ${port}`)
  const ours = balancer.groups.filter(({ name }) => isOurs(name, service, cluster))
  takeServersOut(balancer, new Set(), service, { cluster }, plan)
  // A Service that is deleted waits for it; one that goes on elsewhere does not.
  return dropGroups(balancer, ours, isMine, severity, plan, severity === 'error' ? 'here' : 'left')
}

/** Takes our servers, and no others, out of groups of the user that are not `named` (ids). */
export function takeServersOut(
  { groups }: Balancer,
  named: ReadonlySet<string>,
  service: ServiceView,
  { cluster }: Pick<ClusterFacts, 'cluster'>,
  plan: Add,
): void {
  for (const group of groups.filter(({ id, name }) => !named.has(id) && !isOurs(name, service, cluster))) {
    const servers = group.servers.filter(({ description }) => isOurs(description, service, cluster))
    removeServers({ ...group, servers }, plan)
  }
}

/**
 * Deletes groups of ours. One that a listener uses which does not go stays, without servers: nobody is sent to backends
 * that may be others' by now.
 */
export function dropGroups(
  { listeners }: Balancer,
  groups: readonly Group[],
  goes: (listener: Listener) => boolean,
  severity: ServiceProblem['severity'],
  plan: Add,
  where: 'here' | 'left' = 'here',
): readonly ServiceProblem[] {
  return groups.flatMap((group) => {
    if (listeners.every((one) => one.group !== group.id || goes(one))) {
      plan({ kind: 'delete-group', id: group.id }, `delete the group ${group.name} (${group.id})`)
      return []
    }
    removeServers(group, plan)
    return [heldProblem(group.id, severity, where)]
  })
}

function removeServers({ id, servers: all }: Group, plan: Add): void {
  for (const servers of batches(all, SERVERS_IN_A_CALL))
    plan({ kind: 'remove', group: id, servers }, describeRemoval(servers, id))
}
