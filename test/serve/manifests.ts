import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const namespace = 'test'

export function ingress(name: string, host: string, backend: string, secretName?: string): object {
  const rule = {
    host,
    http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: backend, port: { number: 80 } } } }] },
  }
  const tls = secretName === undefined ? {} : { tls: [{ hosts: [host], secretName }] }
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name, namespace },
    spec: { ingressClassName: 'nginx', rules: [rule], ...tls },
  }
}

/** The same with annotations, written without their prefix. */
export function annotated(
  name: string,
  host: string,
  backend: string,
  annotations: Readonly<Record<string, string>>,
): object {
  const prefixed = Object.entries(annotations).map(([key, value]) => [`nginx.ingress.kubernetes.io/${key}`, value])
  return { ...ingress(name, host, backend), metadata: { name, namespace, annotations: Object.fromEntries(prefixed) } }
}

export function service(name: string): object {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec: { ports: [{ port: 80 }] } }
}

export function slice(name: string, ports: readonly number[]): object {
  const metadata = { name: `${name}-a`, namespace, labels: { 'kubernetes.io/service-name': name } }
  const endpoints = ports.length === 0 ? [] : [{ addresses: ['127.0.0.1'], conditions: { ready: true } }]
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    addressType: 'IPv4',
    metadata,
    ports: ports.map((port) => ({ port })),
    endpoints,
  }
}

export function secret(name: string, certificate: string, key: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/tls',
    metadata: { name, namespace },
    stringData: { 'tls.crt': certificate, 'tls.key': key },
  }
}

/** The main ConfigMap, which `--configmap` names by default. */
export function mainConfigMap(data: Readonly<Record<string, string>>): object {
  const metadata = { name: 'ingress-nginx-controller', namespace: 'ingress-nginx' }
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data }
}

/** Saves by rename, as editors and deployment tools do. */
export function writeObjects(folder: string, name: string, items: readonly object[]): void {
  const file = join(folder, `${name}.json`)
  writeFileSync(`${file}.new`, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
  renameSync(`${file}.new`, file)
}
