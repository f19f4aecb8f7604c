import { onTestFinished } from 'vitest'
import { createKubernetesClient } from '../../src/kubernetes/http-client.js'
import { type ClusterOptions, type ClusterSource, createClusterSource } from '../../src/sources/cluster/index.js'
import { type FakeApi, type FakeObject } from './fake-api.js'
import { plainAccess, startServer, type TestServer, until } from './server.js'
import { quick } from './mirror.js'

/** A cluster source on a fake API server. */
export interface Followed {
  readonly source: ClusterSource
  readonly server: TestServer
  readonly warnings: readonly string[]
  changes(): number
  /** Resolves when the fact holds of what is current. */
  become(fact: (state: ReturnType<ClusterSource['current']>) => boolean): Promise<void>
  stop(): Promise<void>
}

export async function createFollowed(api: FakeApi, changes: Partial<ClusterOptions> = {}): Promise<Followed> {
  const server = await startServer(api.handler)
  const client = createKubernetesClient(plainAccess(server.url), { headersMilliseconds: 2_000 })
  const warnings: string[] = []
  let count = 0
  const source = createClusterSource({
    client,
    watchNamespace: '',
    watchNamespaceSelector: '',
    secrets: 'auto',
    configMaps: [],
    flagServices: [],
    flagSecrets: [],
    log: (_, message) => warnings.push(message),
    times: quick,
    denialMilliseconds: 100,
    lookup: async () => ({ kind: 'none' }),
    ...changes,
    onChange: () => {
      count += 1
      changes.onChange?.()
    },
  })
  const stop = async (): Promise<void> => {
    await source.stop()
    await client.close()
  }
  onTestFinished(stop)
  return {
    source,
    server,
    warnings,
    changes: () => count,
    become: (fact) =>
      until(
        () => fact(source.current()),
        () => source.current().problems,
      ),
    stop,
  }
}

/** The same, started. */
export async function follow(api: FakeApi, changes: Partial<ClusterOptions> = {}): Promise<Followed> {
  const followed = await createFollowed(api, changes)
  const started = await followed.source.start()
  if (!started.ok) throw new Error(started.message)
  return followed
}

export interface IngressFields {
  readonly host?: string
  readonly secret?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
}

export function ingress(namespace: string, name: string, fields: IngressFields = {}): FakeObject {
  const { host = `${name}.example.com`, secret, labels, annotations } = fields
  return {
    metadata: {
      namespace,
      name,
      uid: `uid-${name}`,
      creationTimestamp: '2026-01-31T12:00:00Z',
      managedFields: [{ manager: 'kubectl' }],
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
    },
    spec: {
      ingressClassName: 'nginx',
      rules: [
        {
          host,
          http: {
            paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name, port: { number: 80 } } } }],
          },
        },
      ],
      ...(secret === undefined ? {} : { tls: [{ hosts: [host], secretName: secret }] }),
    },
  }
}

export function secret(namespace: string, name: string, text: string, type = 'kubernetes.io/tls'): FakeObject {
  const data = { 'tls.crt': Buffer.from(text).toString('base64') }
  return { metadata: { namespace, name, annotations: { a: 'b' } }, type, data }
}

export function service(namespace: string, name: string, spec: object = {}): FakeObject {
  return { metadata: { namespace, name }, spec: { ports: [{ port: 80, targetPort: 8080 }], ...spec } }
}

export function slice(namespace: string, name: string, addresses: readonly string[]): FakeObject {
  return {
    metadata: {
      namespace,
      name: `${name}-1`,
      labels: { 'kubernetes.io/service-name': name, 'endpointslice.kubernetes.io/managed-by': 'test' },
      annotations: { 'endpoints.kubernetes.io/last-change-trigger-time': String(addresses.length) },
    },
    addressType: 'IPv4',
    ports: [{ name: '', port: 8080, protocol: 'TCP' }],
    endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })),
  }
}

export function namespaceObject(name: string, labels: Readonly<Record<string, string>> = {}): FakeObject {
  return { metadata: { name, labels } }
}

export function ingressClass(name: string): FakeObject {
  return { metadata: { name }, spec: { controller: 'k8s.io/ingress-nginx' } }
}
