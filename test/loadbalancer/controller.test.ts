import { describe, expect, it, onTestFinished } from 'vitest'
import { readService } from '../../src/loadbalancer/read-service.js'
import { createFakeCluster, type FakeCluster } from './fake-cluster.js'
import { createManualClock, quiet, type ManualClock } from './manual-clock.js'
import { busy, createMemoryCloud, type MemoryCloud } from './memory-provider.js'
import { node, service } from './objects.js'
import { startController, type Stage } from './stage.js'

interface Scene {
  readonly cluster: FakeCluster
  readonly cloud: MemoryCloud
  readonly clock: ManualClock
}

function scene(): Scene {
  const made = { cluster: createFakeCluster(), cloud: createMemoryCloud(), clock: createManualClock() }
  made.cluster.put('nodes', node('n1'))
  return made
}

async function start(made: Scene, takeOver = false): Promise<Stage> {
  const stage = await startController({ ...made, takeOver })
  onTestFinished(() => stage.controller.stop())
  return stage
}

const metadata = (cluster: FakeCluster, key: string): Record<string, unknown> => {
  return cluster.service(key)?.['metadata'] as Record<string, unknown>
}
const status = (cluster: FakeCluster, key: string): unknown => {
  return readService(cluster.service(key))?.status
}

describe('section 1.3 of the contract: a Service that is made', () => {
  it('gets finalizer, then what the plan says, then labels and status; with events', async () => {
    const made = scene()
    made.cluster.put('services', service('front'))
    made.cloud.interfere = (step) => {
      if (step.kind === 'create')
        expect(metadata(made.cluster, 'shop/front')['finalizers']).toEqual(['example.com/memory'])
      expect(status(made.cluster, 'shop/front')).toEqual([])
      return undefined
    }
    const { events } = await start(made)
    expect(made.cloud.ledger).toEqual(['create shop/front', 'ports shop/front', 'nodes shop/front'])
    expect(status(made.cluster, 'shop/front')).toEqual([{ ip: '192.0.2.1', ipMode: 'VIP' }])
    expect(metadata(made.cluster, 'shop/front')['labels']).toEqual({ 'example.com/address': '192.0.2.1' })
    expect(made.cluster.writes).toEqual(['PATCH shop/front', 'PATCH shop/front', 'PATCH shop/front status'])
    expect(events).toEqual(['Normal EnsuringLoadBalancer shop/front', 'Normal EnsuredLoadBalancer shop/front'])
  })

  it('our own writes, seen by the watch, are no reason to look again', async () => {
    const made = scene()
    made.cluster.put('services', service('front'))
    await start(made)
    expect(made.cloud.reads).toBe(1)
  })

  it('nothing is created where the finalizer is refused', async () => {
    const made = scene()
    made.cluster.put('services', service('front'))
    made.cluster.interfere = () => ({ ok: false, status: 403, reason: 'Forbidden', message: 'no patch for you' })
    const { events, messages } = await start(made)
    expect(made.cloud.ledger).toEqual([])
    expect(events.at(-1)).toBe('Warning SyncLoadBalancerFailed shop/front')
    expect(messages.at(-1)).toContain('no patch for you')
    expect(made.clock.waiting()).toContain(300_000)
  })

  it('an hour without a change is an hour without a write', async () => {
    const made = scene()
    for (let index = 0; index < 20; index += 1) made.cluster.put('services', service(`s${index}`))
    await start(made)
    const [writes, steps, reads] = [made.cluster.writes.length, made.cloud.ledger.length, made.cloud.reads]
    await made.clock.pass(3_600_000)
    expect(made.cluster.writes).toHaveLength(writes)
    expect(made.cloud.ledger).toHaveLength(steps)
    expect(made.cloud.reads, 'every Service was looked at twelve times').toBe(reads + 12 * 20)
  })

  it('500 Services in order, at the start of another replica: each is read once, nothing is written', async () => {
    const made = scene()
    for (let index = 0; index < 500; index += 1) made.cluster.put('services', service(`s${index}`))
    const first = await start(made)
    expect(made.cloud.instances.size).toBe(500)
    await first.controller.stop()
    const [writes, steps, reads] = [made.cluster.writes.length, made.cloud.ledger.length, made.cloud.reads]
    const { events } = await start(made)
    expect(made.cluster.writes).toHaveLength(writes)
    expect(made.cloud.ledger).toHaveLength(steps)
    expect(made.cloud.reads).toBe(reads + 500)
    expect(events).toEqual([])
  })
})

describe('section 1.1: whose a Service is', () => {
  it.each([
    ['another class', service('front', { class: 'other.example.com/lb' })],
    ['another type', service('front', { type: 'NodePort' })],
    ["another controller's finalizer", service('front', { finalizers: ['other.example.com/finalizer'] })],
    [
      "the upstream controller's finalizer",
      service('front', { finalizers: ['service.kubernetes.io/load-balancer-cleanup'] }),
    ],
    ["another controller's label", service('front', { labels: { 'other.example.com/hash': 'x' } })],
    ['an address that we did not give', service('front', { status: [{ ip: '198.51.100.1' }] })],
  ])('%s: left alone', async (_fact, object) => {
    const made = scene()
    made.cluster.put('services', object)
    const { events } = await start(made)
    expect(made.cluster.writes).toEqual([])
    expect(made.cloud.ledger).toEqual([])
    expect(made.cloud.reads).toBe(0)
    expect(events).toEqual([])
  })

  it('--loadbalancer-take-over takes their marks off as it puts ours on', async () => {
    const made = scene()
    const fields = { finalizers: ['other.example.com/finalizer', 'keep/me'], labels: { 'other.example.com/hash': 'x' } }
    made.cluster.put('services', service('front', { ...fields, status: [{ ip: '198.51.100.1' }] }))
    await start(made, true)
    expect(metadata(made.cluster, 'shop/front')).toMatchObject({
      finalizers: ['keep/me', 'example.com/memory'],
      labels: { 'example.com/address': '192.0.2.1' },
    })
    expect(metadata(made.cluster, 'shop/front')['labels']).not.toHaveProperty(['other.example.com/hash'])
    expect(status(made.cluster, 'shop/front')).toEqual([{ ip: '192.0.2.1', ipMode: 'VIP' }])
  })

  it('with take-over another class stays with its own controller', async () => {
    const made = scene()
    made.cluster.put('services', service('front', { class: 'other.example.com/lb' }))
    await start(made, true)
    expect(made.cluster.writes).toEqual([])
  })
})

describe('section 1.3: what changes', () => {
  it('a port: only that', async () => {
    const made = scene()
    made.cluster.put('services', service('front'))
    const { events } = await start(made)
    events.length = 0
    made.cluster.put('services', { ...made.cluster.service('shop/front'), spec: spec({ ports: [80, 443] }) })
    await quiet()
    expect(made.cloud.ledger.slice(3)).toEqual(['ports shop/front'])
    expect(events).toEqual(['Normal EnsuringLoadBalancer shop/front', 'Normal EnsuredLoadBalancer shop/front'])
  })

  it('nodes: each Service once, with the event of upstream', async () => {
    const made = scene()
    made.cluster.put('services', service('a'))
    made.cluster.put('services', service('b'))
    const { events } = await start(made)
    events.length = 0
    made.cluster.put('nodes', node('n2'))
    await quiet()
    expect(made.cloud.ledger.slice(6).toSorted()).toEqual(['nodes shop/a', 'nodes shop/b'])
    expect(events.toSorted()).toEqual(['Normal UpdatedLoadBalancer shop/a', 'Normal UpdatedLoadBalancer shop/b'])
  })

  it('no node that can be used is said once', async () => {
    const made = scene()
    made.cluster.put('services', service('front'))
    const { events } = await start(made)
    made.cluster.put('nodes', node('n1', { ready: false }))
    await quiet()
    await made.clock.pass(1_000_000)
    expect(events.filter((event) => event.includes('UnAvailableLoadBalancer'))).toHaveLength(1)
  })

  it('what changed is told as upstream tells it', async () => {
    const made = scene()
    made.cluster.put('services', service('front'))
    const { events, messages } = await start(made)
    made.cluster.put('services', {
      ...made.cluster.service('shop/front'),
      spec: { ...spec({}), externalTrafficPolicy: 'Local', loadBalancerIP: '192.0.2.9' },
    })
    await quiet()
    expect(events).toContain('Normal ExternalTrafficPolicy shop/front')
    expect(messages).toContain('Cluster -> Local')
    expect(messages).toContain('none -> 192.0.2.9')
  })

  it('a bad annotation is said once, the Service goes on, and so do others', async () => {
    const made = scene()
    made.cluster.put('services', service('bad', { annotations: { 'example.com/bad': 'x' } }))
    made.cluster.put('services', service('good'))
    const { events, messages } = await start(made)
    await made.clock.pass(1_000_000)
    expect(events.filter((event) => event === 'Warning SyncLoadBalancerFailed shop/bad')).toHaveLength(1)
    expect(messages).toContain('metadata.annotations["example.com/bad"]: x is not allowed.')
    expect(status(made.cluster, 'shop/good')).toHaveLength(1)
  })

  it('a finalizer, label or status that somebody takes away comes back', async () => {
    const made = scene()
    made.cluster.put('services', service('front'))
    await start(made)
    made.cluster.put('services', service('front'))
    await quiet()
    expect(metadata(made.cluster, 'shop/front')).toMatchObject({
      finalizers: ['example.com/memory'],
      labels: { 'example.com/address': '192.0.2.1' },
    })
    expect(status(made.cluster, 'shop/front')).toHaveLength(1)
    expect(made.cloud.ledger).toHaveLength(3)
  })
})

describe('section 1.3: clean-up', () => {
  it('a deleted Service: first what exists, then the finalizer', async () => {
    const made = scene()
    made.cluster.put('services', service('front'))
    const { events } = await start(made)
    events.length = 0
    made.cloud.interfere = () => {
      expect(metadata(made.cluster, 'shop/front')['finalizers']).toEqual(['example.com/memory'])
      return undefined
    }
    made.cluster.remove('services', 'shop/front')
    await quiet()
    expect(made.cloud.instances.size).toBe(0)
    expect(made.cluster.service('shop/front')).toBeUndefined()
    expect(events).toEqual(['Normal DeletingLoadBalancer shop/front', 'Normal DeletedLoadBalancer shop/front'])
  })

  it('a type that changes: status emptied, labels and finalizer taken off, and all of it again when it returns', async () => {
    const made = scene()
    made.cluster.put('services', service('front'))
    await start(made)
    made.cluster.put('services', { ...made.cluster.service('shop/front'), spec: { ...spec({}), type: 'ClusterIP' } })
    await quiet()
    expect(made.cloud.instances.size).toBe(0)
    expect(status(made.cluster, 'shop/front')).toEqual([])
    expect(metadata(made.cluster, 'shop/front')).toMatchObject({ finalizers: [], labels: {} })
    made.cluster.put('services', { ...made.cluster.service('shop/front'), spec: spec({}) })
    await quiet()
    expect(made.cloud.instances.size).toBe(1)
    expect(status(made.cluster, 'shop/front')).toHaveLength(1)
  })

  it('UID: made anew under the same name, the old one goes first', async () => {
    const made = scene()
    made.cluster.put('services', service('front', { uid: 'one' }))
    await start(made)
    made.cluster.put('services', service('front', { uid: 'two' }))
    await quiet()
    expect(made.cloud.ledger.slice(3)).toEqual([
      'delete shop/front',
      'create shop/front',
      'ports shop/front',
      'nodes shop/front',
    ])
    expect([...made.cloud.instances.keys()]).toEqual(['two'])
  })

  it('a Service that vanished in spite of its finalizer is cleaned up all the same', async () => {
    const made = scene()
    made.cluster.put('services', service('front'))
    const { events } = await start(made)
    made.cloud.interfere = () => ({ kind: 'failed', failure: { kind: 'other', message: 'protected' } })
    made.cluster.destroy('shop/front')
    await quiet()
    expect(events.at(-1)).toBe('Warning DeleteLoadBalancerFailed shop/front')
    made.cloud.interfere = () => undefined
    await made.clock.pass(5_000)
    expect(made.cloud.instances.size).toBe(0)
  })
})

describe('section 1.3: failures', () => {
  it('5 s, 10 s, … 300 s for this Service, while others go on; from the beginning after a success', async () => {
    const made = scene()
    made.cluster.put('services', service('bad'))
    made.cluster.put('services', service('good'))
    made.cloud.interfere = (_, key) =>
      key === 'shop/bad' ? { kind: 'failed', failure: { kind: 'other', message: 'no stock' } } : undefined
    const { events } = await start(made)
    expect(status(made.cluster, 'shop/good')).toHaveLength(1)
    const expected = [5, 10, 20, 40, 80, 160, 300]
    const waits: number[] = []
    for (let round = 0; round < 7; round += 1) {
      const wait = made.clock.waiting().find((milliseconds) => expected[round] === milliseconds / 1000)
      waits.push((wait ?? 0) / 1000)
      const reads = made.cloud.reads
      await made.clock.pass(wait ?? 0)
      expect(made.cloud.reads).toBeGreaterThan(reads)
    }
    expect(waits).toEqual(expected)
    expect(events.filter((event) => event === 'Warning SyncLoadBalancerFailed shop/bad').length).toBeGreaterThan(7)
    made.cloud.interfere = () => undefined
    await made.clock.pass(300_000)
    expect(status(made.cluster, 'shop/bad')).toHaveLength(1)
  })

  it('nodes that change do not end the wait of what failed; the Service itself does', async () => {
    const made = scene()
    made.cluster.put('services', service('front'))
    made.cloud.interfere = () => ({ kind: 'failed', failure: { kind: 'other', message: 'no' } })
    await start(made)
    await made.clock.pass(5_000)
    expect(made.cloud.reads).toBe(2)
    for (const number of [2, 3, 4]) {
      made.cluster.put('nodes', node(`n${number}`))
      await quiet()
    }
    expect(made.cloud.reads, 'it waits for 10 s').toBe(2)
    made.cluster.put('services', service('other', { type: 'ClusterIP' }))
    made.cluster.remove('services', 'shop/other')
    await quiet()
    expect(made.cloud.reads).toBe(2)
    await made.clock.pass(10_000)
    expect(made.cloud.reads).toBe(3)
    made.cluster.put('services', { ...made.cluster.service('shop/front'), ...service('front', { ports: [81] }) })
    await quiet()
    expect(made.cloud.reads).toBe(4)
  })

  it.each(['other', 'busy'] as const)(
    'its own endpoints are looked at 15 s later, unless the cloud has no time: failure %s',
    async (kind) => {
      const made = scene()
      made.cluster.put('services', service('front'))
      made.cloud.interfere = () => ({ kind: 'failed', failure: { kind, message: 'no' } })
      await start(made)
      await made.clock.pass(35_000)
      expect(made.cloud.reads, 'it waits for 40 s').toBe(4)
      for (const address of ['10.1.0.1', '10.1.0.2']) {
        made.cluster.put('endpointslices', {
          metadata: { namespace: 'shop', name: 'front-1', labels: { 'kubernetes.io/service-name': 'front' } },
          addressType: 'IPv4',
          endpoints: [{ addresses: [address], conditions: { ready: true } }],
        })
        await quiet()
        await made.clock.pass(7_000)
      }
      expect(made.cloud.reads).toBe(4)
      await made.clock.pass(1_000)
      expect(made.cloud.reads).toBe(kind === 'busy' ? 4 : 5)
    },
  )

  it('a node that comes while the new try is at its end is not forgotten', async () => {
    const made = scene()
    made.cluster.put('services', service('front'))
    made.cloud.interfere = () => ({ kind: 'failed', failure: { kind: 'other', message: 'no' } })
    await start(made)
    made.cloud.interfere = () => undefined
    made.cluster.interfere = ({ path }) => {
      if (path.endsWith('/status')) made.cluster.put('nodes', node('n2'))
      return undefined
    }
    await made.clock.pass(5_000)
    expect(made.cloud.instances.get('uid-front')?.nodes).toEqual(['n1', 'n2'])
  })

  it('what is under way for minutes is told once, and looked at less often', async () => {
    const made = scene()
    made.cluster.put('services', service('front'))
    made.cloud.interfere = () => ({ kind: 'wait', milliseconds: 500, message: 'the cloud is at it' })
    const { events, messages } = await start(made)
    await made.clock.pass(179_000)
    expect(made.cloud.reads).toBe(1 + 2 * 179)
    expect(events.filter((one) => one.startsWith('Warning'))).toEqual([])
    await made.clock.pass(3_600_000)
    expect(made.cloud.reads).toBeLessThan(1 + 2 * 180 + 3_600 / 15 + 2)
    expect(events.filter((one) => one.startsWith('Warning'))).toEqual(['Warning SyncLoadBalancerFailed shop/front'])
    expect(messages.at(-1)).toBe('This takes long: the cloud is at it')
  })

  it('busy is no event before the third time', async () => {
    const made = scene()
    made.cluster.put('services', service('front'))
    made.cloud.interfere = () => ({ kind: 'failed', failure: busy('throttled') })
    const { events } = await start(made)
    await made.clock.pass(5_000)
    expect(events).not.toContain('Warning SyncLoadBalancerFailed shop/front')
    await made.clock.pass(10_000)
    expect(events).toContain('Warning SyncLoadBalancerFailed shop/front')
  })

  it('rights and money are slow; what the other side asks to wait is waited', async () => {
    const made = scene()
    made.cluster.put('services', service('poor'))
    made.cloud.interfere = () => ({ kind: 'failed', failure: { kind: 'slow', message: 'in arrears' } })
    await start(made)
    const reads = made.cloud.reads
    await made.clock.pass(299_000)
    expect(made.cloud.reads).toBe(reads)
    made.cloud.interfere = () => ({
      kind: 'failed',
      failure: { kind: 'busy', message: 'later', retryAfterMilliseconds: 700_000 },
    })
    await made.clock.pass(1_000)
    expect(made.clock.waiting()).toContain(700_000)
  })

  it('stale is observed at once again, three times', async () => {
    const made = scene()
    made.cluster.put('services', service('front'))
    let times = 0
    made.cloud.interfere = () =>
      ++times <= 2 ? { kind: 'failed', failure: { kind: 'stale', message: 'exists already' } } : undefined
    await start(made)
    expect(made.cloud.reads).toBe(3)
    expect(status(made.cluster, 'shop/front')).toHaveLength(1)
  })

  it('a step that needs time leaves its place to others, and is no failure', async () => {
    const made = scene()
    for (let index = 0; index < 30; index += 1) made.cluster.put('services', service(`s${index}`))
    let open = false
    made.cloud.interfere = (_, key) =>
      key === 'shop/s29' || open ? undefined : { kind: 'wait', milliseconds: 3_000, message: 'a job' }
    const { events } = await start(made)
    expect(status(made.cluster, 'shop/s29')).toHaveLength(1)
    open = true
    await made.clock.pass(3_000)
    expect(made.cloud.instances.size).toBe(30)
    expect(events.filter((event) => event.startsWith('Warning'))).toEqual([])
  })

  it('a call that took effect and was not answered is not made twice', async () => {
    const made = scene()
    made.cluster.put('services', service('front'))
    const seen = new Set<string>()
    made.cloud.interfere = ({ kind }) => {
      if (seen.has(kind)) return undefined
      seen.add(kind)
      return 'lost'
    }
    await start(made)
    await made.clock.pass(60_000)
    expect(made.cloud.ledger).toEqual(['create shop/front', 'ports shop/front', 'nodes shop/front'])
    expect(status(made.cluster, 'shop/front')).toHaveLength(1)
  })
})

describe('leader only', () => {
  it('who leads no more begins no step and no write; who leads again goes on', async () => {
    const made = scene()
    const stage = await start(made)
    made.cloud.interfere = (step) => {
      if (step.kind === 'create') stage.leads = false
      return undefined
    }
    made.cluster.put('services', service('front'))
    await quiet()
    expect(made.cloud.ledger).toEqual(['create shop/front'])
    expect(made.cluster.writes).toEqual(['PATCH shop/front'])
    stage.controller.yield()
    made.cloud.interfere = () => undefined
    made.cluster.put('services', service('next'))
    await made.clock.pass(1_000_000)
    expect(made.cloud.ledger).toHaveLength(1)
    stage.leads = true
    stage.controller.lead()
    await quiet()
    expect(made.cloud.instances.size).toBe(2)
    expect(status(made.cluster, 'shop/front')).toHaveLength(1)
  })
})

function spec(fields: Parameters<typeof service>[1]): object {
  return (service('x', fields) as { spec: object }).spec
}
