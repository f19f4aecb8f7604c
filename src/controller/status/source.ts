import type { PublishedAddress } from '../../snapshot/objects.js'
import { inStatusOrder, publishedAddress } from './addresses.js'

/** Where the addresses of all served Ingresses come from (STA-2). */
export type StatusSource =
  | { readonly kind: 'fixed'; readonly addresses: readonly PublishedAddress[] }
  | { readonly kind: 'service'; readonly namespace: string; readonly name: string }
  | { readonly kind: 'nodes'; readonly prefer: 'external' | 'internal' }

export interface StatusFlags {
  readonly publishStatusAddress: string
  readonly publishService: string
  readonly reportNodeInternalIpAddress: boolean
}

/** STA-2: `--publish-status-address`, else `--publish-service`, else the nodes. Both flags: a start-up error (FLG-2). */
export function statusSourceOf(
  flags: StatusFlags,
): { readonly ok: true; readonly source: StatusSource } | { readonly ok: false; readonly message: string } {
  const { publishStatusAddress, publishService } = flags
  if (publishStatusAddress !== '' && publishService !== '') {
    return {
      ok: false,
      message: '--publish-service and --publish-status-address exclude each other; give one of them.',
    }
  }
  if (publishStatusAddress !== '') {
    const words = publishStatusAddress.split(',').map((word) => word.trim())
    const addresses = inStatusOrder(words.filter((word) => word !== '').map(publishedAddress))
    if (addresses.length > 0) return { ok: true, source: { kind: 'fixed', addresses } }
    return {
      ok: false,
      message: '--publish-status-address holds no address; expected a list such as 192.0.2.1,192.0.2.2.',
    }
  }
  if (publishService === '') {
    return { ok: true, source: { kind: 'nodes', prefer: flags.reportNodeInternalIpAddress ? 'internal' : 'external' } }
  }
  const [namespace = '', name = '', ...rest] = publishService.split('/')
  if (namespace === '' || name === '' || rest.length > 0) {
    return { ok: false, message: `--publish-service is "${publishService}"; expected namespace/name.` }
  }
  return { ok: true, source: { kind: 'service', namespace, name } }
}

/** What is read of the Service that `--publish-service` names. */
export interface PublishService {
  readonly type: string
  readonly clusterIP: string
  readonly externalName: string
  readonly externalIPs: readonly string[]
  /** `status.loadBalancer.ingress`. */
  readonly loadBalancer: readonly PublishedAddress[]
}

/** STA-3. A headless Service (cluster IP `None`) has no address of its own. */
export function addressesOfService(service: PublishService): readonly PublishedAddress[] {
  const externalIPs = service.externalIPs.map(publishedAddress)
  const clusterIP = service.clusterIP === 'None' ? [] : [publishedAddress(service.clusterIP)]
  switch (service.type) {
    case 'LoadBalancer':
      return inStatusOrder([...service.loadBalancer, ...externalIPs])
    case 'NodePort':
      return inStatusOrder(externalIPs.length > 0 ? externalIPs : clusterIP)
    case 'ExternalName':
      return inStatusOrder([publishedAddress(service.externalName)])
    default:
      return inStatusOrder(clusterIP)
  }
}

/** What is read of a Pod with the labels of our own. */
export interface ControllerPod {
  readonly name: string
  /** Empty while it is not scheduled. */
  readonly node: string
  readonly phase: string
  readonly ready: boolean
}

export interface NodeAddress {
  readonly type: string
  readonly address: string
}

/** The nodes that run Ready controller pods, each once. */
export function nodesOf(pods: readonly ControllerPod[]): readonly string[] {
  const names = pods.filter(({ phase, ready }) => phase === 'Running' && ready).map(({ node }) => node)
  return [...new Set(names)].filter((name) => name !== '').sort()
}

/** STA-2: of each node its first ExternalIP, else its first InternalIP; `internal` leaves out the first choice. */
export function addressesOfNodes(
  nodes: readonly (readonly NodeAddress[])[],
  prefer: 'external' | 'internal',
): readonly PublishedAddress[] {
  const types = prefer === 'external' ? ['ExternalIP', 'InternalIP'] : ['InternalIP']
  return inStatusOrder(
    nodes.flatMap((addresses) => {
      const found = types.map((type) => addresses.find((one) => one.type === type && one.address !== ''))
      const first = found.find((one) => one !== undefined)
      return first === undefined ? [] : [publishedAddress(first.address)]
    }),
  )
}

/** STA-5: how many controller pods there are beside our own; those that have ended do not count. */
export function countOthers(pods: readonly ControllerPod[], own: string): number {
  return pods.filter(({ name, phase }) => name !== own && phase !== 'Succeeded' && phase !== 'Failed').length
}
