import { appName, endpointAddresses, hostName, NAMESPACE } from './hosts.js'
import { printYaml } from './yaml.js'

export type KubernetesObject = Readonly<Record<string, unknown>>

/** How the Ingresses of a table are made. */
export interface TableChoices {
  /** Port of all endpoints. */
  readonly backendPort: number
  /** Annotations of every Ingress. */
  readonly annotations?: Readonly<Record<string, string>> | undefined
  /** Name of the Secret with the certificate, by default the one that all share. */
  readonly secretName?: string
  /** PEM of who issued the certificate of the clients. */
  readonly clientAuthority?: string
  /** Path of every Ingress, by default `/`. */
  readonly path?: string | undefined
}

export const SHARED_SECRET = 'bench-tls'

/** The three objects of a host: Ingress, Service, EndpointSlice. */
export function objectsOfHost(index: number, choices: TableChoices): readonly KubernetesObject[] {
  return [ingress(index, index, choices), service(index), endpointSlice(index, index, choices)]
}

/** The Ingress of a host, which leads to the Service of any host. */
export function ingress(index: number, to: number, choices: TableChoices): KubernetesObject {
  const host = hostName(index)
  const backend = { service: { name: appName(to), port: { number: 80 } } }
  const { annotations, secretName = SHARED_SECRET, path = '/' } = choices
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { ...metadata(appName(index)), ...(annotations === undefined ? {} : { annotations }) },
    spec: {
      ingressClassName: 'nginx',
      tls: [{ hosts: [host], secretName }],
      rules: [
        { host, http: { paths: [{ path, pathType: path === '/' ? 'Prefix' : 'ImplementationSpecific', backend }] } },
      ],
    },
  }
}

/** The EndpointSlice of a host's Service, with the addresses of any host. */
export function endpointSlice(index: number, at: number, { backendPort }: TableChoices): KubernetesObject {
  const name = appName(index)
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { ...metadata(`${name}-a1b2c`), labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: backendPort, protocol: 'TCP' }],
    endpoints: endpointAddresses(at).map((address) => ({ addresses: [address], conditions: { ready: true } })),
  }
}

export function service(index: number): KubernetesObject {
  const name = appName(index)
  const ports = [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 8080 }]
  return { apiVersion: 'v1', kind: 'Service', metadata: metadata(name), spec: { ports, selector: { app: name } } }
}

export function secret(name: string, certificate: string, key: string): KubernetesObject {
  const stringData = { 'tls.crt': certificate, 'tls.key': key }
  return { apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/tls', metadata: metadata(name), stringData }
}

/** A Secret of the file of htpasswd. */
export function users(name: string, auth: string): KubernetesObject {
  return { apiVersion: 'v1', kind: 'Secret', metadata: metadata(name), stringData: { auth } }
}

/** A Secret with whom certificates of clients are verified by. */
export function authority(name: string, certificate: string): KubernetesObject {
  return { apiVersion: 'v1', kind: 'Secret', metadata: metadata(name), stringData: { 'ca.crt': certificate } }
}

/** The main ConfigMap: one worker, as plain NGINX has, and no redirects, so that one table serves HTTP and HTTPS. */
export function configMap(data: Readonly<Record<string, string>> = {}): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'ingress-nginx-controller', namespace: 'ingress-nginx' },
    data: { 'worker-processes': '1', 'ssl-redirect': 'false', ...data },
  }
}

export type FileFormat = 'yaml' | 'json'

/** Several objects as the text of one file. */
export function printObjects(objects: readonly KubernetesObject[], format: FileFormat): string {
  if (format === 'json') return JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }, null, 2)
  return objects.map(printYaml).join('---\n')
}

function metadata(name: string): KubernetesObject {
  return { name, namespace: NAMESPACE, creationTimestamp: '2026-01-01T00:00:00Z' }
}
