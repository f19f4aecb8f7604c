import { randomUUID } from 'node:crypto'
import type { StepResult } from '../provider.js'
import type { ServiceView } from '../views.js'
import type { Cloud } from './api.js'
import { ask, CloudError } from './ask.js'
import { withInterfaces, withoutInterfaces } from './interfaces.js'
import { idIn, type Made, untilSeen } from './made.js'
import { digest, TAGS, tokenOf } from './names.js'
import type { NlbBalancer, NlbExisting, NlbListener, ServerGroup } from './nlb-existing.js'
import { runGuard } from './nlb-guard-run.js'
import { findGroup } from './nlb-match.js'
import { type NlbDo, nlbActionOf } from './nlb-steps.js'
import type { ParameterMap } from './parameters.js'
import { type FoundServer, serverKey } from './servers.js'
import type { ClusterFacts } from './settings.js'

type Result = StepResult<NlbExisting>

/** Between two looks at what is under way. */
const LOOK_AGAIN_MILLISECONDS = 500

export interface NlbTools {
  readonly cloud: Cloud
  readonly facts: ClusterFacts
  readonly made: Made
}

/**
 * Carries out one step; rejects with a CloudError. What the cloud does later is not waited for: the object gets the
 * status that says so, and the plan goes on with others.
 */
export async function runNlb(
  tools: NlbTools,
  change: NlbDo,
  existing: NlbExisting,
  service: ServiceView,
): Promise<Result> {
  const { cloud, facts, made } = tools
  const RegionId = facts.region
  if (change.kind === 'wait') return { kind: 'wait', milliseconds: LOOK_AGAIN_MILLISECONDS, message: change.what }
  // A call without effect so far is the same call; one that follows is another.
  const call = (parameters: ParameterMap) =>
    ask(cloud, 'nlb', nlbActionOf(change), { RegionId, ClientToken: randomUUID(), ...parameters })
  const done = (next: Partial<NlbExisting>): Result => ({ kind: 'done', existing: { ...existing, ...next } })

  switch (change.kind) {
    case 'create':
      return untilSeen(
        await made.create(service.uid, async (after) => {
          const answer = await call({ ...change.parameters, ClientToken: tokenOf(service, 'nlb', after) })
          return idIn(answer, 'LoadbalancerId', 'LoadBalancerId')
        }),
      )
    case 'create-guard':
    case 'authorize':
    case 'revoke':
    case 'delete-guard':
    case 'untag-guard':
      return runGuard(tools, change, existing, service)
    case 'create-group':
      return createGroup(tools, change, existing, service, call)
    case 'set-group':
    case 'delete-group':
    case 'add':
    case 'weigh':
    case 'remove':
      return changeGroup(tools, change, existing, service, call)
    case 'untag':
      await ask(cloud, 'nlb', 'UntagResources', {
        RegionId,
        ResourceType: change.type,
        ResourceId: [change.id],
        TagKey: change.keys,
      })
      // Without our tags it is nobody's: it is not found any more.
      if (change.type === 'servergroup') return done({ groups: existing.groups.filter(({ id }) => id !== change.id) })
      return done({ balancer: withoutTags(existing.balancer, change.keys) })
    case 'delete':
    case 'set':
    case 'zones':
    case 'join':
    case 'leave':
    case 'tag':
    case 'create-listener':
    case 'set-listener':
    case 'start-listener':
    case 'delete-listener':
    case 'certificates':
    case 'drop-certificates':
      return changeBalancer(tools, change, existing, service, call)
  }
}

function withoutTags(balancer: NlbBalancer | undefined, keys: readonly string[]): NlbBalancer | undefined {
  if (balancer === undefined || keys.includes(TAGS.service)) return undefined
  const tags = Object.fromEntries(Object.entries(balancer.tags).filter(([key]) => !keys.includes(key)))
  return { ...balancer, tags }
}

type Send = (parameters: ParameterMap) => Promise<Readonly<Record<string, unknown>>>

async function createGroup(
  { facts, made }: NlbTools,
  change: NlbDo & { readonly kind: 'create-group' },
  existing: NlbExisting,
  service: ServiceView,
  send: Send,
): Promise<Result> {
  const purpose = `${change.name}/${digest(JSON.stringify(change.settings))}`
  const Tag = Object.entries(change.tags).map(([Key, Value]) => ({ Key, Value }))
  const result = await made.create(`${service.uid}/${change.name}`, async (after) => {
    const ClientToken = tokenOf(service, purpose, after)
    const answer = await send({ VpcId: facts.vpc, ServerGroupName: change.name, ...change.settings, Tag, ClientToken })
    return idIn(answer, 'ServerGroupId')
  })
  if (result.kind === 'wait') return result
  const group: ServerGroup = {
    id: result.id,
    name: change.name,
    status: 'Creating',
    isOurs: true,
    fields: change.settings,
    servers: [],
  }
  return { kind: 'done', existing: { ...existing, groups: [...existing.groups, group] } }
}

async function changeGroup(
  { cloud, facts, made }: NlbTools,
  change: NlbDo & { readonly kind: 'set-group' | 'delete-group' | 'add' | 'weigh' | 'remove' },
  existing: NlbExisting,
  service: ServiceView,
  send: Send,
): Promise<Result> {
  const group = findGroup(existing, change.id)
  if (group === undefined) throw new Error(`there is no server group ${change.id}`)
  const ServerGroupId = group.id
  const done = (next: Partial<ServerGroup>): Result => {
    const groups = existing.groups.map((one) => (one.id === group.id ? { ...one, ...next } : one))
    return { kind: 'done', existing: { ...existing, groups } }
  }
  const left = (gone: readonly FoundServer[]): readonly FoundServer[] => {
    const keys = new Set(gone.map(serverKey))
    return group.servers.filter((one) => !keys.has(serverKey(one)))
  }
  switch (change.kind) {
    case 'set-group':
      await send({ ServerGroupId, ...change.settings })
      return done({ status: 'Configuring', fields: { ...group.fields, ...change.settings } })
    case 'delete-group':
      await orGone(send({ ServerGroupId }))
      made.deleted(`${service.uid}/${group.name}`, group.id)
      return done({ status: 'Deleting' })
    case 'weigh':
      await send({ ServerGroupId, Servers: change.servers.map(written) })
      return done({ status: 'Configuring', servers: [...left(change.servers), ...change.servers] })
    case 'remove':
      await send({ ServerGroupId, Servers: change.servers.map(written) })
      return done({ status: 'Configuring', servers: left(change.servers) })
    case 'add': {
      const found = await withInterfaces(cloud, change.servers, facts)
      const servers = found.map((one) => ({ ...one, description: change.mark }))
      if (servers.length === 0) return { kind: 'failed', failure: withoutInterfaces(change.servers) }
      try {
        await send({ ServerGroupId, Servers: servers.map(written) })
      } catch (cause) {
        const isFull = cause instanceof CloudError && cause.failure.class === 'limit'
        if (!isFull || change.surplus.length === 0) throw cause
        await ask(cloud, 'nlb', 'RemoveServersFromServerGroup', {
          RegionId: facts.region,
          ServerGroupId,
          Servers: change.surplus.map(written),
          ClientToken: randomUUID(),
        })
        return done({ status: 'Configuring', servers: left(change.surplus) })
      }
      return done({ status: 'Configuring', servers: [...group.servers, ...servers] })
    }
  }
}

type BalancerDo = Exclude<
  NlbDo,
  {
    readonly kind:
      | 'wait'
      | 'create'
      | 'create-group'
      | 'set-group'
      | 'delete-group'
      | 'add'
      | 'weigh'
      | 'remove'
      | 'untag'
      | 'create-guard'
      | 'authorize'
      | 'revoke'
      | 'delete-guard'
      | 'untag-guard'
  }
>

async function changeBalancer(
  { cloud, facts, made }: NlbTools,
  change: BalancerDo,
  existing: NlbExisting,
  service: ServiceView,
  send: Send,
): Promise<Result> {
  const { balancer } = existing
  if (balancer === undefined) throw new Error(`there is no instance to ${change.kind}`)
  const LoadBalancerId = balancer.id
  const done = (next: Partial<NlbBalancer>): Result => ({
    kind: 'done',
    existing: { ...existing, balancer: { ...balancer, ...next } },
  })
  const listener = (id: string, next: Partial<NlbListener>): Result =>
    done({ listeners: balancer.listeners.map((one) => (one.id === id ? { ...one, ...next } : one)) })
  switch (change.kind) {
    case 'delete':
      await orGone(send({ LoadBalancerId }))
      made.deleted(service.uid, balancer.id)
      return done({ status: 'Deleting' })
    case 'set':
      await send({ LoadBalancerId, ...change.fields })
      return done({
        fields: { ...balancer.fields, ...change.after },
        ...(change.action === 'UpdateLoadBalancerProtection' ? {} : { status: 'Configuring' }),
      })
    case 'zones':
      await send({ LoadBalancerId, ...change.parameters })
      return done({ status: 'Configuring', zones: change.zones })
    case 'join':
      await send({ LoadBalancerId, SecurityGroupIds: change.groups })
      return done({ status: 'Configuring', securityGroups: [...balancer.securityGroups, ...change.groups] })
    case 'leave':
      await send({ LoadBalancerId, SecurityGroupIds: change.groups })
      return done({
        status: 'Configuring',
        securityGroups: balancer.securityGroups.filter((id) => !change.groups.includes(id)),
      })
    case 'tag': {
      const Tag = Object.entries(change.tags).map(([Key, Value]) => ({ Key, Value }))
      await ask(cloud, 'nlb', 'TagResources', {
        RegionId: facts.region,
        ResourceType: 'loadbalancer',
        ResourceId: [balancer.id],
        Tag,
      })
      return {
        kind: 'done',
        existing: {
          ...existing,
          balancer: { ...balancer, tags: { ...balancer.tags, ...change.tags } },
          by: change.tags[TAGS.service] === undefined ? existing.by : 'tag',
        },
      }
    }
    case 'create-listener': {
      const group = findGroup(existing, change.group)?.id ?? change.group
      // One that cannot be seen yet would be refused as there already.
      const result = await made.create(listenerKey(service, change.description), async () => {
        const words = { ServerGroupId: group, ListenerDescription: change.description }
        return idIn(await send({ LoadBalancerId, ...words, ...change.settings }), 'ListenerId')
      })
      if (result.kind === 'wait') return result
      const { settings } = change
      const created: NlbListener = {
        id: result.id,
        protocol: settings['ListenerProtocol'] ?? '',
        port:
          settings['StartPort'] === undefined
            ? (settings['ListenerPort'] ?? '')
            : `${settings['StartPort']}_${settings['EndPort'] ?? ''}`,
        status: 'Provisioning',
        description: change.description,
        group,
        fields: settings,
        certificates: [],
      }
      return done({ listeners: [...balancer.listeners, created] })
    }
    case 'set-listener':
      await send({
        ListenerId: change.id,
        ServerGroupId: change.group,
        ListenerDescription: change.description,
        ...change.settings,
      })
      return listener(change.id, { status: 'Configuring', group: change.group, description: change.description })
    case 'start-listener':
      await send({ ListenerId: change.id })
      return listener(change.id, { status: 'Configuring' })
    case 'delete-listener':
      await orGone(send({ ListenerId: change.id }))
      return listener(change.id, { status: 'Deleting' })
    case 'certificates':
    case 'drop-certificates':
      await send({ ListenerId: change.id, AdditionalCertificateIds: change.certificates })
      return listener(change.id, { status: 'Configuring' })
  }
}

/** What a listener is known by until it is seen. */
export function listenerKey({ uid }: Pick<ServiceView, 'uid'>, description: string): string {
  return `${uid}/listener ${description}`
}

function written({ type, id, ip, port, weight, description }: FoundServer): ParameterMap {
  const ServerType = type === 'ecs' ? 'Ecs' : type === 'eni' ? 'Eni' : 'Ip'
  return {
    ServerId: id,
    ServerType,
    ...(type === 'ecs' ? {} : { ServerIp: ip }),
    Port: port,
    Weight: weight,
    Description: description,
  }
}

/** What is not there needs no deleting. */
async function orGone(call: Promise<unknown>): Promise<void> {
  await call.catch((cause: unknown) => {
    if (!(cause instanceof CloudError) || cause.failure.class !== 'gone') throw cause
  })
}
