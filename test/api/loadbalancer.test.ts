import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createEventWriter } from '../../src/controller/events/event-writer.js'
import type { Call, KubernetesClient } from '../../src/kubernetes/client.js'
import { systemClock } from '../../src/kubernetes/clock.js'
import { createAddressesProvider } from '../../src/loadbalancer/addresses/provider.js'
import { createLoadBalancerController, type LoadBalancerController } from '../../src/loadbalancer/controller.js'
import type { PlannedStep, Provider } from '../../src/loadbalancer/provider.js'
import { createReadinessGates } from '../../src/loadbalancer/readiness-gates.js'
import { readService } from '../../src/loadbalancer/read-service.js'
import type { ServiceView } from '../../src/loadbalancer/views.js'
import { createMemoryCloud, type MemoryCloud } from '../loadbalancer/memory-provider.js'
import { until } from '../serve/program.js'
import { startCluster, type Cluster } from './cluster.js'
import { accountWith, connect } from './connect.js'

let cluster: Cluster

beforeAll(async () => {
  cluster = await startCluster({ kind: 'api' })
  await cluster.apply([node('n1'), node('n2')])
})

afterAll(async () => {
  await cluster?.end()
})

const LONG = 90_000

/** What docs/loadbalancer.md and the chart give to the controller. */
const rights = [
  { apiGroups: [''], resources: ['services', 'nodes', 'configmaps'], verbs: ['list', 'watch'] },
  { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
  { apiGroups: [''], resources: ['services', 'services/status'], verbs: ['patch'] },
  { apiGroups: [''], resources: ['events'], verbs: ['create', 'patch'] },
]

interface Stage {
  readonly controller: LoadBalancerController
  /** Changing calls about Services, as `PATCH /api/…`. */
  readonly writes: string[]
  leads: boolean
}

/** A controller with no more rights than it needs. */
async function start<Existing, Step extends PlannedStep>(
  namespace: string,
  makeProvider: (client: KubernetesClient) => Provider<Existing, Step>,
  takeOver = false,
): Promise<Stage> {
  const client = connect(cluster, await accountWith(cluster, namespace, rights))
  const writes: string[] = []
  const counted: KubernetesClient = {
    ...client,
    call: (call: Call) => {
      if (call.method !== 'GET') writes.push(`${call.method} ${call.path}`)
      return client.call(call)
    },
  }
  const events = createEventWriter({
    client,
    leadership: { isLeader: () => true },
    instance: 'fairlead-1',
    log: () => undefined,
    clock: systemClock,
  })
  const stage: Stage = {
    writes,
    leads: true,
    controller: createLoadBalancerController({
      provider: makeProvider(counted),
      client: counted,
      leadership: { isLeader: () => stage.leads },
      takeOver,
      tell({ service: { name, uid, ...where }, ...event }) {
        const about = { apiVersion: 'v1', kind: 'Service', namespace: where.namespace, name, uid }
        events.offer([{ about, ...event, repeat: 'count', from: 'leader' }])
      },
      log: () => undefined,
      clock: systemClock,
    }),
  }
  onTestFinished(async () => {
    await stage.controller.stop()
    await events.stop()
  })
  stage.controller.lead()
  await until(() => Promise.resolve(stage.controller.counts().synced), LONG)
  return stage
}

/** A cloud for the Services of this namespace: nobody else's test is touched. */
function cloudOf(namespace: string): MemoryCloud {
  return createMemoryCloud({ serves: (name) => name === `${namespace}/lb`, finalizer: `${namespace}/cleanup` })
}

async function read(namespace: string, name: string): Promise<ServiceView | undefined> {
  const text = await cluster.kubectl('-n', namespace, 'get', 'service', name, '-o', 'json', '--ignore-not-found')
  return text === '' ? undefined : readService(JSON.parse(text))
}

async function untilRead(
  namespace: string,
  name: string,
  fact: (service: ServiceView | undefined) => boolean,
): Promise<ServiceView | undefined> {
  let seen: ServiceView | undefined
  await until(async () => fact((seen = await read(namespace, name))), LONG)
  return seen
}

function service(namespace: string, name: string, fields: object = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: { type: 'LoadBalancer', loadBalancerClass: `${namespace}/lb`, ports: [{ port: 80 }], ...fields },
  }
}

function node(name: string): object {
  return { apiVersion: 'v1', kind: 'Node', metadata: { name }, spec: { providerID: `test://${name}` } }
}

async function makeReady(...names: readonly string[]): Promise<void> {
  for (const name of names) {
    const status = {
      addresses: [{ type: 'InternalIP', address: `10.0.0.${name.slice(1)}` }],
      conditions: [{ type: 'Ready', status: 'True', reason: 'Test', message: '' }],
    }
    await cluster.kubectl('patch', 'node', name, '--subresource=status', '-p', JSON.stringify({ status }))
  }
}

const has = (service: ServiceView | undefined): boolean => (service?.status.length ?? 0) > 0

describe('section 1 of the contract on a real API server', () => {
  it('finalizer, labels, status and events, with the rights of the documentation', async () => {
    await makeReady('n1', 'n2')
    const namespace = await cluster.namespace()
    const cloud = cloudOf(namespace)
    await start(namespace, () => cloud)
    await cluster.apply([service(namespace, 'front')], namespace)
    const made = await untilRead(namespace, 'front', has)
    expect(made).toMatchObject({
      finalizers: [`${namespace}/cleanup`],
      labels: { 'example.com/address': '192.0.2.1' },
      status: [{ ip: '192.0.2.1', ipMode: 'VIP' }],
    })
    expect([...cloud.instances.values()]).toMatchObject([{ ports: [80], nodes: ['n1', 'n2'] }])
    await until(
      async () =>
        (await cluster.kubectl('-n', namespace, 'describe', 'service', 'front')).includes('Ensured load balancer'),
      LONG,
    )
  })

  it('a deleted Service goes when its load balancer has gone; with policy Local and a health-check port, too', async () => {
    const namespace = await cluster.namespace()
    const cloud = cloudOf(namespace)
    await start(namespace, () => cloud)
    await cluster.apply([service(namespace, 'front', { externalTrafficPolicy: 'Local' })], namespace)
    expect((await untilRead(namespace, 'front', has))?.healthCheckNodePort).toBeGreaterThan(0)
    await cluster.kubectl('-n', namespace, 'delete', 'service', 'front', '--timeout=90s')
    expect(cloud.instances.size).toBe(0)
  })

  it('a Service that is a load balancer no more: status, labels and finalizer are off', async () => {
    const namespace = await cluster.namespace()
    const cloud = cloudOf(namespace)
    await start(namespace, () => cloud)
    await cluster.apply([service(namespace, 'front')], namespace)
    await untilRead(namespace, 'front', has)
    const patch = JSON.stringify({ spec: { type: 'ClusterIP', loadBalancerClass: null } })
    await cluster.kubectl('-n', namespace, 'patch', 'service', 'front', '-p', patch)
    const left = await untilRead(namespace, 'front', (one) => one?.finalizers.length === 0)
    expect(left).toMatchObject({ labels: {}, status: [] })
    expect(cloud.instances.size).toBe(0)
  })

  it('made anew under the same name: the old one is gone, the new one has its own', async () => {
    const namespace = await cluster.namespace()
    const cloud = cloudOf(namespace)
    const stage = await start(namespace, () => cloud)
    await cluster.apply([service(namespace, 'front')], namespace)
    const before = await untilRead(namespace, 'front', has)
    // Nobody looks while it goes and comes, as in a list after a lost watch.
    stage.leads = false
    const off = JSON.stringify({ metadata: { finalizers: null } })
    await cluster.kubectl('-n', namespace, 'patch', 'service', 'front', '--type=merge', '-p', off)
    await cluster.kubectl('-n', namespace, 'delete', 'service', 'front', '--timeout=60s')
    stage.leads = true
    await cluster.apply([service(namespace, 'front')], namespace)
    const after = await untilRead(namespace, 'front', has)
    expect(after?.uid).not.toBe(before?.uid)
    await until(() => Promise.resolve([...cloud.instances.keys()].join() === after?.uid), LONG)
  })

  it("the API server refuses another class; a Service with another's finalizer is left alone, until it is taken over", async () => {
    const namespace = await cluster.namespace()
    const cloud = cloudOf(namespace)
    const foreign = {
      ...service(namespace, 'theirs'),
      metadata: { name: 'theirs', namespace, finalizers: ['other.example.com/finalizer'] },
    }
    await cluster.apply([foreign], namespace)
    const first = await start(namespace, () => cloud)
    await cluster.apply([service(namespace, 'ours')], namespace)
    await untilRead(namespace, 'ours', has)
    const other = JSON.stringify({ spec: { loadBalancerClass: 'example.com/other' } })
    await expect(cluster.kubectl('-n', namespace, 'patch', 'service', 'ours', '-p', other)).rejects.toThrow(
      /may not change/,
    )
    expect(await read(namespace, 'theirs')).toMatchObject({ finalizers: ['other.example.com/finalizer'], status: [] })
    expect(first.writes.filter((write) => write.includes('/theirs'))).toEqual([])
    await first.controller.stop()
    await start(namespace, () => cloud, true)
    expect(await untilRead(namespace, 'theirs', has)).toMatchObject({ finalizers: [`${namespace}/cleanup`] })
  })

  it('200 Services in order: a replica that begins to lead reads, and writes nothing', async () => {
    const namespace = await cluster.namespace()
    const cloud = cloudOf(namespace)
    const names = Array.from({ length: 200 }, (_, index) => `s${index}`)
    await cluster.apply(
      names.map((name) => service(namespace, name, { allocateLoadBalancerNodePorts: false })),
      namespace,
    )
    const first = await start(namespace, () => cloud)
    const inOrder = async (): Promise<boolean> => {
      const list = JSON.parse(await cluster.kubectl('-n', namespace, 'get', 'services', '-o', 'json')) as {
        items: object[]
      }
      return list.items.every((item) => has(readService(item)))
    }
    await until(inOrder, LONG)
    await until(() => Promise.resolve(first.controller.counts().waiting === 0), LONG)
    await first.controller.stop()
    const reads = cloud.reads
    const second = await start(namespace, () => cloud)
    await until(() => Promise.resolve(cloud.reads >= reads + 200 && second.controller.counts().waiting === 0), LONG)
    expect(second.writes).toEqual([])
    expect(cloud.instances.size).toBe(200)
  })
})

describe('readiness gates on a real API server (section 2.4)', () => {
  it('are opened beside what the kubelet writes, with get on pods and patch on pods/status', async () => {
    const namespace = await cluster.namespace()
    const gate = 'service.readiness.alibabacloud.com/front'
    const token = await accountWith(cluster, namespace, [
      { apiGroups: [''], resources: ['pods'], verbs: ['get'] },
      { apiGroups: [''], resources: ['pods/status'], verbs: ['patch'] },
    ])
    const spec = { serviceAccountName: 'controller', containers: [{ name: 'c', image: 'none' }] }
    const pod = (name: string, readinessGates: readonly object[]): object => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace },
      spec: { ...spec, readinessGates },
    })
    await cluster.apply([pod('with', [{ conditionType: gate }]), pod('without', [])], namespace)
    const status = { conditions: [{ type: 'ContainersReady', status: 'True' }] }
    const uids = new Map<string, string>()
    for (const name of ['with', 'without']) {
      await cluster.kubectl(
        '-n',
        namespace,
        'patch',
        'pod',
        name,
        '--subresource=status',
        '-p',
        JSON.stringify({ status }),
      )
      uids.set(name, await cluster.kubectl('-n', namespace, 'get', 'pod', name, '-o', 'jsonpath={.metadata.uid}'))
    }
    const ofPod = (name: string, uid = uids.get(name) ?? '') => ({
      address: '10.1.0.1',
      node: '',
      pod: { namespace, name, uid },
      ready: false,
      serving: false,
      terminating: false,
      ports: [],
    })
    const front = readService({ metadata: { name: 'front', namespace, uid: 'u' }, spec: { type: 'LoadBalancer' } })
    if (front === undefined) throw new Error('it cannot be read')
    const client = connect(cluster, token)
    const gates = createReadinessGates({ client, clock: systemClock, changed: () => undefined })
    onTestFinished(() => gates.stop())
    const endpoints = [ofPod('with'), ofPod('without'), ofPod('gone', 'u'), ofPod('with', 'of one before')]
    // The account may be known a little later than it was made.
    await until(async () => (await gates.read(front, gate, endpoints)).size > 0, LONG)
    expect(await gates.read(front, gate, endpoints)).toEqual(new Set([uids.get('with')]))
    const pods = [ofPod('with').pod, ofPod('with', 'of one before').pod, ofPod('gone', 'u').pod]
    expect(await gates.open(front, gate, pods)).toEqual([])
    const shown = 'jsonpath={range .status.conditions[*]}{.type}={.status} {end}'
    const said = await cluster.kubectl('-n', namespace, 'get', 'pod', 'with', '-o', shown)
    expect(said.trim().split(' ').toSorted()).toEqual(['ContainersReady=True', `${gate}=True`])
  })
})

describe('addresses on a real API server', () => {
  it('pools of a ConfigMap; the plan is shown before, and changes nothing', async () => {
    const namespace = await cluster.namespace()
    const pools = 'mode: external\npools: [{name: a, addresses: [192.0.2.10-192.0.2.11, "2001:db8::10/127"]}]'
    const config = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'pools', namespace },
      data: { 'pools.yaml': pools },
    }
    const ours = { loadBalancerClass: 'fairlead/addresses' }
    await cluster.apply(
      [config, service(namespace, 'a', ours), service(namespace, 'b', { ...ours, loadBalancerIP: '192.0.2.10' })],
      namespace,
    )
    const words = ['loadbalancer', 'plan', '--kubeconfig', cluster.kubeconfig, '--loadbalancer', 'addresses']
    const said = await fairlead(...words, '--loadbalancer-addresses-configmap', `${namespace}/pools`)
    expect(said).toContain(`${namespace}/b\n  assign 192.0.2.10\n  put the finalizer fairlead/addresses on\n`)
    expect(await read(namespace, 'b')).toMatchObject({ finalizers: [], status: [] })

    await start(namespace, (client) =>
      createAddressesProvider({
        client,
        configMap: `${namespace}/pools`,

        clock: systemClock,
        log: () => undefined,
      }),
    )
    const [a, b] = [
      await untilRead(namespace, 'a', has),
      await untilRead(namespace, 'b', (one) => has(one) || one?.status.length === 0),
    ]
    const given = [...(a?.status ?? []), ...(b?.status ?? [])].map((entry) => ('ip' in entry ? entry.ip : ''))
    expect(new Set(given).size).toBe(given.length)
    // Whoever came first has it: b asked for what a may have got.
    expect(given).toContain('192.0.2.10')
    const again = await fairlead(
      'loadbalancer',
      'orphans',
      ...words.slice(2),
      '--loadbalancer-addresses-configmap',
      `${namespace}/pools`,
    )
    expect(again).toBe('Nothing is left over.\n')
  })
})

function fairlead(...words: readonly string[]): Promise<string> {
  const program = fileURLToPath(new URL('../../bin/fairlead', import.meta.url))
  return new Promise((resolve, reject) => {
    execFile(program, words, (failure, stdout, stderr) => {
      if (failure === null) resolve(stdout)
      else reject(new Error(stderr || failure.message))
    })
  })
}
