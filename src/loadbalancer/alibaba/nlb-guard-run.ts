import { randomUUID } from 'node:crypto'
import type { StepResult } from '../provider.js'
import type { ServiceView } from '../views.js'
import { ask, CloudError } from './ask.js'
import type { Cloud } from './api.js'
import { idIn, type Made } from './made.js'
import { tokenOf } from './names.js'
import type { Guard, GuardRule, NlbExisting } from './nlb-existing.js'
import type { NlbDo } from './nlb-steps.js'
import type { ParameterMap } from './parameters.js'
import type { ClusterFacts } from './settings.js'

/** A change of the security group of an NLB. */
export type GuardDo = NlbDo & {
  readonly kind: 'create-guard' | 'authorize' | 'revoke' | 'delete-guard' | 'untag-guard'
}

/** So long after an instance has left a group, or is gone, the group may still count as in use. */
const IN_USE_MILLISECONDS = 1000

/** Carries one out; rejects with a CloudError. */
export async function runGuard(
  { cloud, facts, made }: { readonly cloud: Cloud; readonly facts: ClusterFacts; readonly made: Made },
  change: GuardDo,
  existing: NlbExisting,
  service: ServiceView,
): Promise<StepResult<NlbExisting>> {
  const key = `${service.uid}/guard`
  const RegionId = facts.region
  const done = (guards: readonly Guard[]): StepResult<NlbExisting> => ({
    kind: 'done',
    existing: { ...existing, guards },
  })
  const others = (id: string): readonly Guard[] => existing.guards.filter((one) => one.id !== id)
  switch (change.kind) {
    case 'create-guard': {
      const result = await made.create(key, async (after) => {
        const answer = await ask(cloud, 'ecs', 'CreateSecurityGroup', {
          RegionId,
          VpcId: facts.vpc,
          SecurityGroupName: change.name,
          Description: 'source ranges of a Service',
          Tag: Object.entries(change.tags).map(([Key, Value]) => ({ Key, Value })),
          ClientToken: tokenOf(service, 'guard', after),
        })
        return idIn(answer, 'SecurityGroupId')
      })
      if (result.kind === 'wait') return result
      return done([...existing.guards, { id: result.id, name: change.name, rules: [] }])
    }
    case 'authorize':
    case 'revoke': {
      const guard = existing.guards.find(({ id, name }) => id === change.id || name === change.id)
      if (guard === undefined) throw new Error(`there is no security group ${change.id}`)
      const common = { RegionId, SecurityGroupId: guard.id, ClientToken: randomUUID() }
      if (change.kind === 'authorize') {
        await ask(cloud, 'ecs', 'AuthorizeSecurityGroup', { ...common, Permissions: change.rules.map(permission) })
        return done([...others(guard.id), { ...guard, rules: [...guard.rules, ...change.rules] }])
      }
      const ids = change.rules.map(({ id }) => id)
      await ask(cloud, 'ecs', 'RevokeSecurityGroup', { ...common, SecurityGroupRuleId: ids })
      return done([...others(guard.id), { ...guard, rules: guard.rules.filter(({ id }) => !ids.includes(id)) }])
    }
    case 'delete-guard':
      try {
        await ask(cloud, 'ecs', 'DeleteSecurityGroup', { RegionId, SecurityGroupId: change.id })
      } catch (cause) {
        const kind = cause instanceof CloudError ? cause.failure.class : undefined
        const message = `the security group ${change.id} is still in use`
        if (kind === 'in-use') return { kind: 'wait', milliseconds: IN_USE_MILLISECONDS, message }
        if (kind !== 'gone') throw cause
      }
      made.deleted(key, change.id)
      return done(others(change.id))
    case 'untag-guard':
      await ask(cloud, 'ecs', 'UntagResources', {
        RegionId,
        ResourceType: 'securitygroup',
        ResourceId: [change.id],
        TagKey: change.keys,
      })
      return done(others(change.id))
  }
}

function permission({ policy, priority, network }: GuardRule): ParameterMap {
  return {
    Policy: policy.toLowerCase(),
    Priority: priority,
    IpProtocol: 'ALL',
    PortRange: '-1/-1',
    ...(network.includes(':') ? { Ipv6SourceCidrIp: network } : { SourceCidrIp: network }),
  }
}
