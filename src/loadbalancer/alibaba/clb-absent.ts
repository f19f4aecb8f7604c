import type { Plan, PlanInput } from '../provider.js'
import { describeRemoval } from './backends.js'
import { clbAnnotations } from './clb-annotations.js'
import type { ClbExisting } from './clb-existing.js'
import { isOurs, SERVERS_IN_A_CALL } from './clb-objects.js'
import { type ClbDo, clbStep, type ClbStep } from './clb-steps.js'
import { readAnnotations } from './declare.js'
import { CCM, TAGS } from './names.js'
import { severalProblem } from './refusals.js'
import { batches } from './servers.js'
import type { ClusterFacts } from './settings.js'

/** What has to go with a Service: the instance, with all that is in it; of a user's instance our listeners, groups and servers. */
export function planClbAbsent({ service, existing }: PlanInput<ClbExisting>, facts: ClusterFacts): Plan<ClbStep> {
  const { values } = readAnnotations(clbAnnotations, service)
  const { balancer } = existing
  const steps: ClbStep[] = []
  const plan = (change: ClbDo, description: string): void => void steps.push(clbStep(change, description))
  const problems = existing.several.length > 0 ? [severalProblem('CLB', existing.several)] : []
  if (balancer === undefined) return { steps, problems, status: undefined }
  const { fields, tags, id } = balancer
  if (existing.by === 'id') {
    for (const one of balancer.listeners)
      if (isOurs(one.description, service, facts.cluster))
        plan(
          { kind: 'delete-listener', protocol: one.protocol, port: one.port },
          `delete the ${one.protocol} listener ${one.port}`,
        )
    for (const group of balancer.groups) {
      if (isOurs(group.name, service, facts.cluster))
        plan({ kind: 'delete-group', id: group.id }, `delete the group ${group.name} (${group.id})`)
      else {
        const ours = group.servers.filter(({ description }) => isOurs(description, service, facts.cluster))
        for (const servers of batches(ours, SERVERS_IN_A_CALL))
          plan({ kind: 'remove', group: group.id, servers }, describeRemoval(servers, group.id))
      }
    }
    return { steps, problems, status: undefined }
  }
  if (fields['ModificationProtectionStatus'] === 'ConsoleProtection')
    plan(
      {
        kind: 'set',
        action: 'SetLoadBalancerModificationProtection',
        fields: { ModificationProtectionStatus: 'NonProtection' },
      },
      'switch the protection against changes off',
    )
  if (fields['DeleteProtection'] === 'on')
    plan(
      { kind: 'set', action: 'SetLoadBalancerDeleteProtection', fields: { DeleteProtection: 'off' } },
      'switch the protection against deletion off',
    )
  if (values['preserve-lb-on-delete'] === undefined) plan({ kind: 'delete' }, `delete the CLB ${id}`)
  else {
    const keys = [...Object.values(TAGS), CCM.nameTag, CCM.clusterTag].filter((key) => Object.hasOwn(tags, key))
    plan({ kind: 'untag', keys }, `take our tags off the CLB ${id}, which stays`)
  }
  return { steps, problems, status: undefined }
}
