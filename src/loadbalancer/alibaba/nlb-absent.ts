import type { Plan, PlanInput, ServiceProblem } from '../provider.js'
import { readAnnotations } from './declare.js'
import { CCM, TAGS } from './names.js'
import { deletion } from './nlb-guard.js'
import { nlbAnnotations } from './nlb-annotations.js'
import { DEAD_STATES, type NlbExisting } from './nlb-existing.js'
import { protectionChange } from './nlb-instance.js'
import { emptying, planLeaving, takeServersOut } from './nlb-leave.js'
import { isOurNlbName } from './nlb-match.js'
import { type NlbStep, NlbSteps } from './nlb-steps.js'
import { heldProblem, severalProblem } from './refusals.js'
import type { ClusterFacts } from './settings.js'

/** What has to go with a Service: the instance, then its server groups; of a user's instance our listeners and groups. */
export function planNlbAbsent({ service, existing }: PlanInput<NlbExisting>, facts: ClusterFacts): Plan<NlbStep> {
  const { values } = readAnnotations(nlbAnnotations, service)
  const steps = new NlbSteps()
  const problems: ServiceProblem[] = []
  const { balancer, by, several } = existing
  const done = (): Plan<NlbStep> => ({ steps: steps.all(), problems, status: undefined })
  if (several.length > 0) {
    problems.push(severalProblem('NLB', several, 'Delete all but one.'))
    return done()
  }
  if (balancer === undefined || by === 'id') takeServersOut(existing.groups, service, facts, steps)
  // A group is found by the listeners that use it.
  if (!steps.isEmpty()) return done()
  if (existing.former !== undefined) planLeaving(existing.former, service, facts, steps)
  if (balancer !== undefined && by === 'id') {
    const ours = balancer.listeners.filter(({ description }) => isOurNlbName(description, service, facts.cluster))
    for (const one of ours)
      if (steps.isReady(one.status, `the listener ${one.port}`))
        steps.add({ kind: 'delete-listener', id: one.id }, `delete the ${one.protocol} listener ${one.port}`)
  } else if (balancer !== undefined) {
    if (!DEAD_STATES.includes(balancer.status) && !steps.isReady(balancer.status, 'the NLB')) return done()
    const { fields, tags, id } = balancer
    const off = {
      ...(fields['DeletionProtectionConfig.Enabled'] === 'true' ? { 'DeletionProtectionConfig.Enabled': 'false' } : {}),
      ...(fields['ModificationProtectionConfig.Status'] === 'ConsoleProtection'
        ? { 'ModificationProtectionConfig.Status': 'NonProtection' }
        : {}),
    }
    if (Object.keys(off).length > 0) steps.add(...protectionChange(off))
    const keys = [...Object.values(TAGS), CCM.nameTag, CCM.clusterTag]
    if (values['preserve-lb-on-delete'] === undefined) {
      steps.add({ kind: 'delete' }, `delete the NLB ${id}`)
      return done()
    }
    for (const group of existing.groups)
      if (group.isOurs)
        steps.add(
          { kind: 'untag', type: 'servergroup', id: group.id, keys },
          `take our tags off the server group ${group.id}, which stays`,
        )
    for (const { id: guard, name } of existing.guards)
      steps.add(
        { kind: 'untag-guard', id: guard, keys: Object.values(TAGS) },
        `take our tags off the security group ${name} (${guard}), which stays`,
      )
    const own = keys.filter((key) => Object.hasOwn(tags, key))
    steps.add({ kind: 'untag', type: 'loadbalancer', id, keys: own }, `take our tags off the NLB ${id}, which stays`)
    return done()
  }
  for (const group of existing.groups.filter(({ isOurs }) => isOurs)) {
    const listeners = [...(balancer?.listeners ?? []), ...(existing.former?.listeners ?? [])]
    const users = listeners.filter((one) => one.group === group.id)
    const isOursOnly = users.every(({ description }) => isOurNlbName(description, service, facts.cluster))
    if (!steps.isReady(group.status, `the server group ${group.name}`)) continue
    if (!isOursOnly) {
      for (const change of emptying(group)) steps.add(...change)
      problems.push(heldProblem(group.id, 'error'))
    } else if (users.length > 0) steps.wait(`the server group ${group.id} is in use`)
    else steps.add({ kind: 'delete-group', id: group.id }, `delete the server group ${group.name} (${group.id})`)
  }
  for (const guard of existing.guards) {
    if (balancer !== undefined && !steps.isReady(balancer.status, 'the NLB')) break
    if (balancer?.securityGroups.includes(guard.id) !== true) steps.add(...deletion(guard))
    else steps.add({ kind: 'leave', groups: [guard.id] }, `leave security groups ${guard.id}`)
  }
  return done()
}
