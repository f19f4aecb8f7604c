import { describe, expect, it } from 'vitest'
import { createFakeCluster, type FakeCluster } from './fake-cluster.js'
import { createManualClock, quiet } from './manual-clock.js'
import { createMemoryCloud, type MemoryCloud } from './memory-provider.js'
import { node, service } from './objects.js'
import { startController, type Stage } from './stage.js'

interface Scene {
  readonly cluster: FakeCluster
  readonly cloud: MemoryCloud
  readonly clock: ReturnType<typeof createManualClock>
}

/** What a user does, and what has to come of it. `before`: what stands when it is done. */
const stories: readonly {
  readonly name: string
  readonly before: readonly object[]
  readonly change: (cluster: FakeCluster) => void
}[] = [
  { name: 'a Service is made', before: [], change: (cluster) => cluster.put('services', service('front')) },
  {
    name: 'it gets a port',
    before: [service('front')],
    change: (cluster) => edit(cluster, { ports: [80, 443] }),
  },
  { name: 'nodes come', before: [service('front')], change: (cluster) => cluster.put('nodes', node('n2')) },
  {
    name: 'it is deleted',
    before: [service('front')],
    change: (cluster) => cluster.remove('services', 'shop/front'),
  },
  {
    name: 'it is a load balancer no more',
    before: [service('front')],
    change: (cluster) => edit(cluster, { type: 'ClusterIP' }),
  },
  {
    name: 'it is deleted and made anew',
    before: [service('front', { uid: 'one' })],
    change(cluster) {
      cluster.remove('services', 'shop/front')
      // The new one cannot be made before the finalizer of the old one has gone.
      anew.set(cluster, service('front', { uid: 'two' }))
    },
  },
]

const anew = new WeakMap<FakeCluster, object>()

/**
 * Section 1.3: the controller may be killed between any two calls, and just after a call took effect. Whatever the moment,
 * the next one makes the same of it, makes nothing twice, and leaves nothing.
 */
describe('killed between any two calls', () => {
  for (const { name, before, change } of stories) {
    it(name, async () => {
      const whole = await play(before, change, Number.POSITIVE_INFINITY)
      expect(whole.calls).toBeGreaterThan(0)
      for (let call = 0; call <= whole.calls; call += 1) {
        const killed = await play(before, change, call)
        expect(killed.end, `killed after call ${call}`).toEqual(whole.end)
        expect(killed.ledger, `killed after call ${call}`).toEqual(whole.ledger)
      }
    })
  }
})

/** Plays a story with a controller that is killed after so many changing calls, and one that comes after it. */
async function play(
  before: readonly object[],
  change: (cluster: FakeCluster) => void,
  most: number,
): Promise<{ readonly end: unknown; readonly ledger: readonly string[]; readonly calls: number }> {
  const scene: Scene = { cluster: createFakeCluster(), cloud: createMemoryCloud(), clock: createManualClock() }
  scene.cluster.put('nodes', node('n1'))
  for (const object of before) scene.cluster.put('services', object)
  const first = await startController(scene)
  scene.cloud.ledger.length = 0
  let calls = 0
  const count = (stage: Stage): void => {
    calls += 1
    if (calls >= most) stage.leads = false
  }
  scene.cluster.interfere = () => (count(first), undefined)
  scene.cloud.interfere = () => (count(first), undefined)
  if (most === 0) first.leads = false
  change(scene.cluster)
  await quiet()
  await first.controller.stop()
  scene.cluster.interfere = () => undefined
  scene.cloud.interfere = () => undefined
  const second = await startController(scene)
  const next = anew.get(scene.cluster)
  if (next !== undefined) {
    await scene.clock.pass(1_000)
    expect(scene.cluster.service('shop/front')).toBeUndefined()
    scene.cluster.put('services', next)
  }
  await scene.clock.pass(1_000_000)
  await second.controller.stop()
  return {
    end: { service: plain(scene.cluster), instances: [...scene.cloud.instances.values()] },
    ledger: scene.cloud.ledger,
    calls,
  }
}

function edit(cluster: FakeCluster, fields: Parameters<typeof service>[1]): void {
  const { spec } = service('front', fields) as { spec: object }
  cluster.put('services', { ...cluster.service('shop/front'), spec })
}

/** The Service without its version, which says only how often it was written. */
function plain(cluster: FakeCluster): unknown {
  const found = cluster.service('shop/front')
  return found === undefined
    ? undefined
    : { ...found, metadata: { ...(found['metadata'] as object), resourceVersion: '' } }
}
