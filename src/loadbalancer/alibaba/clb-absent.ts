import type { Plan, PlanInput } from '../provider.js'
import { clbAnnotations } from './clb-annotations.js'
import type { ClbExisting } from './clb-existing.js'
import { planLeaving } from './clb-leave.js'
import { type ClbDo, clbStep, type ClbStep, formerClbStep } from './clb-steps.js'
import { readAnnotations } from './declare.js'
import { CCM, TAGS } from './names.js'
import { severalProblem } from './refusals.js'
import type { ClusterFacts } from './settings.js'

/**
 * What has to go with a Service: the instance, with all that is in it; of a user's instance our listeners, groups and
 * servers.
 */
export function planClbAbsent({ service, existing }: PlanInput<ClbExisting>, facts: ClusterFacts): Plan<ClbStep> {
  const { values } = readAnnotations(clbAnnotations, service)
  const { balancer } = existing
  const steps: ClbStep[] = []
  const plan = (change: ClbDo, description: string): void => void steps.push(clbStep(change, description))
  const problems = existing.several.length > 0 ? [severalProblem('CLB', existing.several)] : []
  const { former } = existing
  if (former !== undefined)
    problems.push(
      ...planLeaving(
        former,
        service,
        facts,
        'error',
        (change, description) => void steps.push(formerClbStep(change, description, former.id)),
      ),
    )
  if (balancer === undefined) return { steps, problems, status: undefined }
  const { fields, tags, id } = balancer
  if (existing.by === 'id') {
    problems.push(...planLeaving(balancer, service, facts, 'error', plan))
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
