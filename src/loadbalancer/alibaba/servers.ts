import ipaddr from 'ipaddr.js'
import type { EndpointView, ServicePortView } from '../views.js'
import type { JudgedNode, PlanInput } from '../provider.js'
import { instanceOf } from './names.js'

/** A backend of a group. Nodes are known by the id of their machine, pods by their address. */
export interface Server {
  readonly type: 'ecs' | 'eni' | 'ip'
  /** Id of the machine or network interface; '' of a pod, until its interface was looked up. */
  readonly id: string
  /** '' of a machine. */
  readonly ip: string
  readonly port: number
  readonly weight: number
}

/** A backend that exists. */
export interface FoundServer extends Server {
  readonly description: string
}

export interface ServerRules {
  readonly kind: 'ecs' | 'eni' | 'ip'
  /** All backends share it. */
  readonly weight: number | undefined
  readonly defaultWeight: number
  readonly labels: readonly (readonly [string, string])[]
  readonly unscheduled: 'keep' | 'remove'
  /** Pods that end and still serve stay with weight 0. */
  readonly graceful: boolean
  readonly ipVersion: 'ipv4' | 'ipv6'
}

const EXCLUDING_LABELS = [
  'alpha.service-controller.kubernetes.io/exclude-balancer',
  'service.alibabacloud.com/exclude-node',
]
const CONTROL_PLANE = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master']

/** The backends a port should have. @source loadbalancer.md section 2.4 */
export function serversOf(
  port: ServicePortView,
  { service, nodes, endpoints }: Pick<PlanInput<never>, 'service' | 'nodes' | 'endpoints'>,
  rules: ServerRules,
): readonly Server[] {
  if (rules.kind !== 'ecs') return podsOf(port, endpoints, rules, () => true)
  const virtual = new Set(nodes.filter(isVirtual).map(({ name }) => name))
  const isLocal = service.externalTrafficPolicy === 'Local'
  const usable = nodes.filter((node) => isUsable(node, rules) && (!isLocal || node.endpoints > 0))
  const pods =
    virtual.size === 0 ? [] : podsOf(port, endpoints, { ...rules, kind: 'eni' }, ({ node }) => virtual.has(node))
  const total = usable.reduce((sum, node) => sum + node.endpoints, 0)
  const machines = usable.flatMap((node): readonly Server[] => {
    const id = instanceOf(node.providerID)
    if (id === undefined || port.nodePort === 0) return []
    const weight = isLocal ? shareOf(rules, node.endpoints, total) : evenShareOf(rules, usable.length)
    return [{ type: 'ecs', id, ip: '', port: port.nodePort, weight }]
  })
  return [...machines, ...pods]
}

function podsOf(
  port: ServicePortView,
  endpoints: readonly EndpointView[],
  rules: ServerRules,
  isWanted: (endpoint: EndpointView) => boolean,
): readonly Server[] {
  const version = (address: string): string => (address.includes(':') ? 'ipv6' : 'ipv4')
  const found = endpoints.filter(
    (one) =>
      isWanted(one) &&
      version(one.address) === rules.ipVersion &&
      (isReady(one) || (rules.graceful && one.serving && one.terminating)),
  )
  const ready = found.filter(isReady).length
  const servers = new Map<string, Server>()
  for (const one of found) {
    const target = one.ports.find(({ name, protocol }) => name === port.name && protocol === port.protocol)
    if (target === undefined) continue
    const weight = isReady(one) ? evenShareOf(rules, ready) : 0
    const type = rules.kind === 'ip' ? 'ip' : 'eni'
    servers.set(`${one.address}/${target.port}`, {
      type,
      id: type === 'ip' ? one.address : '',
      ip: one.address,
      port: target.port,
      weight,
    })
  }
  return [...servers.values()]
}

/** A pod that waits for its readiness gate becomes ready by being a server. */
function isReady({ ready, gate }: EndpointView): boolean {
  return ready || gate === 'waiting'
}

function isUsable(node: JudgedNode, { labels, unscheduled }: ServerRules): boolean {
  return (
    node.verdict === 'backend' &&
    !isVirtual(node) &&
    ![...EXCLUDING_LABELS, ...CONTROL_PLANE].some((label) => Object.hasOwn(node.labels, label)) &&
    !(unscheduled === 'remove' && node.unschedulable) &&
    labels.every(([key, value]) => node.labels[key] === value)
  )
}

function isVirtual({ labels }: JudgedNode): boolean {
  return labels['type'] === 'virtual-kubelet'
}

function evenShareOf({ weight, defaultWeight }: ServerRules, count: number): number {
  if (weight === undefined) return defaultWeight
  return weight === 0 ? 0 : Math.max(1, Math.floor(weight / count))
}

/** Under Local a node counts by its pods. */
function shareOf({ weight }: ServerRules, pods: number, total: number): number {
  if (weight === undefined) return Math.min(100, pods)
  return weight === 0 ? 0 : Math.max(1, Math.floor((weight * pods) / total))
}

/** An address in the form that Kubernetes has it in: the cloud may write one of IPv6 otherwise. */
export function usualAddress(text: string): string {
  return ipaddr.isValid(text) ? ipaddr.parse(text).toString() : text
}

/** Two servers with one key are the same server, whatever their weight. */
export function serverKey({ type, id, ip, port }: Server): string {
  return type === 'ecs' ? `${id}:${port}` : `${ip}:${port}`
}

export interface ServerChange {
  readonly add: readonly Server[]
  /** Weights that change. */
  readonly weigh: readonly FoundServer[]
  readonly remove: readonly FoundServer[]
}

/** What has to change; of servers that exist only those that `isOurs` are touched. */
export function compareServers(
  wanted: readonly Server[],
  found: readonly FoundServer[],
  isOurs: (server: FoundServer) => boolean,
  weights: 'write' | 'ignore',
): ServerChange {
  const wantedByKey = new Map(wanted.map((one) => [serverKey(one), one]))
  const foundKeys = new Set(found.map(serverKey))
  return {
    add: wanted.filter((one) => !foundKeys.has(serverKey(one))),
    weigh: found.flatMap((one) => {
      const target = wantedByKey.get(serverKey(one))
      if (target === undefined || target.weight === one.weight || !isOurs(one)) return []
      // A pod that ends has to get no new connections, whoever changed weights by hand.
      if (weights === 'ignore' && target.weight !== 0) return []
      return [{ ...one, weight: target.weight }]
    }),
    remove: found.filter((one) => isOurs(one) && !wantedByKey.has(serverKey(one))),
  }
}

export function batches<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size))
}
