import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { Access } from '../../src/kubernetes/access.js'
import type { KubernetesClient } from '../../src/kubernetes/client.js'
import { fixedCredentials, noCredential } from '../../src/kubernetes/credentials.js'
import { findAccess } from '../../src/kubernetes/find-access.js'
import { createKubernetesClient } from '../../src/kubernetes/http-client.js'
import {
  type ClusterOptions,
  type ClusterSource,
  type ClusterState,
  createClusterSource,
} from '../../src/sources/cluster/index.js'
import { until } from '../serve/program.js'
import { startCluster, type Cluster } from './cluster.js'

let cluster: Cluster
const DEADLINE = 60_000

beforeAll(async () => {
  cluster = await startCluster({ kind: 'api' })
})

afterAll(async () => {
  await cluster?.end()
})

describe('the cluster source on a real API server', () => {
  it('reads what is there with streaming lists, follows it, and reads Secrets by need', async () => {
    const namespace = await cluster.namespace()
    await cluster.apply([ingressClass, ingress('front'), service('front'), slice('front'), secret('front')], namespace)
    await cluster.apply([secret('password')], namespace)
    const lists: string[] = []
    const source = await follow(accessOfKubeconfig(), { watchNamespace: namespace, secrets: 'all' }, lists)
    expect(lists).toEqual([])
    const { snapshot, problems, complete } = source.current()
    expect(problems).toEqual([])
    expect(complete).toBe(true)
    expect([...snapshot.ingresses.keys()]).toEqual([`${namespace}/front`])
    expect([...snapshot.services.keys()]).toEqual([`${namespace}/front`])
    expect(snapshot.endpointSlices.get(`${namespace}/front`)?.[0]?.endpoints).toHaveLength(1)
    expect([...snapshot.secrets.keys()]).toEqual([`${namespace}/front`])
    expect(snapshot.ingressClasses.has('nginx')).toBe(true)
    await cluster.apply([ingress('cart'), secret('cart')], namespace)
    await become(source, (state) => state.snapshot.secrets.has(`${namespace}/cart`))
    await cluster.kubectl('-n', namespace, 'delete', 'ingress', 'front')
    await become(source, ({ snapshot: { ingresses, secrets } }) => ingresses.size === 1 && secrets.size === 1)
    expect([...source.states().values()].every(({ kind }) => kind === 'watching')).toBe(true)
  })

  it('goes on after 410 (ctl expire), a killed API server and a killed etcd, and deletes nothing meanwhile', async () => {
    const namespace = await cluster.namespace()
    await cluster.apply([ingress('lasting'), service('lasting'), secret('lasting')], namespace)
    const gaps: string[] = []
    const source: ClusterSource = await follow(accessOfKubeconfig(), {
      watchNamespace: namespace,
      onChange() {
        const { ingresses, services, secrets } = source.current().snapshot
        const key = `${namespace}/lasting`
        if (!ingresses.has(key) || !services.has(key) || !secrets.has(key)) gaps.push('a gap')
      },
    })
    const has = (name: string) => become(source, ({ snapshot }) => snapshot.ingresses.has(`${namespace}/${name}`))
    await cluster.control('expire')
    await cluster.apply([ingress('after-expire')], namespace)
    await has('after-expire')
    await cluster.control('kill', 'kube-apiserver')
    await become(source, ({ problems }) => problems.some(({ code }) => code === 'source/unreachable'))
    await cluster.control('start', 'kube-apiserver')
    await cluster.apply([ingress('after-kill')], namespace)
    await has('after-kill')
    await cluster.control('kill', 'etcd')
    await cluster.control('start', 'etcd')
    await cluster.apply([ingress('after-etcd')], namespace)
    await has('after-etcd')
    await become(source, ({ problems }) => problems.length === 0)
    expect(gaps).toEqual([])
  })

  it('says which rule is missing; the printed rule is what helps, also one that names Secrets', async () => {
    const namespace = await cluster.namespace()
    await cluster.apply([ingress('front'), secret('front'), secret('password')], namespace)
    const token = await cluster.token(namespace, 'fairlead')
    const source = await follow(accessOfToken(token), { watchNamespace: namespace })
    expect(source.current().complete).toBe(false)
    expect(source.current().snapshot.ingressClassesReadable).toBe(false)
    expect(
      source
        .current()
        .problems.map(({ code, about }) => `${code} ${about.kind}`)
        .sort(),
    ).toEqual([
      'source/classes-unreadable IngressClass',
      'source/permission-missing EndpointSlice',
      'source/permission-missing Ingress',
      'source/permission-missing Service',
    ])
    await grantWhatIsAsked(namespace, source)
    // Now the Ingress is known, and with it the Secret that it names.
    await become(source, ({ complete, problems }) => complete && problems.some(({ about }) => about.kind === 'Secret'))
    expect(rulesOf(source.current()).join()).toContain('resourceNames: ["front"]')
    await grantWhatIsAsked(namespace, source)
    await become(source, ({ snapshot }) => snapshot.secrets.has(`${namespace}/front`))
    expect(source.current().problems.map(({ code }) => code)).toEqual(['source/classes-unreadable'])
  })

  it('SEL-5: a namespace is labelled and counts at once', async () => {
    const namespace = await cluster.namespace()
    await cluster.apply([ingress('front')], namespace)
    const source = await follow(accessOfKubeconfig(), { watchNamespaceSelector: `only=${namespace}` })
    expect(source.current().snapshot.ingresses.size).toBe(0)
    await cluster.kubectl('label', 'namespace', namespace, `only=${namespace}`)
    await become(source, ({ snapshot }) => snapshot.ingresses.size === 1)
    await cluster.kubectl('label', 'namespace', namespace, 'only-')
    await become(source, ({ snapshot }) => snapshot.ingresses.size === 0)
  })
})

describe('the cluster source on an API server without streaming lists', () => {
  it('lists in pages and watches', async () => {
    const old = await startCluster({ kind: 'api', serverFlags: ['--feature-gates=WatchList=false'] })
    onTestFinished(() => old.end())
    await old.apply([ingressClass, ingress('front'), service('front'), secret('front')])
    const lists: string[] = []
    const source = await follow(accessOfKubeconfig(old), { secrets: 'all' }, lists)
    expect(lists.sort()).toEqual(['endpointslices', 'ingressclasses', 'ingresses', 'secrets', 'services'])
    expect([...source.current().snapshot.ingresses.keys()]).toEqual(['default/front'])
    expect([...source.current().snapshot.secrets.keys()]).toEqual(['default/front'])
    await old.apply([ingress('cart')])
    await become(source, ({ snapshot }) => snapshot.ingresses.size === 2)
  })
})

function accessOfKubeconfig(of: Cluster = cluster): Access {
  const flags = { kubeconfig: of.kubeconfig, apiserverHost: '', certificateAuthority: '' }
  const found = findAccess(flags, { environment: {} })
  if (!found.ok) throw new Error(found.message)
  return found.access
}

function accessOfToken(token: string): Access {
  const authority = readFileSync(cluster.caFile, 'utf8')
  return {
    server: new URL(cluster.url),
    trust: { authority: () => authority, serverName: undefined, insecure: false },
    credentials: fixedCredentials({ ...noCredential, authorization: `Bearer ${token}` }),
    namespace: 'default',
  }
}

/** `lists` hears of every list in pages; a streaming list is a watch. */
async function follow(access: Access, changes: Partial<ClusterOptions>, lists: string[] = []): Promise<ClusterSource> {
  const real = createKubernetesClient(access)
  const client: KubernetesClient = {
    ...real,
    call(call) {
      if (call.query?.['limit'] !== undefined) lists.push(call.path.slice(call.path.lastIndexOf('/') + 1))
      return real.call(call)
    },
  }
  const source = createClusterSource({
    client,
    watchNamespace: '',
    watchNamespaceSelector: '',
    secrets: 'auto',
    configMaps: [],
    flagServices: [],
    flagSecrets: [],
    log: () => undefined,
    onChange: () => undefined,
    lookup: async () => ({ kind: 'none' }),
    ...changes,
  })
  onTestFinished(async () => {
    await source.stop()
    await client.close()
  })
  const started = await source.start()
  if (!started.ok) throw new Error(started.message)
  return source
}

async function become(source: ClusterSource, fact: (state: ClusterState) => boolean): Promise<void> {
  await until(() => Promise.resolve(fact(source.current())), DEADLINE).catch((failure: unknown) => {
    throw new Error(`${String(failure)}: ${JSON.stringify(source.current().problems)}`)
  })
}

/** The rules that the problems print. */
function rulesOf({ problems }: ClusterState): readonly string[] {
  return problems
    .filter(({ code }) => code === 'source/permission-missing')
    .map(({ message }) => message.slice(message.indexOf('- {')))
}

async function grantWhatIsAsked(namespace: string, source: ClusterSource): Promise<void> {
  const name = `asked-${Math.random().toString(36).slice(2)}`
  const yaml = rulesOf(source.current()).map((rule) => `  ${rule}\n`)
  const rules: unknown = parse(`rules:\n${yaml.join('')}`)
  const api = 'rbac.authorization.k8s.io'
  await cluster.apply(
    [
      { apiVersion: `${api}/v1`, kind: 'Role', metadata: { name }, ...(rules as object) }, // of the text above
      {
        apiVersion: `${api}/v1`,
        kind: 'RoleBinding',
        metadata: { name },
        roleRef: { apiGroup: api, kind: 'Role', name },
        subjects: [{ kind: 'ServiceAccount', name: 'fairlead', namespace }],
      },
    ],
    namespace,
  )
}

const ingressClass = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'IngressClass',
  metadata: { name: 'nginx' },
  spec: { controller: 'k8s.io/ingress-nginx' },
}

function ingress(name: string): object {
  const backend = { service: { name, port: { number: 80 } } }
  const host = `${name}.example.com`
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name },
    spec: {
      rules: [{ host, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }],
      tls: [{ hosts: [host], secretName: name }],
    },
  }
}

function service(name: string): object {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { ports: [{ port: 80 }] } }
}

function slice(name: string): object {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `${name}-1`, labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    ports: [{ name: '', port: 8080, protocol: 'TCP' }],
    endpoints: [{ addresses: ['10.244.0.21'], conditions: { ready: true } }],
  }
}

function secret(name: string): object {
  const data = { 'tls.crt': 'YQ==', 'tls.key': 'YQ==' }
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name }, type: 'kubernetes.io/tls', data }
}
