/** Where the backend named `one` listens, and `two`. */
export const backends = { one: '10.244.0.21', two: '10.244.0.22' } as const
export const BACKEND_PORT = 8080

export type BackendName = keyof typeof backends

export interface IngressOptions {
  readonly className?: string | undefined
  /** Secret of `spec.tls`. */
  readonly secret?: string
  readonly annotations?: Readonly<Record<string, string>>
  readonly path?: string
  readonly pathType?: string
}

/** One host with one path to port 80 of a Service. */
export function ingress(name: string, host: string, service: string, options: IngressOptions = {}): object {
  const { secret, annotations = {}, path = '/', pathType = 'Prefix' } = options
  const className = 'className' in options ? options.className : 'nginx'
  const paths = [{ path, pathType, backend: { service: { name: service, port: { number: 80 } } } }]
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name, annotations },
    spec: {
      ...(className === undefined ? {} : { ingressClassName: className }),
      rules: [{ host, http: { paths } }],
      ...(secret === undefined ? {} : { tls: [{ hosts: [host], secretName: secret }] }),
    },
  }
}

/** A Service and its EndpointSlice, which names the backend. */
export function service(name: string, backend: BackendName): readonly object[] {
  return [
    { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { ports: [{ port: 80 }] } },
    slice(name, backend),
  ]
}

export function slice(name: string, backend: BackendName): object {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `${name}-a`, labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    ports: [{ port: BACKEND_PORT }],
    endpoints: [{ addresses: [backends[backend]], conditions: { ready: true } }],
  }
}

export function secret(name: string, certificate: string, key: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/tls',
    metadata: { name },
    stringData: { 'tls.crt': certificate, 'tls.key': key },
  }
}

/** The main ConfigMap of the manifests, in the namespace `fairlead`. */
export function configMap(data: Readonly<Record<string, string>>): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'fairlead-controller' }, data }
}

export function ingressClass(name: string, controller: string): object {
  return { apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass', metadata: { name }, spec: { controller } }
}
