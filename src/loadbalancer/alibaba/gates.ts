import type { EndpointView, PodView, ServicePortView, ServiceView } from '../views.js'
import { readAnnotations } from './declare.js'
import { nlbAnnotations } from './nlb-annotations.js'
import { type Server, serverKey } from './servers.js'
import type { ClusterFacts } from './settings.js'

/** Condition of pods, before the name of the Service. @source loadbalancer.md section 2.4 */
const PREFIX = 'service.readiness.alibabacloud.com/'

/** Only where pods are servers themselves; of nodes nobody knows when a pod behind one is reached. */
export function gateOf(service: ServiceView, { backends }: ClusterFacts): string | undefined {
  // The annotations that decide it are those of both kinds of load balancer.
  const { values } = readAnnotations(nlbAnnotations, service)
  const isByAddress = service.loadBalancerClass !== undefined && values['server-group-type'] === 'Ip'
  return isByAddress || (values['backend-type'] ?? backends) === 'eni' ? PREFIX + service.name : undefined
}

/** A group that a port has, or is to have. */
export interface PortGroup {
  readonly port: ServicePortView
  /** undefined: there is none yet, or it is being changed. */
  readonly servers: readonly Server[] | undefined
}

/** Pods that wait for their gate and are in the groups of all ports that they serve. */
export function registeredPods(endpoints: readonly EndpointView[], groups: readonly PortGroup[]): readonly PodView[] {
  const waiting = endpoints.filter(({ gate }) => gate === 'waiting')
  if (waiting.length === 0) return []
  const keys = groups.map(({ port, servers }) => ({ port, keys: new Set(servers?.map(serverKey)) }))
  return waiting.flatMap(({ address, ports, pod }): readonly PodView[] => {
    const found = keys.flatMap(({ port, keys }): readonly boolean[] => {
      const target = ports.find(({ name, protocol }) => name === port.name && protocol === port.protocol)
      return target === undefined ? [] : [keys.has(`${address}:${target.port}`)]
    })
    return pod !== undefined && found.length > 0 && found.every((one) => one) ? [pod] : []
  })
}
