import type { Position } from '../problems/problem.js'

/** What Fairlead keeps of an object's metadata. Objects are frozen and keep their identity while unchanged. */
export interface ObjectMeta {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  /** Milliseconds since the epoch; undefined where the object does not say (a file in local mode). ORD-1. */
  readonly createdAt: number | undefined
  readonly annotations: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
  /** Where it was read, for messages; undefined when it came from an API server. */
  readonly source: Source | undefined
}

/** The file of an object, and how to find a field in it. */
export interface Source {
  readonly file: string
  /** Position of a field path such as `spec.rules[0].host`; that of the object where the field is not there. */
  locate(field: string): Position
}

export interface Ingress extends ObjectMeta {
  readonly kind: 'Ingress'
  readonly ingressClassName: string | undefined
  readonly defaultBackend: IngressBackend | undefined
  readonly tls: readonly IngressTls[]
  readonly rules: readonly IngressRule[]
  /** `status.loadBalancer.ingress`. Written by us and by others; no route depends on it. STA-4. */
  readonly published: readonly PublishedAddress[]
}

/** An address under which clients reach an Ingress or a Service. Empty where it does not say; ports are not kept. */
export interface PublishedAddress {
  readonly ip: string
  readonly hostname: string
}

export interface IngressTls {
  readonly hosts: readonly string[]
  readonly secretName: string
}

export interface IngressRule {
  /** Empty for a rule without host. */
  readonly host: string
  /** undefined when the rule has no `http` (HOST-5). */
  readonly paths: readonly IngressPath[] | undefined
}

export interface IngressPath {
  readonly path: string
  readonly pathType: 'Exact' | 'Prefix' | 'ImplementationSpecific'
  readonly backend: IngressBackend
}

export type IngressBackend =
  | { readonly kind: 'service'; readonly name: string; readonly port: PortReference }
  | { readonly kind: 'resource'; readonly name: string }
  | { readonly kind: 'none' }

/** A port as an Ingress names it: by number or by name. */
export type PortReference = number | string

export interface IngressClass extends ObjectMeta {
  readonly kind: 'IngressClass'
  readonly controller: string
}

export interface Service extends ObjectMeta {
  readonly kind: 'Service'
  readonly type: 'ClusterIP' | 'NodePort' | 'LoadBalancer' | 'ExternalName'
  readonly clusterIP: string
  readonly externalName: string
  readonly publishNotReadyAddresses: boolean
  /** `spec.trafficDistribution`; empty: none. SVC-9. */
  readonly trafficDistribution: string
  readonly ports: readonly ServicePort[]
}

export interface ServicePort {
  readonly name: string
  readonly port: number
  /** A number, or the name of a container port. */
  readonly targetPort: PortReference
  readonly protocol: string
}

export interface EndpointSlice extends ObjectMeta {
  readonly kind: 'EndpointSlice'
  /** The Service it belongs to: label `kubernetes.io/service-name`. */
  readonly service: string
  readonly ports: readonly { readonly name: string; readonly port: number; readonly protocol: string }[]
  readonly endpoints: readonly SliceEndpoint[]
}

export interface SliceEndpoint {
  readonly addresses: readonly string[]
  /** `conditions.ready`; unset counts as true (SVC-2). */
  readonly ready: boolean
  /** Names of `hints.forZones`; absent: it has no hints (SVC-9). */
  readonly zones?: readonly string[]
}

export interface Secret extends ObjectMeta {
  readonly kind: 'Secret'
  readonly type: string
  /** Decoded. */
  readonly data: Readonly<Record<string, Buffer>>
}

export interface ConfigMap extends ObjectMeta {
  readonly kind: 'ConfigMap'
  readonly data: Readonly<Record<string, string>>
}

export type KubernetesObject = Ingress | IngressClass | Service | EndpointSlice | Secret | ConfigMap
export type ObjectKind = KubernetesObject['kind']
