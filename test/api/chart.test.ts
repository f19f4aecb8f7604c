import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chart, fileOf, helm, HELM_MILLISECONDS, helmPath, template, valueSets } from '../chart/helm.js'
import { readObjects } from '../chart/objects.js'
import { startCluster, type Cluster } from './cluster.js'
import { createApiClient, type ApiClient } from './requests.js'

/** Kinds of the Prometheus operator and of cert-manager, whose definitions are not in this cluster. */
const foreignKinds = ['ServiceMonitor', 'PrometheusRule', 'Certificate', 'Issuer']

const manifests = fileURLToPath(new URL('../../deploy/manifests/fairlead.yaml', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'fairlead-chart-'))

let cluster: Cluster
let api: ApiClient

beforeAll(async () => {
  helmPath()
  cluster = await startCluster({ kind: 'api' })
  api = createApiClient(cluster)
  for (const name of ['shop', 'edge', 'certificates', 'ingress-nginx'])
    await cluster.kubectl('create', 'namespace', name)
  await cluster.kubectl('apply', '-f', manifests)
}, HELM_MILLISECONDS)

afterAll(async () => {
  await api?.close()
  await cluster?.end()
  rmSync(folder, { recursive: true })
})

describe('a real API server takes', () => {
  it.each(valueSets)('every object of the values %s', async (set) => {
    const objects = readObjects((await template('--values', fileOf(set))).stdout)
    const known = objects.filter(({ kind }) => !foreignKinds.includes(kind))
    const file = listFile(set, known)
    const taken = await cluster.kubectl('apply', '--dry-run=server', '--validate=strict', '-f', file, '-o', 'name')
    expect(taken.trim().split('\n')).toHaveLength(known.length)
  })

  it('the manifests once more, and finds nothing changed', async () => {
    const lines = (await cluster.kubectl('apply', '-f', manifests)).trim().split('\n')
    expect(lines.filter((line) => !line.endsWith(' unchanged'))).toEqual([])
  })

  it("CHT-1: their pods in a namespace that enforces Kubernetes' strictest standard", async () => {
    const labels = await cluster.kubectl('get', 'namespace', 'fairlead', '-o', 'jsonpath={.metadata.labels}')
    expect(labels).toContain('"pod-security.kubernetes.io/enforce":"restricted"')
    for (const kind of ['deployment', 'job']) {
      const { items } = JSON.parse(await cluster.kubectl('-n', 'fairlead', 'get', kind, '-o', 'json')) as {
        readonly items: readonly { readonly spec: { readonly template: { readonly spec: object } } }[] // kubectl wrote it
      }
      expect(items).toHaveLength(1)
      for (const { spec } of items) {
        const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: kind, namespace: 'fairlead' }, ...spec.template }
        const file = listFile(kind, [{ ...pod, metadata: { name: kind, namespace: 'fairlead' } }])
        expect(await cluster.kubectl('apply', '--dry-run=server', '-f', file, '-o', 'name')).toBe(`pod/${kind}\n`)
      }
    }
  })
})

describe('CHT-2: with the roles of the manifests', () => {
  const own = { namespace: 'fairlead' }
  const group = { networking: 'networking.k8s.io', discovery: 'discovery.k8s.io', coordination: 'coordination.k8s.io' }

  it.each([
    ['watch Ingresses', { verb: 'watch', group: group.networking, resource: 'ingresses', namespace: 'shop' }],
    ['list IngressClasses', { verb: 'list', group: group.networking, resource: 'ingressclasses' }],
    ['watch EndpointSlices', { verb: 'watch', group: group.discovery, resource: 'endpointslices', namespace: 'shop' }],
    ['list Secrets', { verb: 'list', resource: 'secrets', namespace: 'shop' }],
    [
      'write status',
      { verb: 'patch', group: group.networking, resource: 'ingresses', subresource: 'status', namespace: 'shop' },
    ],
    [
      'read a ConfigMap that an annotation names',
      { verb: 'list', resource: 'configmaps', name: 'x', namespace: 'shop' },
    ],
    ['write events', { verb: 'create', resource: 'events', namespace: 'shop' }],
    ['read its ConfigMap', { verb: 'list', resource: 'configmaps', name: 'fairlead-controller', ...own }],
    ['make a Lease', { verb: 'create', group: group.coordination, resource: 'leases', ...own }],
    [
      'hold its Lease',
      { verb: 'update', group: group.coordination, resource: 'leases', name: 'fairlead-leader', ...own },
    ],
    ['list its pods', { verb: 'list', resource: 'pods', ...own }],
    ['read its Service', { verb: 'list', resource: 'services', name: 'fairlead-controller', ...own }],
  ])('the controller may %s', async (_, attributes) => {
    expect(await may(attributes)).toBe(true)
  })

  it.each([
    ['change Ingresses', { verb: 'patch', group: group.networking, resource: 'ingresses', namespace: 'shop' }],
    ['write Secrets', { verb: 'update', resource: 'secrets', namespace: 'shop' }],
    ['write ConfigMaps', { verb: 'update', resource: 'configmaps', ...own }],
    ['hold another Lease', { verb: 'update', group: group.coordination, resource: 'leases', name: 'other', ...own }],
    ['make a Lease elsewhere', { verb: 'create', group: group.coordination, resource: 'leases', namespace: 'shop' }],
    ['list pods of others', { verb: 'list', resource: 'pods', namespace: 'shop' }],
    ['list nodes', { verb: 'list', resource: 'nodes' }],
    ['list namespaces', { verb: 'list', resource: 'namespaces' }],
    [
      'delete its Lease',
      { verb: 'delete', group: group.coordination, resource: 'leases', name: 'fairlead-leader', ...own },
    ],
  ])('the controller may not %s', async (_, attributes) => {
    expect(await may(attributes)).toBe(false)
  })

  it('a list that asks for one name is allowed where a role names it, and only there', async () => {
    const metadata = { name: 'by-name', namespace: 'fairlead' }
    const rbac = { apiVersion: 'rbac.authorization.k8s.io/v1', metadata }
    const rules = [{ apiGroups: [''], resources: ['configmaps'], resourceNames: ['one'], verbs: ['list'] }]
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'by-name' }
    const subjects = [{ kind: 'ServiceAccount', ...metadata }]
    const objects = [
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
      { ...rbac, kind: 'Role', rules },
      { ...rbac, kind: 'RoleBinding', roleRef, subjects },
    ]
    const file = join(folder, 'by-name.json')
    writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }))
    await cluster.kubectl('apply', '-f', file)
    const asAccount = api.as(await cluster.token('fairlead', 'by-name'))
    const list = async (query: string): Promise<number> =>
      (await asAccount.get(`/api/v1/namespaces/fairlead/configmaps${query}`)).status
    expect(await list('?fieldSelector=metadata.name%3Done')).toBe(200)
    expect(await list('?fieldSelector=metadata.name%3Dother')).toBe(403)
    expect(await list('')).toBe(403)
  })

  async function may(resourceAttributes: object): Promise<boolean> {
    const spec = { user: 'system:serviceaccount:fairlead:fairlead', resourceAttributes }
    const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec }
    const file = join(folder, 'review.json')
    writeFileSync(file, JSON.stringify(review))
    return (await cluster.kubectl('create', '-f', file, '-o', 'jsonpath={.status.allowed}')) === 'true'
  }
})

describe('helm', () => {
  const at = ['--namespace', 'ingress-nginx']
  const kubeconfig = (): readonly string[] => ['--kubeconfig', cluster.kubeconfig]

  it('takes over a release of ingress-nginx in place, goes back, and ends it without a trace', async () => {
    await run('install', 'ingress-nginx', writeForerunner(), ...at)
    const before = await stateOf()
    const values = ['--set', 'nameOverride=ingress-nginx,controller.ingressClassResource.enabled=false']
    await run('upgrade', 'ingress-nginx', chart, ...at, ...values)
    const after = await stateOf()
    expect(after).toEqual({ ...before, image: 'fairlead:0.1.0' })
    const next = ['--set', 'controller.image.tag=0.2.0,controller.replicaCount=2']
    await run('upgrade', 'ingress-nginx', chart, ...at, ...values, ...next)
    expect(await stateOf()).toEqual({ ...before, image: 'fairlead:0.2.0' })
    await run('rollback', 'ingress-nginx', ...at)
    expect(await stateOf()).toEqual(after)
    await run('rollback', 'ingress-nginx', '1', ...at)
    expect(await stateOf()).toEqual(before)
    await run('upgrade', 'ingress-nginx', chart, ...at, ...values)
    await run('uninstall', 'ingress-nginx', ...at)
    const everything = 'deployment,service,configmap,job,role,rolebinding,serviceaccount,poddisruptionbudget'
    expect(await cluster.kubectl(...at, 'get', everything, '-l', 'app.kubernetes.io/instance', '-o', 'name')).toBe('')
  })

  async function run(...words: readonly string[]): Promise<void> {
    const { ok, stderr } = await helm(...words, ...kubeconfig())
    expect(stderr).not.toContain('Error')
    expect(ok).toBe(true)
  }

  /** What must live through a take-over: the Service with its address, and the Deployment. */
  async function stateOf(): Promise<Readonly<Record<string, string>>> {
    const get = (kind: string, path: string): Promise<string> =>
      cluster.kubectl(...at, 'get', kind, 'ingress-nginx-controller', '-o', `jsonpath={${path}}`)
    return {
      address: await get('service', '.spec.clusterIP'),
      service: await get('service', '.metadata.uid'),
      deployment: await get('deployment', '.metadata.uid'),
      image: await get('deployment', '.spec.template.spec.containers[0].image'),
    }
  }
})

/** A chart that leaves what a release of ingress-nginx is known by: names, labels, and fields that cannot be changed. */
function writeForerunner(): string {
  const path = join(folder, 'forerunner')
  const labels = {
    'app.kubernetes.io/name': 'ingress-nginx',
    'app.kubernetes.io/instance': 'ingress-nginx',
    'app.kubernetes.io/component': 'controller',
  }
  const metadata = { name: 'ingress-nginx-controller', namespace: 'ingress-nginx', labels }
  const port = (name: string, number: number) => ({ name, port: number, targetPort: name, appProtocol: name })
  const service = {
    type: 'LoadBalancer',
    ipFamilyPolicy: 'SingleStack',
    ipFamilies: ['IPv4'],
    ports: [port('http', 80), port('https', 443)],
    selector: labels,
  }
  const container = { name: 'controller', image: 'ingress-nginx/controller:v1', args: ['/nginx-ingress-controller'] }
  const deployment = {
    replicas: 1,
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [container] } },
  }
  mkdirSync(join(path, 'templates'), { recursive: true })
  writeFileSync(join(path, 'Chart.yaml'), 'apiVersion: v2\nname: ingress-nginx\nversion: 4.0.0\n')
  const objects = [
    { apiVersion: 'v1', kind: 'Service', metadata, spec: service },
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: deployment },
  ]
  for (const object of objects)
    writeFileSync(join(path, 'templates', `${object.kind}.yaml`), `${JSON.stringify(object)}\n`)
  return path
}

function listFile(name: string, items: readonly object[]): string {
  const file = join(folder, `${name}.json`)
  writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
  return file
}
