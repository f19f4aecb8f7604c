import type { JudgedNode } from './provider.js'
import type { EndpointView, NodeView, ServiceView } from './views.js'

const EXCLUDED = 'node.kubernetes.io/exclude-from-external-load-balancers'
const TO_BE_DELETED = 'ToBeDeletedByClusterAutoscaler'

export interface NodeRules {
  /** Clouds find a machine by it; where addresses are our own, nodes need none. */
  readonly providerID: 'needed' | 'not needed'
}

/** Section 1.4 of the contract: what each node is to a Service. In the order of the names. */
export function judgeNodes(
  service: Pick<ServiceView, 'externalTrafficPolicy'>,
  nodes: readonly NodeView[],
  endpoints: readonly EndpointView[],
  rules: NodeRules,
): readonly JudgedNode[] {
  const counts = countByNode(endpoints)
  return nodes
    .map((node) => ({ ...node, verdict: judge(service, node, rules), endpoints: counts.get(node.name) ?? 0 }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

function judge(
  { externalTrafficPolicy }: Pick<ServiceView, 'externalTrafficPolicy'>,
  node: NodeView,
  { providerID }: NodeRules,
): JudgedNode['verdict'] {
  if (Object.hasOwn(node.labels, EXCLUDED)) return 'excluded by label'
  if (node.deleting || node.taints.includes(TO_BE_DELETED)) return 'to be deleted'
  if (providerID === 'needed' && node.providerID === '') return 'without providerID'
  return node.ready || externalTrafficPolicy === 'Local' ? 'backend' : 'not ready'
}

/** Ready endpoints; if there is none at all, those that end and still serve, as kube-proxy does it. */
function countByNode(endpoints: readonly EndpointView[]): ReadonlyMap<string, number> {
  const ready = endpoints.filter((one) => one.ready)
  const used = ready.length > 0 ? ready : endpoints.filter((one) => one.serving && one.terminating)
  const addresses = new Map<string, Set<string>>()
  for (const { node, pod, address } of used) {
    const known = addresses.get(node) ?? new Set()
    // A pod with two families is one endpoint in each slice.
    known.add(pod === undefined ? address : pod.uid)
    addresses.set(node, known)
  }
  return new Map([...addresses].map(([node, known]) => [node, known.size]))
}
