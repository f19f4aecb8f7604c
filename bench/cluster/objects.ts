import { appName, NAMESPACE } from '../hosts.js'
import * as manifests from '../manifests.js'
import type { KubernetesObject } from '../manifests.js'

/**
 * Where endpoints live: in the network namespace of the cluster all of it is the machine itself. Not in 127.0.0.0/8, which
 * the API server refuses in EndpointSlices, nor among the addresses of Services (10.96.0.0/16).
 */
export const ENDPOINT_RANGE = '10.128.0.0/9'

/** Every endpoint listens here. */
export const ENDPOINT_PORT = 8080

/** What the status of a served Ingress says; an address for documentation (RFC 5737). */
export const STATUS_ADDRESS = '192.0.2.1'

/** Namespace of what the controller is not interested in. */
export const ELSEWHERE = 'bench-elsewhere'

const ENDPOINTS = 5

/** Numbers of addresses that stand in no slice at first. */
const SPARE = 4_000_000

export function addressesOf(index: number): readonly string[] {
  return Array.from({ length: ENDPOINTS }, (_, e) => address(index * ENDPOINTS + e))
}

/** An endpoint that takes the place of another one of this host. */
export function spareAddress(index: number): string {
  return address(SPARE + index)
}

function address(number: number): string {
  return `10.${128 + Math.floor(number / 65_536)}.${Math.floor(number / 256) % 256}.${number % 256}`
}

/** The EndpointSlice of a host's Service with any addresses. */
export function slice(index: number, addresses: readonly string[]): KubernetesObject {
  return {
    ...manifests.endpointSlice(index, index, { backendPort: ENDPOINT_PORT }),
    endpoints: addresses.map((each) => ({ addresses: [each], conditions: { ready: true } })),
  }
}

export function ingress(index: number): KubernetesObject {
  return manifests.ingress(index, index, { backendPort: ENDPOINT_PORT })
}

/** What a host's Ingress leads to. */
export function backendOf(index: number): readonly KubernetesObject[] {
  return [manifests.service(index), slice(index, addressesOf(index))]
}

/** What is there before the first Ingress. */
export function surroundings(certificate: string, key: string): readonly KubernetesObject[] {
  const namespace = (name: string): KubernetesObject => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  return [
    ...[NAMESPACE, ELSEWHERE, 'ingress-nginx'].map(namespace),
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'IngressClass',
      metadata: { name: 'nginx' },
      spec: { controller: 'k8s.io/ingress-nginx' },
    },
    manifests.configMap(),
    manifests.secret(manifests.SHARED_SECRET, certificate, key),
  ]
}

/** Name of a host's EndpointSlice. */
export function sliceName(index: number): string {
  return `${appName(index)}-a1b2c`
}
