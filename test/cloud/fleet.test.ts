import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../../src/kubernetes/clock.js'
import { isReading } from '../../src/loadbalancer/alibaba/api.js'
import { createLoadBalancerController, type LoadBalancerController } from '../../src/loadbalancer/controller.js'
import { createFakeCluster, type FakeCluster } from '../loadbalancer/fake-cluster.js'
import { node, service } from '../loadbalancer/objects.js'
import { startController } from '../loadbalancer/stage.js'
import { createSimulation, providerOf, type Simulation } from './simulation.js'
import { annotations, createStage } from './stage.js'
import { type Double, type SeenCall, startDouble } from './start.js'

/**
 * "Must reach" of the load-balancer controller, with all of it: common part, provider, client with its bounds, and the
 * cloud's process.
 */

/** As CloudClientOptions has it by default. */
const CALLS_PER_SECOND = 20
const SERVICES = { clb: 450, nlb: 50 }
const NODES = 25
const nlb = { class: 'alibabacloud.com/nlb', annotations: annotations({ 'zone-maps': 'a:v-1,b:v-2' }) }
const names = (kind: 'clb' | 'nlb', count: number): readonly string[] =>
  Array.from({ length: count }, (_, at) => `${kind}-${at}`)

let double: Double
let simulation: Simulation
let all: FakeCluster
const over = new AbortController()

beforeAll(async () => {
  double = await startDouble()
  all = clusterOf([
    ...names('clb', SERVICES.clb).map((name) => service(name)),
    ...names('nlb', SERVICES.nlb).map((name) => service(name, nlb)),
  ])
  const stage = createStage(double)
  const controller = createLoadBalancerController({
    provider: stage.begin().provider,
    client: all.client,
    clock: systemClock,
    leadership: { isLeader: () => true },
    takeOver: false,
    tell: () => undefined,
    log: () => undefined,
  })
  controller.lead()
  const { clb, nlb: nlbs } = SERVICES
  const isDone = (name: string): boolean =>
    /loadbalancer-hash.*"ingress"/.test(JSON.stringify(all.service(`shop/${name}`)))
  const made = [...names('clb', clb), ...names('nlb', nlbs)]
  for (const deadline = Date.now() + 200_000; !made.every(isDone); ) {
    if (Date.now() > deadline) throw new Error('the Services did not get their addresses')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  await controller.stop()
  await stage.close()
  simulation = createSimulation(double)
}, 240_000)
afterAll(async () => {
  over.abort()
  simulation.end()
  await double.stop()
})
beforeEach(() => double.calls('clear').then(() => undefined))

function clusterOf(services: readonly object[]): FakeCluster {
  const cluster = createFakeCluster()
  for (let at = 0; at < NODES; at += 1) cluster.put('nodes', machine(at))
  for (const one of services) cluster.put('services', one)
  return cluster
}

function machine(number: number): object {
  return { ...node(`node-${number}`), spec: { providerID: `cn-hangzhou.i-${number}` } }
}

/** Some of the Services as they stand; the cloud has the instances of the others too. */
function some(count: number): FakeCluster {
  const kept = [...names('clb', count / 2), ...names('nlb', count / 2)]
  return clusterOf(
    kept.flatMap((name) => {
      const found = all.service(`shop/${name}`)
      return found === undefined ? [] : [found]
    }),
  )
}

/** Pages of the lists of everything that the cloud has of the cluster: instances of CLB and NLB, server groups. */
const PAGES = Math.ceil(SERVICES.clb / 100) + 2 * Math.ceil(SERVICES.nlb / 100)
/** What a look at a Service reads beside them. */
const READS = { clb: 3, nlb: 2 }
/** How old lists may be, so that they are read again while many are looked at. */
const LIST_SECONDS = 10

/** The most reading calls that looks at so many Services of each kind come to. */
function readsOf(looks: Readonly<Record<'clb' | 'nlb', number>>): number {
  const calls = looks.clb * READS.clb + looks.nlb * READS.nlb
  return calls + PAGES * (1 + Math.ceil(calls / CALLS_PER_SECOND / (LIST_SECONDS / 2)))
}

/** Everything that was to be looked at was; none waits for its turn at the cloud. */
function untilQuiet(controller: LoadBalancerController): Promise<void> {
  const isQuiet = (): boolean => controller.counts().synced && controller.counts().waiting === 0
  return simulation.until('all were looked at', isQuiet, 600_000)
}

function changing(calls: readonly SeenCall[]): readonly SeenCall[] {
  return calls.filter(({ action }) => !isReading(action))
}

test('500 Services in order, at start-up: only reading calls, at most 20 in a second after a burst of 20', async () => {
  const cloud = providerOf(double, simulation.clock, over.signal)
  await double.clockAt(simulation.clock.wall())
  const { controller, events } = await startController({ cluster: all, cloud, clock: simulation.clock })
  const writes = all.writes.length
  await untilQuiet(controller)
  await controller.stop()
  const calls = await double.calls()
  expect(changing(calls)).toEqual([])
  expect(all.writes).toHaveLength(writes)
  expect(events).toEqual([])
  const least = SERVICES.clb * READS.clb + SERVICES.nlb * READS.nlb
  expect(calls.length).toBeGreaterThanOrEqual(least)
  expect(calls.length).toBeLessThanOrEqual(readsOf(SERVICES))
  // By the second that the caller signed with: in any number of seconds no more than the rate, and the burst once.
  const seconds = calls.map(({ signedAt }) => Date.parse(signedAt) / 1000).toSorted((a, b) => a - b)
  const [first = 0] = seconds
  const perSecond = new Map<number, number>()
  for (const second of seconds) perSecond.set(second, (perSecond.get(second) ?? 0) + 1)
  for (const count of perSecond.values()) expect(count).toBeLessThanOrEqual(2 * CALLS_PER_SECOND)
  for (const [index, second] of seconds.entries())
    expect(index + 1).toBeLessThanOrEqual((second - first + 1) * CALLS_PER_SECOND + CALLS_PER_SECOND)
}, 240_000)

test('an hour without a change: no changing call, no write, and a bounded number of reading ones', async () => {
  const COUNT = 40
  const cluster = some(COUNT)
  await double.clockAt(simulation.clock.wall())
  const cloud = providerOf(double, simulation.clock, over.signal)
  const { controller, events } = await startController({ cluster, cloud, clock: simulation.clock })
  const writes = cluster.writes.length
  await simulation.pass(3_600_000)
  await untilQuiet(controller)
  await controller.stop()
  const calls = await double.calls()
  expect(changing(calls)).toEqual([])
  expect(cluster.writes).toHaveLength(writes)
  expect(events).toEqual([])
  // At the start, and every five minutes.
  const looks = 1 + 12
  expect(calls.length).toBeGreaterThan(((looks - 1) * COUNT * (READS.clb + READS.nlb)) / 2)
  expect(calls.length).toBeLessThanOrEqual(looks * readsOf({ clb: COUNT / 2, nlb: COUNT / 2 }))
}, 240_000)

test('another set of nodes for 100 Services: the fewest calls that their limits allow, first those that add', async () => {
  const COUNT = 100
  const cluster = some(COUNT)
  await double.clockAt(simulation.clock.wall())
  const cloud = providerOf(double, simulation.clock, over.signal)
  const { controller } = await startController({ cluster, cloud, clock: simulation.clock })
  await untilQuiet(controller)
  await double.calls('clear')
  for (let at = 0; at < NODES; at += 1) cluster.put('nodes', machine(at + NODES))
  for (let at = 0; at < NODES; at += 1) cluster.remove('nodes', `/node-${at}`)
  const batches = { clb: Math.ceil(NODES / 20), nlb: Math.ceil(NODES / 200) }
  const fewest = (COUNT / 2) * 2 * (batches.clb + batches.nlb)
  // What is under way in the cloud is looked at again a little later.
  await simulation.pass(120_000)
  await untilQuiet(controller)
  await controller.stop()
  const calls = changing(await double.calls())
  expect(calls).toHaveLength(fewest)
  expect(calls.every(({ result }) => result === 'ok')).toBe(true)
  const byGroup = new Map<string, string[]>()
  for (const { action, parameters } of calls) {
    const group = parameters['VServerGroupId'] ?? parameters['ServerGroupId'] ?? ''
    byGroup.set(group, [...(byGroup.get(group) ?? []), action.slice(0, 3)])
  }
  expect(byGroup.size).toBe(COUNT)
  for (const actions of byGroup.values())
    expect(actions).toEqual(actions.length === 2 ? ['Add', 'Rem'] : ['Add', 'Add', 'Rem', 'Rem'])
}, 240_000)

test.each([
  ['a CLB', {}, { visible: 1000, job: 0, active: 0 }, 1000],
  ['a CLB that is seen late', {}, { visible: 8000, job: 0, active: 0 }, 8000],
  // The instance, meanwhile its groups; then the listener.
  ['an NLB', nlb, { visible: 1000, job: 3000, active: 20_000 }, 20_000 + 3000],
  // Each object is there only when it is seen: the instance, the group, its servers, the listener.
  ['an NLB that is active at once', nlb, { visible: 1500, job: 1300, active: 0 }, 1500 + 1500 + 1300 + 1500],
] as const)(
  '%s: its address a second after the cloud is done, or before',
  async (_, kind, delays, least) => {
    const cluster = clusterOf([])
    await double.delay(delays)
    await double.clockAt(simulation.clock.wall())
    const cloud = providerOf(double, simulation.clock, over.signal)
    const { controller } = await startController({ cluster, cloud, clock: simulation.clock })
    await simulation.pass(1000)
    const begun = simulation.clock.now()
    cluster.put('services', service('fresh', { ...kind, uid: `uid-fresh-${least}` }))
    const hasAddress = (): boolean => JSON.stringify(cluster.service('shop/fresh')).includes('"ingress"')
    await simulation.until('the address', hasAddress, 120_000)
    const took = simulation.clock.now() - begun
    cluster.remove('services', 'shop/fresh')
    await simulation.until('gone', () => cluster.service('shop/fresh') === undefined, 120_000)
    await controller.stop()
    await double.delay({ visible: 0, job: 0, active: 0 })
    expect(took).toBeGreaterThanOrEqual(least)
    expect(took).toBeLessThanOrEqual(least + 1000)
  },
  120_000,
)
