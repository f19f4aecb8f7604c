import type { Actions } from './actions.js'
import { type Balancer, type ClbStore, keyOf, type Listener } from './clb-store.js'
import type { Parameters } from './parameters.js'
import { Refusal } from './refusal.js'

const LISTENERS_AT_MOST = 50

/** Listeners of CLB and their certificates by name; they are made stopped. */
export function listenerActions(store: ClbStore): Actions {
  return {
    CreateLoadBalancerTCPListener: (given) => createListener(store, 'tcp', given),
    CreateLoadBalancerUDPListener: (given) => createListener(store, 'udp', given),
    CreateLoadBalancerHTTPListener: (given) => createListener(store, 'http', given),
    CreateLoadBalancerHTTPSListener: (given) => createListener(store, 'https', given),
    SetLoadBalancerTCPListenerAttribute: (given) => setListener(store, 'tcp', given),
    SetLoadBalancerUDPListenerAttribute: (given) => setListener(store, 'udp', given),
    SetLoadBalancerHTTPListenerAttribute: (given) => setListener(store, 'http', given),
    SetLoadBalancerHTTPSListenerAttribute: (given) => setListener(store, 'https', given),
    StartLoadBalancerListener: (given) => {
      store.listener(given).status = 'running'
      return {}
    },
    StopLoadBalancerListener: (given) => {
      store.listener(given).status = 'stopped'
      return {}
    },
    DeleteLoadBalancerListener: (given) => {
      const { protocol, port } = store.listener(given)
      store.balancer(given.need('LoadBalancerId')).listeners.delete(keyOf(protocol, port))
      return {}
    },
    DescribeLoadBalancerListeners: (given) => {
      const ids = given.list('LoadBalancerId')
      if (ids.length > 10) throw new Refusal(400, 'InvalidParameter', 'At most 10 instances at a time.')
      const all = ids.flatMap((id) => {
        const found = store.visible(id)
        return [...found.listeners.values()].map((listener) => describeListener(found.id, listener))
      })
      const start = given.number('NextToken', 0)
      const most = Math.min(100, given.number('MaxResults', 20))
      const next = start + most < all.length ? { NextToken: String(start + most) } : {}
      return { Listeners: all.slice(start, start + most), TotalCount: all.length, ...next }
    },
    DescribeDomainExtensions: (given) => {
      const listener = store.listenerOf(given, 'https')
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
      const id = store.world.id('de')
      const domains = store.listenerOf(given, 'https').domains
      if (domains.has(given.need('Domain'))) throw new Refusal(400, 'DomainExtensionExist', 'It exists.')
      domains.set(given.need('Domain'), { id, certificate: given.need('ServerCertificateId') })
      return { DomainExtensionId: id }
    },
    SetDomainExtensionAttribute: (given) => {
      domainOf(store, given).found.certificate = given.need('ServerCertificateId')
      return {}
    },
    DeleteDomainExtension: (given) => {
      const { domains, domain } = domainOf(store, given)
      domains.delete(domain)
      return {}
    },
  }
}

function createListener(store: ClbStore, protocol: Listener['protocol'], given: Parameters): object {
  const balancer = store.balancer(given.need('LoadBalancerId'))
  const port = Number(given.need('ListenerPort'))
  if (!given.has('VServerGroupId') && given.text('ListenerForward') !== 'on')
    throw new Refusal(400, 'MissingParam.VServerGroupId', 'A listener needs a group.')
  addListener(store, balancer, protocol, port, settingsOf(given))
  return {}
}

export function addListener(
  store: ClbStore,
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
  checkGroup(store, balancer, settings)
  balancer.listeners.set(keyOf(protocol, port), { protocol, port, status: 'stopped', settings, domains: new Map() })
}

function setListener(store: ClbStore, protocol: Listener['protocol'], given: Parameters): object {
  const listener = store.listenerOf(given, protocol)
  const settings = settingsOf(given)
  checkGroup(store, store.balancer(given.need('LoadBalancerId')), settings)
  listener.settings = { ...listener.settings, ...settings }
  return {}
}

function checkGroup(store: ClbStore, balancer: Balancer, settings: Readonly<Record<string, string>>): void {
  const id = settings['VServerGroupId']
  if (id !== undefined && store.groups.get(id)?.balancer !== balancer.id)
    throw new Refusal(404, 'InvalidVServerGroupId.NotFound', 'The group is not one of the instance.')
}

function domainOf(
  store: ClbStore,
  given: Parameters,
): {
  readonly domains: Listener['domains']
  readonly domain: string
  readonly found: { id: string; certificate: string }
} {
  const id = given.need('DomainExtensionId')
  for (const { listeners } of store.balancers.values())
    for (const { domains } of listeners.values())
      for (const [domain, found] of domains) if (found.id === id) return { domains, domain, found }
  throw new Refusal(404, 'InvalidDomainExtensionId.NotFound', 'There is no such extension.')
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
