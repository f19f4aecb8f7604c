import type { Parameters } from './parameters.js'
import { Refusal } from './refusal.js'
import { type ByHand, type Seen, seenByAll, type World } from './world.js'

interface Balancer extends Seen {
  readonly id: string
  readonly own: Record<string, string>
  readonly tags: Map<string, string>
  readonly listeners: Map<string, Listener>
}
interface Listener {
  readonly protocol: 'tcp' | 'udp' | 'http' | 'https'
  readonly port: number
  status: 'running' | 'stopped'
  settings: Record<string, string>
  /** Domain to certificate and id, of an HTTPS listener. */
  readonly domains: Map<string, { id: string; certificate: string }>
}
interface Group extends Seen {
  readonly id: string
  name: string
  readonly balancer: string
  readonly servers: Map<string, Server>
}
interface Server {
  readonly ServerId: string
  readonly ServerIp: string
  readonly Port: number
  readonly Type: string
  readonly Weight: number
  readonly Description: string
}

const LISTENERS_AT_MOST = 50
const SERVERS_AT_MOST = 200

/** CLB 2014-05-15: synchronous, but what is new is not seen at once; listeners are made stopped. */
export class Clb {
  readonly #world: World
  readonly #balancers = new Map<string, Balancer>()
  readonly #groups = new Map<string, Group>()
  readonly #eips = new Map<string, string>()

  constructor(world: World) {
    this.#world = world
  }

  perform(action: string, given: Parameters): object {
    const act = this.#actions[action]
    if (act === undefined || !Object.hasOwn(this.#actions, action))
      throw new Refusal(404, 'InvalidAction.NotFound', `Specified api is not found: ${action}.`)
    given.need('RegionId')
    return this.#world.once(action, given, () => act(given))
  }

  /** What a user does without us. */
  byHand(given: ByHand): object {
    const id = given.id ?? ''
    switch (given.what) {
      case 'create': {
        const made = this.#create(given.settings ?? {}, 'user')
        for (const [key, value] of Object.entries(given.tags ?? {})) made.tags.set(key, value)
        return { id: made.id, address: made.own['Address'] }
      }
      case 'delete':
        this.#remove(id)
        return {}
      case 'listener': {
        const settings = given.settings ?? {}
        this.#addListener(this.#balancer(id), given.protocol ?? 'tcp', given.port ?? 0, settings)
        return {}
      }
      case 'group': {
        const group = {
          id: this.#world.id('rsp'),
          name: given.name ?? '',
          balancer: id,
          servers: new Map(),
          ...seenByAll(),
        }
        this.#groups.set(group.id, group)
        return { id: group.id }
      }
      case 'set':
        Object.assign(this.#balancer(id).own, given.settings)
        return {}
      case 'weights':
        for (const group of this.#groups.values())
          if (group.balancer === id)
            for (const [key, server] of group.servers) group.servers.set(key, { ...server, Weight: given.weight ?? 0 })
        return {}
      case 'eip':
        this.#eips.set(id, given.address ?? '')
        return {}
      case 'state':
        return {}
    }
  }

  eipsOf(instance: string): object {
    const address = this.#eips.get(instance)
    return { EipAddresses: { EipAddress: address === undefined ? [] : [{ IpAddress: address }] } }
  }

  state(): object {
    return [...this.#balancers.values()].map((one) => ({
      id: one.id,
      ...one.own,
      tags: Object.fromEntries(one.tags),
      listeners: [...one.listeners.values()]
        .map(({ domains, ...listener }) => ({ ...listener, domains: Object.fromEntries(domains) }))
        .sort((a, b) => a.port - b.port),
      groups: [...this.#groups.values()]
        .filter(({ balancer }) => balancer === one.id)
        .map(({ id, name, servers }) => ({ id, name, servers: [...servers.values()] }))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    }))
  }

  readonly #actions: Readonly<Record<string, (given: Parameters) => object>> = {
    CreateLoadBalancer: (given) => {
      const settings = given.all()
      for (const name of ['AddressType', 'InternetChargeType', 'ModificationProtectionStatus'])
        if (settings[name] === '') throw new Refusal(400, `InvalidParameter.${name}`, 'It is empty.')
      const { id, own } = this.#create(settings, 'call', given.items('Tag'))
      return { LoadBalancerId: id, Address: own['Address'], LoadBalancerName: own['LoadBalancerName'] }
    },
    DeleteLoadBalancer: (given) => {
      const found = this.#balancer(given.need('LoadBalancerId'))
      if (found.own['DeleteProtection'] === 'on')
        throw new Refusal(400, 'OperationDenied.DeleteProtection', 'Deletion protection is on.')
      this.#remove(found.id)
      return {}
    },
    DescribeLoadBalancers: (given) => this.#describe(given),
    DescribeLoadBalancerAttribute: (given) => this.#attributes(this.#visible(given.need('LoadBalancerId'))),
    SetLoadBalancerName: (given) => this.#set(given, ['LoadBalancerName']),
    SetLoadBalancerDeleteProtection: (given) => this.#set(given, ['DeleteProtection']),
    SetLoadBalancerModificationProtection: (given) =>
      this.#set(given, ['ModificationProtectionStatus', 'ModificationProtectionReason']),
    ModifyLoadBalancerInstanceSpec: (given) => this.#set(given, ['LoadBalancerSpec']),
    ModifyLoadBalancerInstanceChargeType: (given) => {
      const found = this.#balancer(given.need('LoadBalancerId'))
      if (found.own['InstanceChargeType'] === 'PayByCLCU' && given.text('InstanceChargeType') === 'PayBySpec')
        throw new Refusal(400, 'OperationUnsupported', 'From PayByCLCU there is no way back.')
      return this.#set(given, ['InstanceChargeType', 'LoadBalancerSpec'])
    },
    ModifyLoadBalancerInternetSpec: (given) => this.#set(given, ['InternetChargeType', 'Bandwidth']),
    CreateLoadBalancerTCPListener: (given) => this.#createListener('tcp', given),
    CreateLoadBalancerUDPListener: (given) => this.#createListener('udp', given),
    CreateLoadBalancerHTTPListener: (given) => this.#createListener('http', given),
    CreateLoadBalancerHTTPSListener: (given) => this.#createListener('https', given),
    SetLoadBalancerTCPListenerAttribute: (given) => this.#setListener('tcp', given),
    SetLoadBalancerUDPListenerAttribute: (given) => this.#setListener('udp', given),
    SetLoadBalancerHTTPListenerAttribute: (given) => this.#setListener('http', given),
    SetLoadBalancerHTTPSListenerAttribute: (given) => this.#setListener('https', given),
    StartLoadBalancerListener: (given) => {
      this.#listener(given).status = 'running'
      return {}
    },
    StopLoadBalancerListener: (given) => {
      this.#listener(given).status = 'stopped'
      return {}
    },
    DeleteLoadBalancerListener: (given) => {
      const { protocol, port } = this.#listener(given)
      this.#balancer(given.need('LoadBalancerId')).listeners.delete(keyOf(protocol, port))
      return {}
    },
    DescribeLoadBalancerListeners: (given) => {
      const ids = given.list('LoadBalancerId')
      if (ids.length > 10) throw new Refusal(400, 'InvalidParameter', 'At most 10 instances at a time.')
      const all = ids.flatMap((id) => {
        const found = this.#visible(id)
        return [...found.listeners.values()].map((listener) => describeListener(found.id, listener))
      })
      const start = given.number('NextToken', 0)
      const most = Math.min(100, given.number('MaxResults', 20))
      const next = start + most < all.length ? { NextToken: String(start + most) } : {}
      return { Listeners: all.slice(start, start + most), TotalCount: all.length, ...next }
    },
    CreateVServerGroup: (given) => {
      const balancer = this.#balancer(given.need('LoadBalancerId'))
      const group: Group = {
        id: this.#world.id('rsp'),
        name: given.need('VServerGroupName'),
        balancer: balancer.id,
        servers: new Map(),
        ...this.#world.unseen(),
      }
      this.#groups.set(group.id, group)
      this.#world.note('v-server-group', group.id, group.name)
      if (given.has('BackendServers')) this.#addServers(group, given)
      return { VServerGroupId: group.id, BackendServers: { BackendServer: [...group.servers.values()] } }
    },
    AddVServerGroupBackendServers: (given) => this.#addServers(this.#group(given), given),
    RemoveVServerGroupBackendServers: (given) => {
      const group = this.#group(given)
      for (const server of serversOf(given)) group.servers.delete(serverKey(server))
      return { VServerGroupId: group.id }
    },
    SetVServerGroupAttribute: (given) => {
      const group = this.#group(given)
      if (given.has('VServerGroupName')) group.name = given.text('VServerGroupName')
      for (const server of given.has('BackendServers') ? serversOf(given) : []) {
        const known = group.servers.get(serverKey(server))
        if (known === undefined) throw new Refusal(400, 'BackendServerNotFound', 'The server is not in the group.')
        group.servers.set(serverKey(server), { ...known, Weight: server.Weight })
      }
      return { VServerGroupId: group.id }
    },
    DescribeVServerGroups: (given) => {
      const id = this.#visible(given.need('LoadBalancerId')).id
      const seen = [...this.#groups.values()].filter((one) => one.balancer === id && this.#isVisible(one))
      return {
        VServerGroups: {
          VServerGroup: seen.map((one) => ({ VServerGroupId: one.id, VServerGroupName: one.name })),
        },
      }
    },
    DescribeVServerGroupAttribute: (given) => {
      const group = this.#group(given)
      return {
        VServerGroupId: group.id,
        VServerGroupName: group.name,
        LoadBalancerId: group.balancer,
        BackendServers: { BackendServer: [...group.servers.values()] },
      }
    },
    DeleteVServerGroup: (given) => {
      const group = this.#group(given)
      if (this.#isUsed(group)) throw new Refusal(400, 'RspoolVipExist', 'A listener uses the group.')
      this.#groups.delete(group.id)
      this.#world.gone(group.id)
      return {}
    },
    TagResources: (given) => {
      const found = this.#balancer(given.need('ResourceId.1'))
      const tags = given.items('Tag')
      if (tags.length > 20 || found.tags.size + tags.filter(({ Key = '' }) => !found.tags.has(Key)).length > 20)
        throw new Refusal(400, 'TagCountLimit', 'An instance has at most 20 tags.')
      for (const { Key = '', Value = '' } of tags) found.tags.set(Key, Value)
      return {}
    },
    UntagResources: (given) => {
      const found = this.#balancer(given.need('ResourceId.1'))
      for (const key of given.list('TagKey')) found.tags.delete(key)
      return {}
    },
    DescribeDomainExtensions: (given) => {
      const listener = this.#listenerOf(given, 'https')
      return {
        DomainExtensions: {
          DomainExtension: [...listener.domains].map(([domain, { id, certificate }]) => ({
            Domain: domain,
            DomainExtensionId: id,
            ServerCertificateId: certificate,
          })),
        },
      }
    },
    CreateDomainExtension: (given) => {
      const id = this.#world.id('de')
      const domains = this.#listenerOf(given, 'https').domains
      if (domains.has(given.need('Domain'))) throw new Refusal(400, 'DomainExtensionExist', 'It exists.')
      domains.set(given.need('Domain'), { id, certificate: given.need('ServerCertificateId') })
      return { DomainExtensionId: id }
    },
    SetDomainExtensionAttribute: (given) => {
      this.#domain(given).found.certificate = given.need('ServerCertificateId')
      return {}
    },
    DeleteDomainExtension: (given) => {
      const { domains, domain } = this.#domain(given)
      domains.delete(domain)
      return {}
    },
  }

  #create(
    settings: Record<string, string>,
    by: 'call' | 'user',
    tags: readonly Readonly<Record<string, string>>[] = [],
  ): Balancer {
    const { ClientToken: _token, RegionId: _region, ...wanted } = settings
    const own = Object.fromEntries(Object.entries(wanted).filter(([name]) => !name.startsWith('Tag.')))
    const id = this.#world.id('lb')
    const made: Balancer = {
      id,
      own: {
        AddressType: 'internet',
        VpcId: 'vpc-1',
        DeleteProtection: 'off',
        ModificationProtectionStatus: 'NonProtection',
        LoadBalancerStatus: 'active',
        ...own,
        Address: own['Address'] ?? this.#world.address(own['AddressType'] === 'intranet'),
      },
      tags: new Map(tags.map(({ Key = '', Value = '' }) => [Key, Value])),
      listeners: new Map(),
      ...(by === 'user' ? seenByAll() : this.#world.unseen()),
    }
    this.#balancers.set(id, made)
    this.#world.note('clb', id, own['LoadBalancerName'] ?? '', by)
    return made
  }

  #remove(id: string): void {
    this.#balancers.delete(id)
    this.#world.gone(id)
    for (const group of this.#groups.values())
      if (group.balancer === id) {
        this.#groups.delete(group.id)
        this.#world.gone(group.id)
      }
  }

  #describe(given: Parameters): object {
    const tags = given.has('Tags') ? (JSON.parse(given.text('Tags')) as { TagKey: string; TagValue?: string }[]) : [] // from the wire
    const ids = given
      .text('LoadBalancerId')
      .split(',')
      .filter((id) => id !== '')
    const found = [...this.#balancers.values()].filter(
      (one) =>
        this.#isVisible(one) &&
        (ids.length === 0 || ids.includes(one.id)) &&
        (!given.has('LoadBalancerName') || one.own['LoadBalancerName'] === given.text('LoadBalancerName')) &&
        tags.every(({ TagKey, TagValue }) =>
          TagValue === undefined ? one.tags.has(TagKey) : one.tags.get(TagKey) === TagValue,
        ),
    )
    const size = Math.min(100, given.number('PageSize', 50))
    const page = given.number('PageNumber', 1)
    return {
      LoadBalancers: { LoadBalancer: found.slice((page - 1) * size, page * size).map((one) => this.#attributes(one)) },
      PageNumber: page,
      PageSize: size,
      TotalCount: found.length,
    }
  }

  #attributes(one: Balancer): object {
    return {
      ...one.own,
      ...(one.own['Bandwidth'] === undefined ? {} : { Bandwidth: Number(one.own['Bandwidth']) }),
      LoadBalancerId: one.id,
      Tags: { Tag: [...one.tags].map(([TagKey, TagValue]) => ({ TagKey, TagValue })) },
      ListenerPortsAndProtocol: {
        ListenerPortAndProtocol: [...one.listeners.values()].map(({ port, protocol }) => ({
          ListenerPort: port,
          ListenerProtocol: protocol,
        })),
      },
    }
  }

  #set(given: Parameters, names: readonly string[]): object {
    const found = this.#balancer(given.need('LoadBalancerId'))
    if (
      found.own['ModificationProtectionStatus'] === 'ConsoleProtection' &&
      names.includes('LoadBalancerName') &&
      given.text('ByConsole') !== ''
    )
      throw new Refusal(400, 'OperationDenied.ModificationProtection', 'Protected against changes in the console.')
    for (const name of names) if (given.has(name)) found.own[name] = given.text(name)
    return {}
  }

  #createListener(protocol: Listener['protocol'], given: Parameters): object {
    const balancer = this.#balancer(given.need('LoadBalancerId'))
    const port = Number(given.need('ListenerPort'))
    if (!given.has('VServerGroupId') && given.text('ListenerForward') !== 'on')
      throw new Refusal(400, 'MissingParam.VServerGroupId', 'A listener needs a group.')
    this.#addListener(balancer, protocol, port, settingsOf(given))
    return {}
  }

  #addListener(
    balancer: Balancer,
    protocol: Listener['protocol'],
    port: number,
    settings: Record<string, string>,
  ): void {
    if (balancer.listeners.size >= LISTENERS_AT_MOST)
      throw new Refusal(400, 'VipTooManyListeners', 'The instance has too many listeners.')
    if (balancer.listeners.has(keyOf(protocol, port)))
      throw new Refusal(400, 'ListenerAlreadyExists', 'There is a listener on the port.')
    if (protocol === 'https' && (settings['ServerCertificateId'] ?? '') === '')
      throw new Refusal(400, 'MissingParam.ServerCertificateId', 'A certificate is needed.')
    this.#checkGroup(balancer, settings)
    balancer.listeners.set(keyOf(protocol, port), { protocol, port, status: 'stopped', settings, domains: new Map() })
  }

  #setListener(protocol: Listener['protocol'], given: Parameters): object {
    const listener = this.#listenerOf(given, protocol)
    const settings = settingsOf(given)
    this.#checkGroup(this.#balancer(given.need('LoadBalancerId')), settings)
    listener.settings = { ...listener.settings, ...settings }
    return {}
  }

  #checkGroup(balancer: Balancer, settings: Readonly<Record<string, string>>): void {
    const id = settings['VServerGroupId']
    if (id !== undefined && this.#groups.get(id)?.balancer !== balancer.id)
      throw new Refusal(404, 'InvalidVServerGroupId.NotFound', 'The group is not one of the instance.')
  }

  #addServers(group: Group, given: Parameters): object {
    const servers = serversOf(given)
    const ofBalancer = [...this.#groups.values()].filter(({ balancer }) => balancer === group.balancer)
    const count = ofBalancer.reduce((sum, { servers: known }) => sum + known.size, 0)
    const fresh = servers.filter((server) => !group.servers.has(serverKey(server)))
    if (count + fresh.length > SERVERS_AT_MOST)
      throw new Refusal(400, 'TooManyBackendServers', 'The instance has too many servers.')
    for (const server of servers) group.servers.set(serverKey(server), server)
    return { VServerGroupId: group.id, BackendServers: { BackendServer: [...group.servers.values()] } }
  }

  #balancer(id: string): Balancer {
    const found = this.#balancers.get(id)
    if (found === undefined)
      throw new Refusal(404, 'InvalidLoadBalancerId.NotFound', 'The specified LoadBalancerId does not exist.')
    return found
  }
  #visible(id: string): Balancer {
    const found = this.#balancer(id)
    if (!this.#isVisible(found))
      throw new Refusal(404, 'InvalidLoadBalancerId.NotFound', 'The specified LoadBalancerId does not exist.')
    return found
  }
  #isVisible(one: Seen): boolean {
    return this.#world.isVisible(one)
  }
  #group(given: Parameters): Group {
    const found = this.#groups.get(given.need('VServerGroupId'))
    if (found === undefined)
      throw new Refusal(404, 'InvalidVServerGroupId.NotFound', 'The specified VServerGroupId does not exist.')
    return found
  }
  #isUsed(group: Group): boolean {
    const listeners = this.#balancers.get(group.balancer)?.listeners.values() ?? []
    return [...listeners].some(({ settings }) => settings['VServerGroupId'] === group.id)
  }
  #listener(given: Parameters): Listener {
    const protocol = given.need('ListenerProtocol') as Listener['protocol'] // an unknown one is not found
    return this.#listenerOf(given, protocol)
  }
  #listenerOf(given: Parameters, protocol: Listener['protocol']): Listener {
    const found = this.#balancer(given.need('LoadBalancerId')).listeners.get(
      keyOf(protocol, Number(given.need('ListenerPort'))),
    )
    if (found?.protocol !== protocol) throw new Refusal(404, 'ListenerNotFound', 'There is no such listener.')
    return found
  }
  #domain(given: Parameters): {
    readonly domains: Listener['domains']
    readonly domain: string
    readonly found: { id: string; certificate: string }
  } {
    const id = given.need('DomainExtensionId')
    for (const { listeners } of this.#balancers.values())
      for (const { domains } of listeners.values())
        for (const [domain, found] of domains) if (found.id === id) return { domains, domain, found }
    throw new Refusal(404, 'InvalidDomainExtensionId.NotFound', 'There is no such extension.')
  }
}

/** TCP, HTTP and HTTPS share the ports; UDP has its own. */
function keyOf(protocol: Listener['protocol'], port: number): string {
  return `${protocol === 'udp' ? 'udp' : 'tcp'}/${port}`
}

function settingsOf(given: Parameters): Record<string, string> {
  const { RegionId: _region, LoadBalancerId: _id, ListenerPort: _port, ClientToken: _token, ...settings } = given.all()
  return settings
}

function describeListener(id: string, { protocol, port, status, settings }: Listener): object {
  const shared = ['VServerGroupId', 'Bandwidth', 'Scheduler', 'Description', 'AclStatus', 'AclId', 'AclType']
  const config = Object.entries(settings).filter(([name]) => !shared.includes(name))
  return {
    LoadBalancerId: id,
    ListenerPort: port,
    ListenerProtocol: protocol,
    Status: status,
    ...Object.fromEntries(Object.entries(settings).filter(([name]) => shared.includes(name))),
    [`${protocol.toUpperCase()}ListenerConfig`]: Object.fromEntries(
      config.map(([name, value]) => [name, /^\d+$/.test(value) ? Number(value) : value]),
    ),
  }
}

function serversOf(given: Parameters): readonly Server[] {
  const servers = JSON.parse(given.need('BackendServers')) as Partial<Record<keyof Server, string>>[] // from the wire
  if (servers.length > 20) throw new Refusal(400, 'TooManyBackendServersInOneCall', 'At most 20 servers in a call.')
  return servers.map((one) => {
    const { ServerId = '', ServerIp = '', Type = 'ecs', Description = '' } = one
    const [Port, Weight] = [Number(one.Port), Number(one.Weight ?? 100)]
    if (ServerId === '' || !(Port >= 1) || !(Weight >= 0 && Weight <= 100))
      throw new Refusal(400, 'InvalidBackendServers', `A server is not valid: ${JSON.stringify(one)}.`)
    return { ServerId, ServerIp, Port, Type, Weight, Description }
  })
}

function serverKey({ ServerId, ServerIp, Port }: Server): string {
  return `${ServerId}/${ServerIp}/${Port}`
}
