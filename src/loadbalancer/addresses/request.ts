import type { IpFamily, ServiceView } from '../views.js'
import { usualForm } from './ip.js'

/** Annotations of a Service that asks for something. */
export const ADDRESSES_ANNOTATION = 'fairlead/loadbalancer-addresses'
export const POOL_ANNOTATION = 'fairlead/loadbalancer-pool'
export const SHARING_ANNOTATION = 'fairlead/loadbalancer-sharing-key'

/** What a Service asks for. */
export interface AddressRequest {
  readonly namespace: string
  /** Which families it is to have an address of; `required`: of all of them, or none. */
  readonly families: readonly IpFamily[]
  readonly stack: 'all required' | 'as many as there are'
  /** These and no others; empty: any. In their usual form. */
  readonly addresses: readonly string[]
  /** '': any that gives addresses by itself. */
  readonly pool: string
  readonly share: Share
}

/** With whom an address may be shared: the same key, other ports, and the same nodes have endpoints. */
export interface Share {
  /** '': with nobody. */
  readonly key: string
  /** Port and protocol. */
  readonly ports: readonly string[]
  /** With policy Local only Services with the same selector have their endpoints on the same nodes. '': policy Cluster. */
  readonly localTo: string
}

export type ParsedRequest =
  | { readonly ok: true; readonly request: AddressRequest }
  | { readonly ok: false; readonly field: string; readonly message: string }

/** The annotation says more than `spec.loadBalancerIP`, and wins. */
export function requestOf(service: ServiceView): ParsedRequest {
  const { annotations, namespace, loadBalancerIP, ipFamilies, ipFamilyPolicy } = service
  const annotation = annotations[ADDRESSES_ANNOTATION]
  const field = annotation === undefined ? 'spec.loadBalancerIP' : `metadata.annotations["${ADDRESSES_ANNOTATION}"]`
  const words = (annotation ?? loadBalancerIP)
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
  const addresses: string[] = []
  for (const word of words) {
    const address = usualForm(word)
    if (address === undefined) {
      const allowed = 'allowed are addresses, separated by commas: 192.0.2.10,2001:db8::10'
      return {
        ok: false,
        field,
        message: `${JSON.stringify(word)} is no IP address; the Service gets none. ${allowed}.`,
      }
    }
    addresses.push(address)
  }
  return {
    ok: true,
    request: {
      namespace,
      families: ipFamilies.length === 0 ? ['IPv4'] : ipFamilies,
      stack: ipFamilyPolicy === 'RequireDualStack' ? 'all required' : 'as many as there are',
      addresses: [...new Set(addresses)],
      pool: annotations[POOL_ANNOTATION] ?? '',
      share: shareOf(service),
    },
  }
}

export function shareOf({ annotations, ports, externalTrafficPolicy, selector }: ServiceView): Share {
  const entries = Object.entries(selector).sort(([a], [b]) => (a < b ? -1 : 1))
  return {
    key: annotations[SHARING_ANNOTATION] ?? '',
    ports: ports.map(({ port, protocol }) => `${port}/${protocol}`),
    localTo: externalTrafficPolicy === 'Local' ? JSON.stringify(entries) : '',
  }
}
