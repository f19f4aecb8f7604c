import type { PlanInput, ServiceProblem } from '../provider.js'
import type { ServiceView } from '../views.js'
import { describeRemoval } from './backends.js'
import type { NlbValues } from './nlb-annotations.js'
import type { NlbBalancer, NlbExisting, NlbListener, ServerGroup } from './nlb-existing.js'
import { groupFor, isOurNlbName, isSamePort, usersGroup } from './nlb-match.js'
import { type NlbDo, type NlbSteps, SERVERS_IN_A_CALL } from './nlb-steps.js'
import type { WantedPort } from './nlb-wanted.js'
import { heldProblem } from './refusals.js'
import type { ClusterFacts } from './settings.js'

type Input = PlanInput<NlbExisting>

/** What of an NLB goes: what no port asks for any more, and what is ours on what is the user's. */

/** Takes our servers, and no others, out of groups of the user. */
export function takeServersOut(
  groups: readonly ServerGroup[],
  service: ServiceView,
  { cluster }: ClusterFacts,
  steps: NlbSteps,
): void {
  for (const group of groups) {
    const servers = group.servers.filter(({ description }) => isOurNlbName(description, service, cluster))
    // Also after the last of them: a job that takes servers out is waited for.
    if (group.isOurs || !steps.isReady(group.status, `the server group ${group.name}`)) continue
    for (const change of emptying({ ...group, servers })) steps.add(...change)
  }
}

/** Takes our listeners off an instance of the user that the Service is with no more. */
export function planLeaving(
  former: NlbBalancer,
  service: ServiceView,
  { cluster }: ClusterFacts,
  steps: NlbSteps,
): void {
  for (const one of former.listeners) {
    if (!isOurNlbName(one.description, service, cluster)) continue
    if (steps.isReady(one.status, `the listener ${one.port}`))
      steps.onFormer(
        { kind: 'delete-listener', id: one.id },
        `delete the ${one.protocol} listener ${one.port}`,
        former.id,
      )
  }
}

/** Listeners of ours that no port asks for. */
export function planSurplusListeners(
  listeners: readonly NlbListener[],
  ports: readonly WantedPort[],
  { service }: Input,
  { cluster }: ClusterFacts,
  steps: NlbSteps,
): void {
  for (const one of listeners) {
    if (!isOurNlbName(one.description, service, cluster) || ports.some((port) => isSamePort(one, port))) continue
    if (steps.isReady(one.status, `the listener ${one.port}`))
      steps.add({ kind: 'delete-listener', id: one.id }, `delete the ${one.protocol} listener ${one.port}`)
  }
}

/** Groups of ours that no port asks for: they go when no listener uses them any more. */
export function planSurplusGroups(
  listeners: readonly NlbListener[],
  ports: readonly WantedPort[],
  { existing, service }: Input,
  values: NlbValues,
  { cluster }: ClusterFacts,
  mayWrite: boolean,
  steps: NlbSteps,
): readonly ServiceProblem[] {
  const kept = new Set(
    ports
      .filter((port) => usersGroup(port, values) === undefined)
      .map((port) => groupFor(port, existing, undefined)?.id),
  )
  const surplus = existing.groups.filter(({ isOurs, id }) => isOurs && !kept.has(id))
  return surplus.flatMap((group): readonly ServiceProblem[] => {
    const users = listeners.filter((one) => one.group === group.id)
    const isHeld = users.some(({ description }) => !mayWrite || !isOurNlbName(description, service, cluster))
    if (!steps.isReady(group.status, `the server group ${group.name}`)) return []
    if (isHeld) {
      for (const change of emptying(group)) steps.add(...change)
      return [heldProblem(group.id, 'warning')]
    }
    if (users.length > 0) steps.wait(`the server group ${group.id} is in use`)
    else steps.add({ kind: 'delete-group', id: group.id }, `delete the server group ${group.name} (${group.id})`)
    return []
  })
}

/** Nobody is sent to backends that may be others' by now. One call at a time: the group is busy after it. */
export function emptying({ id, servers }: ServerGroup): readonly (readonly [NlbDo, string])[] {
  const some = servers.slice(0, SERVERS_IN_A_CALL)
  return some.length === 0 ? [] : [[{ kind: 'remove', id, servers: some }, describeRemoval(some, id)]]
}
