import type { Parameters } from './parameters.js'
import { Refusal } from './refusal.js'
import { type ByHand, type Seen, seenByAll, type World } from './world.js'

type Settings = Record<string, string>

interface Balancer extends Seen {
  readonly id: string
  settings: Settings
  status: 'Provisioning' | 'Active' | 'Configuring' | 'Deleting' | 'CreateFailed' | 'Inactive'
  zones: readonly Readonly<Record<string, string>>[]
  readonly groups: Set<string>
  readonly tags: Map<string, string>
}
interface ServerGroup extends Seen {
  readonly id: string
  settings: Settings
  status: 'Creating' | 'Available' | 'Configuring' | 'Deleting'
  readonly tags: Map<string, string>
  readonly servers: Map<string, Readonly<Record<string, string>>>
}
interface Listener extends Seen {
  readonly id: string
  readonly balancer: string
  settings: Settings
  status: 'Provisioning' | 'Running' | 'Configuring' | 'Stopped' | 'Deleting'
  readonly certificates: Set<string>
}

const LISTENERS_AT_MOST = 50
const SERVERS_AT_MOST = 400

/** NLB 2022-04-30: nearly everything is a job, and while it runs its object refuses other changes. */
export class Nlb {
  readonly #world: World
  readonly #balancers = new Map<string, Balancer>()
  readonly #serverGroups = new Map<string, ServerGroup>()
  readonly #listeners = new Map<string, Listener>()

  constructor(world: World) {
    this.#world = world
  }

  perform(action: string, given: Parameters): object {
    const act = this.#actions[action]
    if (act === undefined || !Object.hasOwn(this.#actions, action))
      throw new Refusal(404, 'InvalidAction.NotFound', `Specified api is not found: ${action}.`)
    return this.#world.once(action, given, () => act(given))
  }

  /** What a user does without us. */
  byHand(given: ByHand): object {
    const id = given.id ?? ''
    switch (given.what) {
      case 'create': {
        const made = this.#create({ ...given.settings }, [], 'user')
        made.status = 'Active'
        return { id: made.id }
      }
      case 'delete':
        this.#removeBalancer(id)
        return {}
      case 'listener': {
        const listener: Listener = {
          id: this.#world.id('lsn'),
          balancer: id,
          settings: { ...given.settings },
          status: 'Running',
          certificates: new Set(),
          ...seenByAll(),
        }
        this.#listeners.set(listener.id, listener)
        return { id: listener.id }
      }
      case 'set':
        Object.assign(this.#balancer(id).settings, given.settings)
        return {}
      case 'state':
        this.#balancer(id).status = given.state ?? 'Active'
        return {}
      case 'group':
      case 'weights':
      case 'eip':
        return {}
    }
  }

  state(): object {
    return [...this.#balancers.values()].map((one) => ({
      id: one.id,
      ...one.settings,
      status: one.status,
      zones: one.zones,
      securityGroups: [...one.groups].sort(),
      tags: Object.fromEntries(one.tags),
      listeners: [...this.#listeners.values()]
        .filter(({ balancer }) => balancer === one.id)
        .map(({ id, settings, status, certificates }) => ({ id, ...settings, status, certificates: [...certificates] }))
        .sort((a, b) => portOf(a) - portOf(b)),
      serverGroups: [...this.#serverGroups.values()].map((group) => ({
        id: group.id,
        ...group.settings,
        status: group.status,
        servers: [...group.servers.values()],
      })),
    }))
  }

  readonly #actions: Readonly<Record<string, (given: Parameters) => object>> = {
    CreateLoadBalancer: (given) => {
      given.need('RegionId')
      given.need('VpcId')
      const zones = given.items('ZoneMappings')
      if (zones.length < 2) throw new Refusal(400, 'InvalidParameter.ZoneMappings', 'At least two zones are needed.')
      if (!['Internet', 'Intranet'].includes(given.need('AddressType')))
        throw new Refusal(400, 'InvalidParameter.AddressType', 'It is Internet or Intranet.')
      const made = this.#create(given.all(), zones, 'call')
      return { LoadbalancerId: made.id, OrderId: this.#world.id('order') }
    },
    GetLoadBalancerAttribute: (given) =>
      this.#describe(this.#seen(this.#balancer(given.need('LoadBalancerId')), 'loadBalancer')),
    ListLoadBalancers: (given) => {
      const ids = given.list('LoadBalancerIds')
      const names = given.list('LoadBalancerNames')
      const found = [...this.#balancers.values()].filter(
        (one) =>
          this.#isVisible(one) &&
          (ids.length === 0 || ids.includes(one.id)) &&
          (names.length === 0 || names.includes(one.settings['LoadBalancerName'] ?? '')) &&
          hasTags(one.tags, given.items('Tag')),
      )
      return page(
        given,
        'LoadBalancers',
        found.map((one) => this.#describe(one)),
      )
    },
    DeleteLoadBalancer: (given) => {
      const found = this.#settled(given.need('LoadBalancerId'))
      if (found.settings['DeletionProtectionConfig.Enabled'] === 'true')
        throw new Refusal(409, 'OperationDenied.DeletionProtection', 'Deletion protection is on.')
      found.status = 'Deleting'
      return this.#job(() => this.#removeBalancer(found.id))
    },
    UpdateLoadBalancerAttribute: (given) => this.#update(given, ['LoadBalancerName', 'CrossZoneEnabled', 'Cps']),
    UpdateLoadBalancerAddressTypeConfig: (given) => this.#update(given, ['AddressType']),
    UpdateLoadBalancerZones: (given) => {
      const zones = given.items('ZoneMappings')
      if (zones.length < 2) throw new Refusal(400, 'InvalidParameter.ZoneMappings', 'At least two zones are needed.')
      return this.#change(given, (one) => {
        one.zones = zones
      })
    },
    UpdateLoadBalancerProtection: (given) => {
      const found = this.#settled(given.need('LoadBalancerId'))
      const {
        DeletionProtectionEnabled,
        DeletionProtectionReason,
        ModificationProtectionStatus,
        ModificationProtectionReason,
      } = given.all()
      Object.assign(found.settings, {
        ...(DeletionProtectionEnabled === undefined
          ? {}
          : { 'DeletionProtectionConfig.Enabled': DeletionProtectionEnabled }),
        ...(DeletionProtectionReason === undefined
          ? {}
          : { 'DeletionProtectionConfig.Reason': DeletionProtectionReason }),
        ...(ModificationProtectionStatus === undefined
          ? {}
          : { 'ModificationProtectionConfig.Status': ModificationProtectionStatus }),
        ...(ModificationProtectionReason === undefined
          ? {}
          : { 'ModificationProtectionConfig.Reason': ModificationProtectionReason }),
      })
      return {}
    },
    EnableLoadBalancerIpv6Internet: (given) =>
      this.#change(given, (one) => {
        one.settings['Ipv6AddressType'] = 'Internet'
      }),
    DisableLoadBalancerIpv6Internet: (given) =>
      this.#change(given, (one) => {
        one.settings['Ipv6AddressType'] = 'Intranet'
      }),
    AttachCommonBandwidthPackageToLoadBalancer: (given) => this.#update(given, ['BandwidthPackageId']),
    DetachCommonBandwidthPackageFromLoadBalancer: (given) =>
      this.#change(given, (one) => {
        if (one.settings['BandwidthPackageId'] !== given.need('BandwidthPackageId'))
          throw new Refusal(400, 'ResourceNotAssociated.bandwidthPackage', 'It is another package.')
        delete one.settings['BandwidthPackageId']
      }),
    LoadBalancerJoinSecurityGroup: (given) => {
      const found = this.#ready(given.need('LoadBalancerId'))
      const wanted = given.list('SecurityGroupIds')
      if (found.groups.size + wanted.filter((id) => !found.groups.has(id)).length > 4)
        throw new Refusal(400, 'QuotaExceeded.SecurityGroupsPerLoadBalancer', 'At most four security groups.')
      return this.#change(given, (one) => wanted.forEach((id) => one.groups.add(id)))
    },
    LoadBalancerLeaveSecurityGroup: (given) =>
      this.#change(given, (one) => given.list('SecurityGroupIds').forEach((id) => one.groups.delete(id))),
    CreateServerGroup: (given) => {
      const group: ServerGroup = {
        id: this.#world.id('sgp'),
        settings: settingsOf(given.all()),
        status: 'Creating',
        tags: tagsOf(given),
        servers: new Map(),
        ...this.#world.unseen(),
      }
      this.#serverGroups.set(group.id, group)
      this.#world.note('server-group', group.id, given.need('ServerGroupName'))
      const { JobId } = this.#job(() => {
        group.status = 'Available'
      })
      return { ServerGroupId: group.id, JobId }
    },
    ListServerGroups: (given) => {
      const names = given.list('ServerGroupNames')
      const ids = given.list('ServerGroupIds')
      const found = [...this.#serverGroups.values()].filter(
        (one) =>
          this.#isVisible(one) &&
          (ids.length === 0 || ids.includes(one.id)) &&
          (names.length === 0 || names.includes(one.settings['ServerGroupName'] ?? '')) &&
          hasTags(one.tags, given.items('Tag')),
      )
      return page(given, 'ServerGroups', found.map(describeGroup))
    },
    UpdateServerGroupAttribute: (given) => {
      const group = this.#readyGroup(given)
      const { ServerGroupId: _, ...settings } = settingsOf(given.all())
      group.status = 'Configuring'
      return this.#job(() => {
        group.settings = { ...group.settings, ...settings }
        group.status = 'Available'
      })
    },
    DeleteServerGroup: (given) => {
      const group = this.#readyGroup(given)
      if ([...this.#listeners.values()].some(({ settings }) => settings['ServerGroupId'] === group.id))
        throw new Refusal(409, 'ResourceInUse.serverGroup', 'A listener uses the server group.')
      group.status = 'Deleting'
      return this.#job(() => {
        this.#serverGroups.delete(group.id)
        this.#world.gone(group.id)
      })
    },
    AddServersToServerGroup: (given) => {
      const group = this.#readyGroup(given)
      const servers = serversOf(given)
      const fresh = servers.filter((one) => !group.servers.has(serverKey(one)))
      if (group.servers.size + fresh.length > SERVERS_AT_MOST)
        throw new Refusal(400, 'QuotaExceeded.ServerGroupServers', 'Too many servers in the group.')
      return this.#changeGroup(group, () => servers.forEach((one) => group.servers.set(serverKey(one), one)))
    },
    RemoveServersFromServerGroup: (given) => {
      const group = this.#readyGroup(given)
      const servers = serversOf(given)
      return this.#changeGroup(group, () => servers.forEach((one) => group.servers.delete(serverKey(one))))
    },
    UpdateServerGroupServersAttribute: (given) => {
      const group = this.#readyGroup(given)
      const servers = serversOf(given)
      for (const one of servers)
        if (!group.servers.has(serverKey(one)))
          throw new Refusal(404, 'ResourceNotFound.BackendServer', 'It is not there.')
      return this.#changeGroup(group, () => servers.forEach((one) => group.servers.set(serverKey(one), one)))
    },
    ListServerGroupServers: (given) => {
      const group = this.#group(given.need('ServerGroupId'))
      return page(
        given,
        'Servers',
        [...group.servers.values()].map((one) => ({
          ...one,
          Port: Number(one['Port']),
          Weight: Number(one['Weight']),
          ServerGroupId: group.id,
          Status: 'Available',
        })),
      )
    },
    CreateListener: (given) => this.#createListener(given),
    ListListeners: (given) => {
      const ids = given.list('LoadBalancerIds')
      const found = [...this.#listeners.values()].filter(
        (one) => this.#isVisible(one) && (ids.length === 0 || ids.includes(one.balancer)),
      )
      return page(given, 'Listeners', found.map(describeListener))
    },
    UpdateListenerAttribute: (given) => {
      const listener = this.#readyListener(given)
      const { ListenerId: _, ...settings } = settingsOf(given.all())
      return this.#changeListener(listener, () => {
        const lists = Object.keys(settings).map((name) => name.split('.')[0] ?? name)
        const kept = Object.entries(listener.settings).filter(([name]) => !lists.includes(name.split('.')[0] ?? name))
        listener.settings = { ...Object.fromEntries(kept), ...settings }
      })
    },
    StartListener: (given) => this.#changeListener(this.#readyListener(given), () => undefined),
    StopListener: (given) => {
      const listener = this.#readyListener(given)
      listener.status = 'Configuring'
      return this.#job(() => {
        listener.status = 'Stopped'
      })
    },
    DeleteListener: (given) => {
      const listener = this.#readyListener(given)
      listener.status = 'Deleting'
      return this.#job(() => this.#listeners.delete(listener.id))
    },
    ListListenerCertificates: (given) => {
      const { settings, certificates } = this.#listener(given.need('ListenerId'))
      const first = Object.entries(settings).filter(([name]) => name.startsWith('CertificateIds.'))
      const told = (CertificateId: string, IsDefault: boolean): object => ({
        CertificateId,
        IsDefault,
        Status: 'Associated',
      })
      return page(given, 'Certificates', [
        ...first.map(([, id]) => told(id, true)),
        ...[...certificates].map((id) => told(id, false)),
      ])
    },
    AssociateAdditionalCertificatesWithListener: (given) => {
      const listener = this.#readyListener(given)
      const ids = given.list('AdditionalCertificateIds')
      if (ids.length > 15) throw new Refusal(400, 'InvalidParameter', 'At most 15 certificates in a call.')
      if (listener.certificates.size + ids.length > 25)
        throw new Refusal(400, 'QuotaExceeded.ListenerCertificates', 'At most 25 additional certificates.')
      return this.#changeListener(listener, () => ids.forEach((id) => listener.certificates.add(id)))
    },
    DisassociateAdditionalCertificatesWithListener: (given) => {
      const listener = this.#readyListener(given)
      const ids = given.list('AdditionalCertificateIds')
      if (ids.length > 15) throw new Refusal(400, 'InvalidParameter', 'At most 15 certificates in a call.')
      return this.#changeListener(listener, () => ids.forEach((id) => listener.certificates.delete(id)))
    },
    GetJobStatus: (given) => ({ Status: this.#world.jobStatus(given.need('JobId')) }),
    TagResources: (given) => {
      const tags = this.#tagsOf(given)
      for (const { Key = '', Value = '' } of given.items('Tag')) tags.set(Key, Value)
      if (tags.size > 20) throw new Refusal(400, 'QuotaExceeded.Tags', 'At most 20 tags.')
      return {}
    },
    UntagResources: (given) => {
      const tags = this.#tagsOf(given)
      for (const key of given.list('TagKey')) tags.delete(key)
      return {}
    },
  }

  #create(all: Settings, zones: Balancer['zones'], by: 'call' | 'user'): Balancer {
    const id = this.#world.id('nlb')
    const tags = new Map<string, string>()
    for (let at = 1; all[`Tag.${at}.Key`] !== undefined; at++)
      tags.set(all[`Tag.${at}.Key`] ?? '', all[`Tag.${at}.Value`] ?? '')
    const made: Balancer = {
      id,
      settings: { CrossZoneEnabled: 'true', AddressIpVersion: 'ipv4', VpcId: 'vpc-1', ...settingsOf(all) },
      status: 'Provisioning',
      zones,
      groups: new Set(),
      tags,
      ...(by === 'user' ? seenByAll() : this.#world.unseen()),
    }
    this.#balancers.set(id, made)
    this.#world.note('nlb', id, all['LoadBalancerName'] ?? '', by)
    this.#world.job(this.#world.delays.active, () => {
      made.status = 'Active'
    })
    return made
  }

  #removeBalancer(id: string): void {
    this.#balancers.delete(id)
    this.#world.gone(id)
    for (const listener of this.#listeners.values()) if (listener.balancer === id) this.#listeners.delete(listener.id)
  }

  #createListener(given: Parameters): object {
    const balancer = this.#ready(given.need('LoadBalancerId'))
    const protocol = given.need('ListenerProtocol')
    if (!['TCP', 'UDP', 'TCPSSL'].includes(protocol))
      throw new Refusal(400, 'InvalidParameter.ListenerProtocol', protocol)
    if (protocol === 'TCPSSL' && given.list('CertificateIds').length === 0)
      throw new Refusal(400, 'MissingParameter.CertificateIds', 'A certificate is needed.')
    const group = this.#group(given.need('ServerGroupId'))
    if (group.status !== 'Available') throw new Refusal(409, 'IncorrectStatus.serverGroup', `It is ${group.status}.`)
    const own = [...this.#listeners.values()].filter((one) => one.balancer === balancer.id)
    if (own.length >= LISTENERS_AT_MOST)
      throw new Refusal(400, 'QuotaExceeded.LoadBalancerListenersNum', 'The instance has too many listeners.')
    const family = (name: string): string => (name === 'UDP' ? 'UDP' : 'TCP')
    const taken = own.some(
      ({ settings }) =>
        family(settings['ListenerProtocol'] ?? '') === family(protocol) &&
        settings['ListenerPort'] === given.text('ListenerPort') &&
        settings['StartPort'] === given.all()['StartPort'],
    )
    if (taken) throw new Refusal(409, 'ResourceAlreadyExist.Listener', 'There is a listener on the port.')
    const listener: Listener = {
      id: this.#world.id('lsn'),
      balancer: balancer.id,
      settings: settingsOf(given.all()),
      status: 'Provisioning',
      certificates: new Set(),
      ...this.#world.unseen(),
    }
    this.#listeners.set(listener.id, listener)
    const { JobId } = this.#job(() => {
      listener.status = 'Running'
    })
    return { ListenerId: listener.id, JobId }
  }

  #update(given: Parameters, names: readonly string[]): object {
    return this.#change(given, (one) => {
      for (const name of names) if (given.has(name)) one.settings[name] = given.text(name)
    })
  }

  #change(given: Parameters, act: (one: Balancer) => void): { readonly JobId: string } {
    const found = this.#ready(given.need('LoadBalancerId'))
    found.status = 'Configuring'
    return this.#job(() => {
      act(found)
      found.status = 'Active'
    })
  }

  #changeGroup(group: ServerGroup, act: () => void): { readonly JobId: string } {
    group.status = 'Configuring'
    return this.#job(() => {
      act()
      group.status = 'Available'
    })
  }

  #changeListener(listener: Listener, act: () => void): { readonly JobId: string } {
    listener.status = 'Configuring'
    return this.#job(() => {
      act()
      listener.status = 'Running'
    })
  }

  #job(finish: () => void): { readonly JobId: string } {
    return { JobId: this.#world.job(this.#world.delays.job, finish) }
  }

  #describe(one: Balancer): object {
    const { settings } = one
    return {
      LoadBalancerId: one.id,
      LoadBalancerStatus: one.status,
      ...Object.fromEntries(Object.entries(settings).filter(([name]) => !name.includes('.'))),
      DNSName: `${one.id}.cn-hangzhou.nlb.aliyuncs.com`,
      CrossZoneEnabled: settings['CrossZoneEnabled'] === 'true',
      DeletionProtectionConfig: { Enabled: settings['DeletionProtectionConfig.Enabled'] === 'true' },
      ModificationProtectionConfig: { Status: settings['ModificationProtectionConfig.Status'] ?? 'NonProtection' },
      ZoneMappings: one.zones.map(({ ZoneId, VSwitchId, PrivateIPv4Address, AllocationId }) => ({
        ZoneId,
        VSwitchId,
        LoadBalancerAddresses: [{ PrivateIPv4Address, AllocationId }],
      })),
      SecurityGroupIds: [...one.groups],
      Tags: [...one.tags].map(([Key, Value]) => ({ Key, Value })),
    }
  }

  #balancer(id: string): Balancer {
    const found = this.#balancers.get(id)
    if (found === undefined) throw new Refusal(404, 'ResourceNotFound.loadBalancer', `${id} is not found.`)
    return found
  }
  /** It can be deleted: it is ready, or will never be. */
  #settled(id: string): Balancer {
    const found = this.#balancer(id)
    return found.status === 'CreateFailed' || found.status === 'Inactive' ? found : this.#ready(id)
  }
  #ready(id: string): Balancer {
    const found = this.#balancer(id)
    if (found.status !== 'Active') throw new Refusal(409, 'IncorrectStatus.loadBalancer', `It is ${found.status}.`)
    return found
  }
  #group(id: string): ServerGroup {
    const found = this.#serverGroups.get(id)
    if (found === undefined) throw new Refusal(404, 'ResourceNotFound.serverGroup', `${id} is not found.`)
    return found
  }
  #readyGroup(given: Parameters): ServerGroup {
    const found = this.#group(given.need('ServerGroupId'))
    if (found.status !== 'Available') throw new Refusal(409, 'IncorrectStatus.serverGroup', `It is ${found.status}.`)
    return found
  }
  #listener(id: string): Listener {
    const found = this.#listeners.get(id)
    if (found === undefined) throw new Refusal(404, 'ResourceNotFound.listener', `${id} is not found.`)
    return found
  }
  #readyListener(given: Parameters): Listener {
    const found = this.#listener(given.need('ListenerId'))
    if (found.status !== 'Running' && found.status !== 'Stopped')
      throw new Refusal(409, 'IncorrectStatus.listener', `It is ${found.status}.`)
    return found
  }
  #tagsOf(given: Parameters): Map<string, string> {
    const id = given.need('ResourceId.1')
    return given.text('ResourceType') === 'servergroup' ? this.#group(id).tags : this.#balancer(id).tags
  }
  #seen<T extends Seen>(one: T, what: string): T {
    if (!this.#isVisible(one)) throw new Refusal(404, `ResourceNotFound.${what}`, 'It is not found.')
    return one
  }
  #isVisible(one: Seen): boolean {
    return this.#world.isVisible(one)
  }
}

function portOf(listener: object): number {
  const { ListenerPort, StartPort } = listener as { ListenerPort?: string; StartPort?: string } // as they were given
  return Number(ListenerPort ?? StartPort)
}

function settingsOf(all: Settings): Settings {
  const left = ['ClientToken', 'RegionId', 'LoadBalancerId']
  return Object.fromEntries(
    Object.entries(all).filter(
      ([name]) => !left.includes(name) && !name.startsWith('Tag.') && !name.startsWith('ZoneMappings.'),
    ),
  )
}

function tagsOf(given: Parameters): Map<string, string> {
  return new Map(given.items('Tag').map(({ Key = '', Value = '' }) => [Key, Value]))
}

function hasTags(tags: ReadonlyMap<string, string>, wanted: readonly Readonly<Record<string, string>>[]): boolean {
  return wanted.every(({ Key = '', Value }) => (Value === undefined ? tags.has(Key) : tags.get(Key) === Value))
}

function page(given: Parameters, name: string, items: readonly object[]): object {
  const start = given.number('NextToken', 0)
  const most = Math.min(100, given.number('MaxResults', 20))
  const next = start + most < items.length ? { NextToken: String(start + most) } : {}
  return { [name]: items.slice(start, start + most), TotalCount: items.length, MaxResults: most, ...next }
}

const numbers =
  /^(ListenerPort|StartPort|EndPort|IdleTimeout|Cps|ConnectionDrainTimeout|HealthCheck(Interval|ConnectTimeout|ConnectPort)|(Un)?[Hh]ealthyThreshold)$/

/** Text of the wire as the JSON of an answer has it: numbers, booleans, and lists and mappings for dotted names. */
function unfold(settings: Settings): Record<string, unknown> {
  const made: Record<string, unknown> = {}
  for (const [name, text] of Object.entries(settings)) {
    const [head = '', ...rest] = name.split('.')
    const value =
      text === 'true' ? true : text === 'false' ? false : numbers.test(rest.at(-1) ?? head) ? Number(text) : text
    if (rest.length === 0) made[head] = value
    else if (/^\d+$/.test(rest[0] ?? '')) made[head] = [...((made[head] ?? []) as unknown[]), value]
    else {
      const inner = (made[head] ?? {}) as Record<string, unknown>
      const [key = '', index] = rest
      inner[key] = index === undefined ? value : [...((inner[key] ?? []) as unknown[]), value]
      made[head] = inner
    }
  }
  return made
}

function describeGroup({ id, settings, status, tags, servers }: ServerGroup): object {
  const { HealthCheckConfig, ...rest } = unfold(settings)
  return {
    ...rest,
    HealthCheck: HealthCheckConfig ?? { HealthCheckEnabled: true },
    ServerGroupId: id,
    ServerGroupStatus: status,
    ServerCount: servers.size,
    Tags: [...tags].map(([Key, Value]) => ({ Key, Value })),
  }
}

function describeListener({ id, balancer, settings, status }: Listener): object {
  return { ...unfold(settings), ListenerId: id, LoadBalancerId: balancer, ListenerStatus: status }
}

function serversOf(given: Parameters): readonly Readonly<Record<string, string>>[] {
  const servers = given.items('Servers')
  if (servers.length === 0 || servers.length > 200)
    throw new Refusal(400, 'InvalidParameter.Servers', 'From 1 to 200 servers in a call.')
  for (const one of servers)
    if ((one['ServerId'] ?? '') === '' || (one['ServerType'] ?? '') === '')
      throw new Refusal(400, 'MissingParameter.Servers', 'A server has an id and a type.')
  return servers
}

function serverKey(one: Readonly<Record<string, string>>): string {
  return `${one['ServerId']}/${one['ServerIp'] ?? ''}/${one['Port']}`
}
