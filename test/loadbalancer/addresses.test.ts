import { describe, expect, it, onTestFinished } from 'vitest'
import { createAddressesProvider } from '../../src/loadbalancer/addresses/provider.js'
import { readService } from '../../src/loadbalancer/read-service.js'
import { createFakeCluster, type FakeCluster } from './fake-cluster.js'
import { createManualClock, quiet, type ManualClock } from './manual-clock.js'
import { node, service } from './objects.js'
import { startController, type Stage } from './stage.js'

interface Scene {
  readonly cluster: FakeCluster
  readonly clock: ManualClock
}

function scene(pools: string): Scene {
  const made = { cluster: createFakeCluster(), clock: createManualClock() }
  made.cluster.put('nodes', node('n1'))
  configure(made, pools)
  return made
}

function configure({ cluster }: Scene, pools: string): void {
  cluster.put('configmaps', { metadata: { namespace: 'kube', name: 'pools', uid: 'c' }, data: { 'pools.yaml': pools } })
}

async function start({ cluster, clock }: Scene): Promise<Stage> {
  const parts = { client: cluster.client, configMap: 'kube/pools', clock, log: () => undefined }
  const stage = await startController({ cluster, clock, cloud: createAddressesProvider(parts) })
  onTestFinished(() => stage.controller.stop())
  return stage
}

function ips(cluster: FakeCluster, name: string): readonly string[] {
  return (
    readService(cluster.service(`shop/${name}`))?.status.flatMap((entry) => ('ip' in entry ? [entry.ip] : [])) ?? []
  )
}

const three = '{mode: layer2, pools: [{name: a, addresses: [192.0.2.1-192.0.2.3]}]}'
const two = '{mode: layer2, pools: [{name: a, addresses: [192.0.2.1-192.0.2.2]}]}'

describe('addresses from pools', () => {
  it('each Service has one of its own, with mode VIP and the label of the announcer; also after a restart', async () => {
    const made = scene(three)
    for (const name of ['a', 'b', 'c']) made.cluster.put('services', service(name))
    const first = await start(made)
    const before = ['a', 'b', 'c'].map((name) => ips(made.cluster, name))
    expect(before.flat().toSorted()).toEqual(['192.0.2.1', '192.0.2.2', '192.0.2.3'])
    const one = readService(made.cluster.service('shop/a'))
    expect(one).toMatchObject({ labels: { 'fairlead/announce': 'layer2' }, finalizers: ['fairlead/addresses'] })
    expect(one?.status).toMatchObject([{ ipMode: 'VIP' }])
    await first.controller.stop()
    const writes = made.cluster.writes.length
    await start(made)
    expect(['a', 'b', 'c'].map((name) => ips(made.cluster, name))).toEqual(before)
    expect(made.cluster.writes).toHaveLength(writes)
  })

  it('a new Service never gets what another has in its status, though nobody has looked at that one yet', async () => {
    const made = scene(three)
    const status = [{ ip: '192.0.2.1', ipMode: 'VIP' }]
    made.cluster.put('services', service('a'))
    made.cluster.put('services', service('z', { status, finalizers: ['fairlead/addresses'] }))
    await start(made)
    expect(ips(made.cluster, 'z')).toEqual(['192.0.2.1'])
    expect(ips(made.cluster, 'a')).toEqual(['192.0.2.2'])
  })

  it('nor what one has that carries our finalizer, and marks of another controller', async () => {
    const made = scene(three)
    const status = [{ ip: '192.0.2.1', ipMode: 'VIP' }]
    const finalizers = ['fairlead/addresses', 'service.kubernetes.io/load-balancer-cleanup']
    made.cluster.put('services', service('a'))
    made.cluster.put('services', service('z', { status, finalizers }))
    await start(made)
    expect(ips(made.cluster, 'z')).toEqual(['192.0.2.1'])
    expect(ips(made.cluster, 'a')).toEqual(['192.0.2.2'])
  })

  it('who finds none is told why, and gets the next that is given back at once', async () => {
    const made = scene(two)
    for (const name of ['a', 'b']) made.cluster.put('services', service(name))
    const { events, messages } = await start(made)
    made.cluster.put('services', service('late'))
    await quiet()
    expect(ips(made.cluster, 'late')).toEqual([])
    expect(events).toContain('Warning AllocationFailed shop/late')
    expect(messages.some((message) => message.includes('no free IPv4 address'))).toBe(true)
    const [address = ''] = ips(made.cluster, 'a')
    made.cluster.remove('services', 'shop/a')
    await quiet()
    expect(ips(made.cluster, 'late')).toEqual([address])
  })

  it('pools that change: addresses that are in none any more are others; a ConfigMap that is wrong changes nothing', async () => {
    const made = scene(three)
    made.cluster.put('services', service('a'))
    const { events } = await start(made)
    configure(made, '{mode: layer2, pools: [{name: a, addresses: [nonsense]}]}')
    await quiet()
    expect(ips(made.cluster, 'a')).toEqual(['192.0.2.1'])
    expect(events).toContain('Warning AllocationFailed shop/a')
    configure(made, '{mode: layer2, pools: [{name: a, addresses: [198.51.100.0/30]}]}')
    await quiet()
    expect(ips(made.cluster, 'a')).toEqual(['198.51.100.0'])
  })

  it('what is asked for and cannot be had is said, with what may be asked for', async () => {
    const made = scene(three)
    const annotations = { 'fairlead/loadbalancer-addresses': '192.0.2.1, nonsense' }
    made.cluster.put('services', service('a', { annotations }))
    const { messages } = await start(made)
    expect(ips(made.cluster, 'a')).toEqual([])
    const told = messages.find((message) =>
      message.startsWith('metadata.annotations["fairlead/loadbalancer-addresses"]'),
    )
    expect(told).toContain('"nonsense" is no IP address')
    made.cluster.put('services', { ...made.cluster.service('shop/a'), ...edited(made, { annotations: {} }) })
    await quiet()
    expect(ips(made.cluster, 'a')).toEqual(['192.0.2.1'])
  })
})

describe('mode nodes', () => {
  const nodeAt = (name: string, address: string, ready = true): object => ({
    ...node(name, { ready }),
    spec: {},
    status: {
      addresses: [{ type: 'InternalIP', address }],
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
    },
  })

  it('lists the addresses of the nodes that are ready, and follows them', async () => {
    const made = scene('mode: nodes')
    made.cluster.put('nodes', nodeAt('n1', '10.0.0.1'))
    made.cluster.put('nodes', nodeAt('n2', '10.0.0.2'))
    made.cluster.put('services', service('a'))
    await start(made)
    expect(ips(made.cluster, 'a')).toEqual(['10.0.0.1', '10.0.0.2'])
    made.cluster.put('nodes', nodeAt('n1', '10.0.0.1', false))
    await quiet()
    expect(ips(made.cluster, 'a')).toEqual(['10.0.0.2'])
    expect(readService(made.cluster.service('shop/a'))?.labels).toEqual({})
  })

  it('with policy Local only those with a ready endpoint', async () => {
    const made = scene('mode: nodes')
    made.cluster.put('nodes', nodeAt('n1', '10.0.0.1'))
    made.cluster.put('nodes', nodeAt('n2', '10.0.0.2'))
    made.cluster.put('services', service('a', { spec: { externalTrafficPolicy: 'Local' } }))
    await start(made)
    expect(ips(made.cluster, 'a')).toEqual([])
    made.cluster.put('endpointslices', {
      metadata: { namespace: 'shop', name: 'a-1', labels: { 'kubernetes.io/service-name': 'a' } },
      addressType: 'IPv4',
      endpoints: [{ addresses: ['10.1.0.1'], nodeName: 'n2', conditions: { ready: true } }],
      ports: [{ name: 'p80', port: 80 }],
    })
    await quiet()
    expect(ips(made.cluster, 'a')).toEqual(['10.0.0.2'])
  })

  it('a port belongs to one Service, and some to the nodes', async () => {
    const made = scene('mode: nodes')
    made.cluster.put('nodes', nodeAt('n1', '10.0.0.1'))
    made.cluster.put('services', service('a', { ports: [80] }))
    const { messages } = await start(made)
    made.cluster.put('services', service('b', { ports: [443, 80] }))
    made.cluster.put('services', service('c', { ports: [22] }))
    made.cluster.put('services', service('d', { ports: [8080] }))
    await quiet()
    expect(['a', 'b', 'c', 'd'].map((name) => ips(made.cluster, name))).toEqual([['10.0.0.1'], [], [], ['10.0.0.1']])
    expect(messages).toContain(
      'spec.ports: The port 80/TCP of the nodes is used by the Service shop/a; this one gets no address.',
    )
    expect(messages.some((message) => message.includes('The port 22 belongs to the nodes themselves'))).toBe(true)
  })
})

function edited({ cluster }: Scene, fields: object): object {
  return { metadata: { ...(cluster.service('shop/a')?.['metadata'] as object), ...fields } }
}
