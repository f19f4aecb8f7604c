import { createHash } from 'node:crypto'
import { ADDRESSES_FINALIZER, ANNOUNCE_LABEL } from '../addresses/plan.js'
import { judgeNodes } from '../judge-nodes.js'
import { keyOf, type EndpointView, type NodeView, type ServiceView } from '../views.js'

/** So many nodes want an address at a time: if the one that has it goes, the next is there, and few ask the API server. */
const CANDIDATES = 3

/**
 * Which nodes may answer for which address, the one that should first. The nodes of an address are put into an order by a
 * digest of both, so that addresses are spread, and one node more or less moves few of them. With policy Local only nodes
 * with a ready endpoint; of an address that is shared, those that all its Services allow, if there are any.
 */
export function candidatesOf(
  services: Iterable<ServiceView>,
  nodes: readonly NodeView[],
  endpointsOf: (key: string) => readonly EndpointView[],
): ReadonlyMap<string, readonly string[]> {
  const allowed = new Map<string, readonly string[]>()
  for (const service of services) {
    if (!isAnnounced(service)) continue
    const names = nodesOf(service, nodes, endpointsOf(keyOf(service)))
    for (const entry of service.status) {
      if (!('ip' in entry)) continue
      const before = allowed.get(entry.ip)
      const both = before?.filter((name) => names.includes(name)) ?? names
      allowed.set(entry.ip, both.length > 0 ? both : [...new Set([...(before ?? []), ...names])])
    }
  }
  return new Map([...allowed].map(([address, names]) => [address, inOrder(address, names).slice(0, CANDIDATES)]))
}

/** Its addresses are of the pools, and mode `layer2`. */
function isAnnounced({ type, finalizers, labels }: ServiceView): boolean {
  return type === 'LoadBalancer' && finalizers.includes(ADDRESSES_FINALIZER) && labels[ANNOUNCE_LABEL] === 'layer2'
}

function nodesOf(
  service: ServiceView,
  nodes: readonly NodeView[],
  endpoints: readonly EndpointView[],
): readonly string[] {
  const usable = judgeNodes(service, nodes, endpoints, { providerID: 'not needed' })
  const local = service.externalTrafficPolicy === 'Local'
  return usable
    .filter((node) => node.verdict === 'backend' && (!local || (node.endpoints > 0 && node.ready)))
    .map(({ name }) => name)
}

function inOrder(address: string, names: readonly string[]): readonly string[] {
  const weight = (name: string): string => createHash('sha256').update(`${address} ${name}`).digest('hex')
  const weighed = names.map((name) => ({ name, weight: weight(name) }))
  return weighed.sort((a, b) => (a.weight < b.weight ? -1 : 1)).map(({ name }) => name)
}
