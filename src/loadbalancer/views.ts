/** What the load-balancer controller sees of a Service: everything of section "spec" that a provider may need. */
export interface ServiceView {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly annotations: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
  readonly finalizers: readonly string[]
  /** It has a deletion timestamp. */
  readonly deleting: boolean
  readonly type: 'ClusterIP' | 'NodePort' | 'LoadBalancer' | 'ExternalName'
  /** `spec.loadBalancerClass`; undefined: the default provider's. */
  readonly loadBalancerClass: string | undefined
  /** `spec.loadBalancerIP`; '' where there is none. */
  readonly loadBalancerIP: string
  /** `spec.loadBalancerSourceRanges`, else the annotation that came before it; empty: everybody. */
  readonly sourceRanges: readonly string[]
  readonly externalIPs: readonly string[]
  readonly externalTrafficPolicy: 'Cluster' | 'Local'
  /** 0 where there is none. */
  readonly healthCheckNodePort: number
  readonly allocateNodePorts: boolean
  readonly sessionAffinity: 'None' | 'ClientIP'
  /** `sessionAffinityConfig.clientIP.timeoutSeconds`. */
  readonly sessionAffinitySeconds: number
  readonly ipFamilies: readonly IpFamily[]
  readonly ipFamilyPolicy: 'SingleStack' | 'PreferDualStack' | 'RequireDualStack'
  readonly selector: Readonly<Record<string, string>>
  readonly ports: readonly ServicePortView[]
  /** `status.loadBalancer.ingress`, as it stands. */
  readonly status: readonly StatusAddress[]
}

export type IpFamily = 'IPv4' | 'IPv6'

export interface ServicePortView {
  /** '' for a single port without one. */
  readonly name: string
  readonly protocol: 'TCP' | 'UDP' | 'SCTP'
  readonly port: number
  readonly targetPort: number | string
  /** 0 where there is none. */
  readonly nodePort: number
  readonly appProtocol: string
}

/** One entry of `status.loadBalancer.ingress`. */
export type StatusAddress = { readonly ports?: readonly StatusPort[] } & (
  | { readonly ip: string; readonly ipMode: 'VIP' | 'Proxy' }
  | { readonly hostname: string }
)

export interface StatusPort {
  readonly port: number
  readonly protocol: string
  /** `domain/CamelCase`, at most 316 characters; absent: the port works. */
  readonly error?: string
}

export interface NodeView {
  readonly name: string
  readonly uid: string
  readonly labels: Readonly<Record<string, string>>
  /** Keys of the taints. */
  readonly taints: readonly string[]
  /** `spec.providerID`; '' where there is none. */
  readonly providerID: string
  readonly unschedulable: boolean
  readonly addresses: readonly { readonly type: string; readonly address: string }[]
  /** Condition Ready is True. */
  readonly ready: boolean
  readonly deleting: boolean
}

/** One endpoint of a Service, from its EndpointSlices. */
export interface EndpointView {
  /** The first address of the endpoint. */
  readonly address: string
  /** '' where it is not said. */
  readonly node: string
  /** The Pod behind it, if it is one. */
  readonly pod: PodView | undefined
  readonly ready: boolean
  readonly serving: boolean
  readonly terminating: boolean
  /** It is not ready only because of a readiness gate, and is to be registered all the same. */
  readonly gate?: 'waiting'
  /** Of its slice; the name is that of the Service's port. */
  readonly ports: readonly { readonly name: string; readonly protocol: string; readonly port: number }[]
}

export interface PodView {
  readonly namespace: string
  readonly name: string
  readonly uid: string
}

/** `namespace/name`. */
export function keyOf({ namespace, name }: Pick<ServiceView, 'namespace' | 'name'>): string {
  return `${namespace}/${name}`
}
