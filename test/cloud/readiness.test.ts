import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Call, KubernetesClient } from '../../src/kubernetes/client.js'
import { systemClock } from '../../src/kubernetes/clock.js'
import { createAlibabaProvider } from '../../src/loadbalancer/alibaba/provider.js'
import { createLoadBalancerController } from '../../src/loadbalancer/controller.js'
import { planAll } from '../../src/loadbalancer/survey.js'
import { createFakeCluster, type FakeCluster } from '../loadbalancer/fake-cluster.js'
import { node, service } from '../loadbalancer/objects.js'
import { createStage, facts, type Stage } from './stage.js'
import { type Double, startDouble } from './start.js'

let double: Double
let stage: Stage
let cluster: FakeCluster

beforeAll(async () => {
  double = await startDouble()
})
afterAll(() => double.stop())
beforeEach(async () => {
  await double.reset()
  await double.delay({ job: 100, active: 20 })
  stage = createStage(double)
  cluster = createFakeCluster()
  cluster.put('nodes', { ...node('n1'), spec: { providerID: 'cn-hangzhou.i-1' } })
})
afterEach(() => stage.close())

const GATE = 'service.readiness.alibabacloud.com/front'
const nlb = {
  class: 'alibabacloud.com/nlb',
  annotations: { 'service.beta.kubernetes.io/alibaba-cloud-loadbalancer-zone-maps': 'a:v-1,b:v-2' },
}

function aProvider(backends: 'ecs' | 'eni') {
  return createAlibabaProvider({ cloud: stage.cloud, facts: { ...facts, backends }, now: () => performance.now() })
}

interface Seen {
  readonly events: readonly string[]
  /** Addresses that the cloud had as servers when the gate of a pod was opened. */
  readonly opened: readonly (readonly string[])[]
}

async function withController(backends: 'ecs' | 'eni', act: (seen: Seen) => Promise<void>): Promise<void> {
  const events: string[] = []
  const opened: (readonly string[])[] = []
  const client: KubernetesClient = {
    ...cluster.client,
    async call(call: Call) {
      if (call.method === 'PATCH' && call.path.endsWith('/pods/new/status')) opened.push(await servers())
      return cluster.client.call(call)
    },
  }
  const controller = createLoadBalancerController({
    provider: aProvider(backends),
    client,
    clock: systemClock,
    leadership: { isLeader: () => true },
    takeOver: false,
    log: () => undefined,
    tell: ({ reason, message }) => events.push(`${reason}: ${message}`),
  })
  controller.lead()
  try {
    await act({ events, opened })
  } finally {
    await controller.stop()
  }
}

/** Addresses of all servers that there are. */
async function servers(): Promise<readonly string[]> {
  const { clb, nlb: network } = await double.state()
  const groups = [...clb.flatMap(({ groups }) => groups), ...network.flatMap(({ serverGroups }) => serverGroups)]
  return groups.flatMap((group) => group.servers.map(({ ServerIp }) => String(ServerIp))).toSorted()
}

async function until(what: string, isSo: () => Promise<boolean> | boolean): Promise<void> {
  for (const deadline = Date.now() + 45_000; Date.now() < deadline; ) {
    if (await isSo()) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error(`${what}: it did not come to that`)
}

function pod(name: string, containers: 'True' | 'False', gates: readonly string[] = [GATE]): object {
  return {
    metadata: { namespace: 'shop', name, uid: `uid-${name}` },
    spec: { readinessGates: gates.map((conditionType) => ({ conditionType })) },
    status: { conditions: [{ type: 'ContainersReady', status: containers }] },
  }
}

function slice(...pods: readonly (readonly [name: string, address: string, ready: boolean])[]): object {
  return {
    metadata: { namespace: 'shop', name: 'front-1', labels: { 'kubernetes.io/service-name': 'front' } },
    addressType: 'IPv4',
    ports: [{ name: 'p80', protocol: 'TCP', port: 8080 }],
    endpoints: pods.map(([name, address, ready]) => ({
      addresses: [address],
      conditions: { ready, serving: ready, terminating: false },
      targetRef: { kind: 'Pod', namespace: 'shop', name, uid: `uid-${name}` },
    })),
  }
}

function conditionsOf(name: string): unknown {
  return (cluster.pod(`shop/${name}`)?.['status'] as { conditions?: unknown } | undefined)?.conditions
}

describe('readiness gates of pods (loadbalancer.md section 2.4)', () => {
  test.each([
    ['CLB', {}],
    ['NLB, after the job', nlb],
  ])('%s: a pod becomes a server once its containers are ready, and after that its gate opens', async (_, fields) => {
    cluster.put('services', service('front', fields))
    cluster.put('pods', pod('new', 'False'))
    cluster.put('endpointslices', slice(['old', '10.1.0.1', true], ['new', '10.1.0.2', false]))
    await withController('eni', async ({ events, opened }) => {
      await until('ensured', () => events.some((one) => one.startsWith('EnsuredLoadBalancer')))
      expect(await servers()).toEqual(['10.1.0.1'])
      // No endpoint changes by that: the pod is as unready as before.
      cluster.put('pods', pod('new', 'True'))
      await until('the gate', () => JSON.stringify(conditionsOf('new')).includes(GATE))
      expect(opened[0]).toEqual(['10.1.0.1', '10.1.0.2'])
      expect(conditionsOf('new')).toMatchObject([
        { type: 'ContainersReady', status: 'True' },
        { type: GATE, status: 'True', reason: 'ServerRegistered' },
      ])
      // Before the kubelet has seen it the pod is still not ready, and stays a server.
      const parts = { client: cluster.client, clock: systemClock, log: () => undefined }
      const plan = await planAll({
        provider: aProvider('eni'),
        ...parts,
        takeOver: false,
        patienceMilliseconds: 30_000,
      })
      expect(plan).toMatchObject({ ok: true, value: [{ steps: [], problems: [] }] })
      cluster.put('endpointslices', slice(['new', '10.1.0.2', true]))
      await until('the old one is gone', async () => (await servers()).join() === '10.1.0.2')
      expect(opened).toHaveLength(1)
      expect(cluster.reads.filter((one) => one === 'GET shop/old')).toEqual([])
    })
  })

  test('a pod without the gate is asked for once, and with nodes as backends none is', async () => {
    cluster.put('services', service('front'))
    cluster.put('pods', pod('new', 'True', ['service.readiness.alibabacloud.com/other']))
    for (const backends of ['ecs', 'eni'] as const) {
      cluster.put('endpointslices', slice(['new', '10.1.0.2', false]))
      await withController(backends, async ({ events }) => {
        await until('ensured', () => events.some((one) => /^(Ensured|Updated)LoadBalancer/.test(one)))
        cluster.put('endpointslices', slice(['new', '10.1.0.2', false], ['old', '10.1.0.1', true]))
        if (backends === 'eni') await until('a server', async () => (await servers()).join() === '10.1.0.1')
      })
      expect(cluster.reads).toEqual(backends === 'ecs' ? [] : ['GET shop/new'])
    }
    expect(cluster.writes.filter((one) => one.includes('/new'))).toEqual([])
  })

  test('without the right to patch pods: an event says so, and everything else goes its way', async () => {
    cluster.put('services', service('front'))
    cluster.put('pods', pod('new', 'True'))
    cluster.put('endpointslices', slice(['new', '10.1.0.2', false]))
    const message = 'pods "new" is forbidden'
    cluster.interfere = ({ method, path }) =>
      method === 'PATCH' && path.includes('/pods/')
        ? { ok: false, status: 403, reason: 'Forbidden', message }
        : undefined
    await withController('eni', async ({ events }) => {
      await until('the event', () =>
        events.some((one) => one.startsWith('FailedUpdateReadinessGate') && one.includes(message)),
      )
      expect(await servers()).toEqual(['10.1.0.2'])
      expect(JSON.stringify(cluster.service('shop/front')?.['status'])).toContain('203.0.')
    })
  })
})
