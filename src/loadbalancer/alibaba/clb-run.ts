import type { ServiceView } from '../views.js'
import type { StepResult } from '../provider.js'
import type { Fields } from './answer.js'
import type { Cloud } from './api.js'
import { ask, CloudError } from './ask.js'
import type { Balancer, ClbExisting, Listener } from './clb-existing.js'
import { keptGroup } from './clb-objects.js'
import { actionOf, type ClbDo } from './clb-steps.js'
import { withInterfaces, withoutInterfaces } from './interfaces.js'
import { idIn, type Made, untilSeen } from './made.js'
import { tokenOf } from './names.js'
import type { ParameterMap } from './parameters.js'
import { type FoundServer, type Server, serverKey } from './servers.js'
import type { ClusterFacts } from './settings.js'

type Result = StepResult<ClbExisting>

/** Carries out one step; rejects with a CloudError. */
export async function runClb(
  cloud: Cloud,
  change: ClbDo,
  existing: ClbExisting,
  service: ServiceView,
  facts: ClusterFacts,
  made: Made,
): Promise<Result> {
  const RegionId = facts.region
  if (change.kind === 'create')
    return untilSeen(
      await made.create(service.uid, async (after) => {
        const ClientToken = tokenOf(service, 'clb', after)
        return idIn(await createSomewhere(cloud, change, { RegionId, ClientToken }), 'LoadBalancerId')
      }),
    )
  const { balancer } = existing
  if (balancer === undefined) throw new Error(`there is no instance to ${change.kind}`)
  const done = (next: Partial<Balancer>): Result => ({
    kind: 'done',
    existing: { ...existing, balancer: { ...balancer, ...next } },
  })
  const call = (parameters: ParameterMap) =>
    ask(cloud, 'slb', actionOf(change), { RegionId, LoadBalancerId: balancer.id, ...parameters })
  const without = (port: number, protocol: string): readonly Listener[] =>
    balancer.listeners.filter((one) => one.port !== port || one.protocol !== protocol)

  switch (change.kind) {
    case 'delete':
      await orGone(call({}))
      made.deleted(service.uid, balancer.id)
      return { kind: 'done', existing: { ...existing, balancer: undefined } }
    case 'set':
      await call(change.fields)
      return done({ fields: { ...balancer.fields, ...change.fields } })
    case 'tag':
    case 'untag':
      return tagBalancer(cloud, change, existing, balancer, RegionId)
    case 'create-group': {
      const answer = await call({ VServerGroupName: change.group })
      const group = { id: idIn(answer, 'VServerGroupId'), name: change.group, servers: [] }
      return done({ groups: [...balancer.groups, group] })
    }
    case 'delete-group':
      await orGone(call({ VServerGroupId: change.id }))
      return done({ groups: balancer.groups.filter(({ id }) => id !== change.id) })
    case 'add':
    case 'weigh':
    case 'remove':
      return changeServers(cloud, change, existing, balancer, facts)
    case 'create-listener':
    case 'set-listener': {
      const { protocol, port, description, settings } = change
      const group = change.group === undefined ? '' : (keptGroup(balancer, change.group)?.id ?? '')
      const isNew = change.kind === 'create-listener'
      await call({
        ListenerPort: port,
        Description: description,
        ...(group === '' ? {} : { VServerGroupId: group }),
        // A listener that had no group before takes one only if it is told to.
        ...(isNew ? {} : { VServerGroup: 'on' }),
        ...settings,
      })
      const known = balancer.listeners.find((one) => one.port === port && one.protocol === protocol)
      const written = Object.entries(settings).map(([name, value]) => [name.toLowerCase(), value])
      const listener: Listener = {
        status: 'stopped',
        domains: {},
        ...known,
        protocol,
        port,
        description,
        group,
        settings: { ...known?.settings, ...Object.fromEntries(written) },
      }
      return done({ listeners: [...without(port, protocol), listener] })
    }
    case 'start-listener': {
      await call({ ListenerPort: change.port, ListenerProtocol: change.protocol })
      const started = balancer.listeners.map((one) =>
        one.port === change.port && one.protocol === change.protocol ? { ...one, status: 'running' } : one,
      )
      return done({ listeners: started })
    }
    case 'delete-listener':
      await orGone(call({ ListenerPort: change.port, ListenerProtocol: change.protocol }))
      return done({ listeners: without(change.port, change.protocol) })
    case 'add-domain':
    case 'set-domain':
    case 'delete-domain': {
      const listener = balancer.listeners.find(({ port, protocol }) => port === change.port && protocol === 'https')
      if (listener === undefined) throw new Error(`there is no https listener ${change.port}`)
      const known = listener.domains[change.domain]
      const answer = await call({
        ...(change.kind === 'add-domain'
          ? { ListenerProtocol: 'https', ListenerPort: change.port, Domain: change.domain }
          : { DomainExtensionId: known?.id ?? '' }),
        ...(change.kind === 'delete-domain' ? {} : { ServerCertificateId: change.certificate }),
      })
      const { [change.domain]: _, ...others } = listener.domains
      const id = change.kind === 'add-domain' ? idIn(answer, 'DomainExtensionId') : (known?.id ?? '')
      const domains =
        change.kind === 'delete-domain'
          ? others
          : { ...others, [change.domain]: { id, certificate: change.certificate } }
      return done({ listeners: [...without(change.port, 'https'), { ...listener, domains }] })
    }
  }
}

/**
 * In the first VSwitch that has an address left. The token is the same for all: if the instance was made in a later one
 * and is not seen yet, the first one is refused as a call with other parameters, whatever room it has by now.
 */
async function createSomewhere(
  cloud: Cloud,
  { parameters, vswitches }: ClbDo & { readonly kind: 'create' },
  common: ParameterMap,
): Promise<Fields> {
  const places = [{}, ...vswitches.map((VSwitchId) => ({ VSwitchId }))]
  for (const place of places.slice(0, -1)) {
    try {
      return await ask(cloud, 'slb', 'CreateLoadBalancer', { ...common, ...parameters, ...place })
    } catch (cause) {
      if (!(cause instanceof CloudError) || cause.failure.class !== 'no-stock') throw cause
    }
  }
  return ask(cloud, 'slb', 'CreateLoadBalancer', { ...common, ...parameters, ...places.at(-1) })
}

async function tagBalancer(
  cloud: Cloud,
  change: ClbDo & { readonly kind: 'tag' | 'untag' },
  existing: ClbExisting,
  balancer: Balancer,
  RegionId: string,
): Promise<Result> {
  const resource = { RegionId, ResourceType: 'instance', ResourceId: [balancer.id] }
  if (change.kind === 'tag') {
    const Tag = Object.entries(change.tags).map(([Key, Value]) => ({ Key, Value }))
    await ask(cloud, 'slb', 'TagResources', { ...resource, Tag })
    return {
      kind: 'done',
      existing: { ...existing, balancer: { ...balancer, tags: { ...balancer.tags, ...change.tags } } },
    }
  }
  await ask(cloud, 'slb', 'UntagResources', { ...resource, TagKey: change.keys })
  const tags = Object.fromEntries(Object.entries(balancer.tags).filter(([key]) => !change.keys.includes(key)))
  // Without our tag it is nobody's: it is not found any more.
  const isKept = Object.keys(tags).some((key) => key === 'fairlead.service')
  return { kind: 'done', existing: { ...existing, by: 'tag', balancer: isKept ? { ...balancer, tags } : undefined } }
}

async function changeServers(
  cloud: Cloud,
  change: ClbDo & { readonly kind: 'add' | 'weigh' | 'remove' },
  existing: ClbExisting,
  balancer: Balancer,
  facts: ClusterFacts,
): Promise<Result> {
  const group = balancer.groups.find(({ id }) => id === change.group) ?? keptGroup(balancer, change.group)
  if (group === undefined) throw new Error(`there is no group ${change.group}`)
  const send = (action: string, servers: readonly FoundServer[]) =>
    ask(cloud, 'slb', action, {
      RegionId: facts.region,
      VServerGroupId: group.id,
      BackendServers: JSON.stringify(servers.map(written)),
    })
  const done = (servers: readonly FoundServer[]): Result => ({
    kind: 'done',
    existing: {
      ...existing,
      balancer: {
        ...balancer,
        groups: balancer.groups.map((one) => (one.id === group.id ? { ...one, servers } : one)),
      },
    },
  })
  const left = (gone: readonly Server[]): readonly FoundServer[] => {
    const keys = new Set(gone.map(serverKey))
    return group.servers.filter((one) => !keys.has(serverKey(one)))
  }
  if (change.kind === 'remove') {
    await send(actionOf(change), change.servers)
    return done(left(change.servers))
  }
  if (change.kind === 'weigh') {
    await send(actionOf(change), change.servers)
    return done([...left(change.servers), ...change.servers])
  }
  const found = await withInterfaces(cloud, change.servers, facts)
  const servers = found.map((one) => ({ ...one, description: change.mark }))
  if (servers.length === 0) return { kind: 'failed', failure: withoutInterfaces(change.servers) }
  try {
    await send(actionOf(change), servers)
  } catch (cause) {
    const isFull = cause instanceof CloudError && cause.failure.class === 'limit'
    if (!isFull || change.surplus.length === 0) throw cause
    await send('RemoveVServerGroupBackendServers', change.surplus)
    return done(left(change.surplus))
  }
  return done([...group.servers, ...servers])
}

function written({ type, id, ip, port, weight, description }: FoundServer): object {
  const address = type === 'ecs' ? {} : { ServerIp: ip }
  return { ServerId: id, Port: port, Weight: weight, Type: type, ...address, Description: description }
}

/** What is not there needs no deleting. */
async function orGone(call: Promise<unknown>): Promise<void> {
  await call.catch((cause: unknown) => {
    if (!(cause instanceof CloudError) || cause.failure.class !== 'gone') throw cause
  })
}
