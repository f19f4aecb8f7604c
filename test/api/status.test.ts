import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { SortedMap } from '../../src/collections/sorted-map.js'
import type { ServedIngresses } from '../../src/controller/served.js'
import { readAddresses, readOtherPods } from '../../src/controller/status/read-source.js'
import type { StatusSource } from '../../src/controller/status/source.js'
import { createStatusWriter, type StatusWriter } from '../../src/controller/status/status-writer.js'
import type { Call, KubernetesClient } from '../../src/kubernetes/client.js'
import { systemClock } from '../../src/kubernetes/clock.js'
import type { Ingress } from '../../src/snapshot/objects.js'
import { parseObject } from '../../src/snapshot/parse.js'
import { until } from '../serve/program.js'
import { startCluster, type Cluster } from './cluster.js'
import { accountWith, connect, ingress } from './connect.js'

let cluster: Cluster

beforeAll(async () => {
  cluster = await startCluster({ kind: 'api' })
})

afterAll(async () => {
  await cluster?.end()
})

const LONG = 60_000
const fixed: StatusSource = { kind: 'fixed', addresses: [{ ip: '192.0.2.1', hostname: '' }] }

interface Stage {
  readonly writer: StatusWriter
  /** Calls of the writer, not those that read Ingresses. */
  readonly calls: Call[]
  /** What a pass does: reads the Ingresses of the namespace and hands them to the writer. */
  pass(): Promise<readonly Ingress[]>
}

function stage(client: KubernetesClient, namespace: string, source: StatusSource): Stage {
  const calls: Call[] = []
  const counted = {
    call: (call: Call) => {
      calls.push(call)
      return client.call(call)
    },
  }
  const writer = createStatusWriter({
    client: counted,
    leadership: { isLeader: () => true, remainingMilliseconds: () => 15_000 },
    readAddresses: () => readAddresses(client, source, undefined),
    readOtherPods: () => readOtherPods(client, undefined),
    intervalSeconds: 60,
    onShutdown: 'clear',
    log: () => undefined,
    clock: systemClock,
  })
  onTestFinished(() => writer.stop())
  writer.refresh()
  const admin = connect(cluster)
  return {
    writer,
    calls,
    async pass() {
      const path = `/apis/networking.k8s.io/v1/namespaces/${namespace}/ingresses`
      const answer = await admin.call({ method: 'GET', path })
      if (!answer.ok) throw new Error(answer.message)
      const { items } = answer.body as { items: object[] } // a list of Ingresses
      const list = items.flatMap((item) => {
        const { object } = parseObject({ apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', ...item }, undefined)
        return object?.kind === 'Ingress' ? [object] : []
      })
      writer.served(asServed(list))
      return list
    },
  }
}

/** As a pass hands them on. */
function asServed(list: readonly Ingress[]): ServedIngresses {
  return SortedMap.of(list.map((one) => [`${one.namespace}/${one.name}`, one]))
}

const isPublished = (list: readonly Ingress[]): boolean => list.every(({ published }) => published.length > 0)

describe('STA-1: status on a real API server', () => {
  it('1,000 new Ingresses are 1,000 writes, and kubectl shows the address', async () => {
    const namespace = await cluster.namespace()
    const client = connect(cluster)
    const { calls, pass } = stage(client, namespace, fixed)
    const path = `/apis/networking.k8s.io/v1/namespaces/${namespace}/ingresses`
    const names = Array.from({ length: 1000 }, (_, index) => `i${index}`)
    const queue = names.values()
    const making = Promise.all(
      Array.from({ length: 8 }, async () => {
        for (const name of queue) {
          const made = await client.call({ method: 'POST', path, body: ingress(name, namespace) })
          expect(made.ok).toBe(true)
        }
      }),
    )
    await until(async () => (await pass()).length === 1000, LONG)
    await making
    await until(async () => isPublished(await pass()), LONG)
    await pass()
    expect(calls).toHaveLength(1000)
    const shown = await cluster.kubectl('-n', namespace, 'get', 'ingress', 'i7', '--no-headers')
    expect(shown).toMatch(/^i7 +<none> +i7\.test +192\.0\.2\.1 +80 /)
  }, 240_000)

  it('with the rights of a role for ingress-nginx: update of ingresses/status only', async () => {
    const namespace = await cluster.namespace()
    const networking = { apiGroups: ['networking.k8s.io'] }
    const token = await accountWith(cluster, namespace, [
      { ...networking, resources: ['ingresses'], verbs: ['get', 'list', 'watch'] },
      { ...networking, resources: ['ingresses/status'], verbs: ['update'] },
    ])
    await cluster.apply([ingress('front', namespace)], namespace)
    const { calls, pass } = stage(connect(cluster, token), namespace, fixed)
    await until(async () => isPublished(await pass()), LONG)
    expect(calls.map(({ method }) => method)).toEqual(['PATCH', 'GET', 'PUT'])
  })

  it('an Ingress made again refuses what was meant for the one before', async () => {
    const namespace = await cluster.namespace()
    await cluster.apply([ingress('front', namespace)], namespace)
    const set = stage(connect(cluster), namespace, { kind: 'fixed', addresses: [] })
    const old = await set.pass()
    await cluster.kubectl('-n', namespace, 'delete', 'ingress', 'front')
    await cluster.apply([ingress('front', namespace)], namespace)
    const late = stage(connect(cluster), namespace, fixed)
    late.writer.served(asServed(old))
    await until(() => Promise.resolve(late.calls.length > 0), LONG)
    await late.writer.stop()
    expect(late.writer.counts()).toEqual({ written: 0, failed: 0 })
    expect(isPublished(await set.pass())).toBe(false)
  })

  it('STA-3: follows the Service of --publish-service', async () => {
    const namespace = await cluster.namespace()
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'lb' } }
    await cluster.apply([{ ...service, spec: { type: 'LoadBalancer', ports: [{ port: 80 }] } }], namespace)
    await cluster.apply([ingress('front', namespace)], namespace)
    const status = { status: { loadBalancer: { ingress: [{ hostname: 'lb.example.com' }, { ip: '192.0.2.7' }] } } }
    const set = stage(connect(cluster), namespace, { kind: 'service', namespace, name: 'lb' })
    await set.pass()
    const patch = ['--subresource=status', '--type=merge', '-p', JSON.stringify(status)]
    await cluster.kubectl('-n', namespace, 'patch', 'service', 'lb', ...patch)
    // Without an address the Service is asked again every five seconds.
    await until(async () => isPublished(await set.pass()), LONG)
    const value = [
      { ip: '192.0.2.7', hostname: '' },
      { ip: '', hostname: 'lb.example.com' },
    ]
    expect((await set.pass())[0]?.published).toEqual(value)

    // The right to list may be narrowed to the one Service.
    const rights = { apiGroups: [''], resources: ['services'], resourceNames: ['lb'], verbs: ['list'] }
    const narrow = connect(cluster, await accountWith(cluster, namespace, [rights]))
    await until(async () => {
      const read = await readAddresses(narrow, { kind: 'service', namespace, name: 'lb' }, undefined)
      return read.ok && JSON.stringify(read.value) === JSON.stringify(value)
    }, LONG)
  })

  it('STA-2: the nodes of Ready controller pods; STA-5: and the other pods', async () => {
    const namespace = await cluster.namespace()
    await cluster.token(namespace, 'controller')
    const labels = { app: namespace }
    const pod = (name: string, nodeName: string): object => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace, labels },
      spec: { nodeName, serviceAccountName: 'controller', containers: [{ name: 'c', image: 'none' }] },
    })
    const node = (name: string): object => ({ apiVersion: 'v1', kind: 'Node', metadata: { name } })
    const setStatus = (words: readonly string[], status: object): Promise<string> =>
      cluster.kubectl('patch', ...words, '--subresource=status', '--type=merge', '-p', JSON.stringify({ status }))
    await cluster.apply([node(`${namespace}-1`), node(`${namespace}-2`)])
    await setStatus(['node', `${namespace}-1`], { addresses: [{ type: 'InternalIP', address: '10.0.0.1' }] })
    await setStatus(['node', `${namespace}-2`], { addresses: [{ type: 'InternalIP', address: '10.0.0.2' }] })
    await cluster.apply([pod('a', `${namespace}-1`), pod('b', `${namespace}-2`)], namespace)
    const ready = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] }
    await setStatus(['-n', namespace, 'pod', 'a'], ready)
    const token = await accountWith(cluster, namespace, [
      { apiGroups: [''], resources: ['pods'], verbs: ['list'] },
      { apiGroups: [''], resources: ['nodes'], verbs: ['list'] },
    ])
    const client = connect(cluster, token)
    const own = { namespace, name: 'a' }
    await until(async () => (await readOtherPods(client, own)).ok, LONG)
    const read = (): ReturnType<typeof readAddresses> =>
      readAddresses(client, { kind: 'nodes', prefer: 'external' }, own)
    expect(await read()).toEqual({ ok: true, value: [{ ip: '10.0.0.1', hostname: '' }] })
    await setStatus(['-n', namespace, 'pod', 'b'], ready)
    expect(await read()).toMatchObject({ value: [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }] })
    expect(await readOtherPods(client, own)).toEqual({ ok: true, value: 1 })
  })
})
