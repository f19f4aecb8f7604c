import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { findEngine } from '../../src/apply/engine/find.js'
import type { LuaEngine } from '../../src/apply/engine/lua-frame.js'
import { createNeighbours, type Neighbours } from '../../src/apply/engine/neighbours.js'
import type { KubernetesClient } from '../../src/kubernetes/client.js'
import { systemClock } from '../../src/kubernetes/clock.js'
import { createAnnouncer, type Announcer } from '../../src/loadbalancer/announce/announcer.js'
import { createFakeCluster, type FakeCluster } from '../loadbalancer/fake-cluster.js'
import { node, service } from '../loadbalancer/objects.js'
import { until } from '../serve/program.js'
import { startBridge, type Bridge, type Machine } from './link-bridge.js'

const LONG = 60_000
const FOUR = '10.99.0.100'
const SIX = '2001:db8:99::100'

let bridge: Bridge
let engine: LuaEngine

beforeAll(async () => {
  const found = await findEngine()
  if (!found.ok) throw new Error(found.message)
  engine = found.engine
  bridge = await startBridge({
    a: { networks: ['10.99.0.1/24', '2001:db8:99::1/64'] },
    b: { networks: ['10.99.0.2/24', '2001:db8:99::2/64'] },
    client: { networks: ['10.99.0.3/24', '2001:db8:99::3/64'] },
  })
})

afterAll(() => bridge?.end())

interface Agent {
  readonly announcer: Announcer
  readonly neighbours: Neighbours
  readonly machine: Machine
  readonly logged: string[]
  /** The API server cannot be reached from here. */
  cut: boolean
}

/** The agent of a node: its packets go to the machine of that name, its calls to an API server in this process. */
function start(cluster: FakeCluster, name: string, ttlMilliseconds: number): Agent {
  const machine = machineOf(name)
  const neighbours = createNeighbours({ ...engine, command: [...machine.enter, ...engine.command] })
  const logged: string[] = []
  const client: KubernetesClient = {
    ...cluster.client,
    call: (call) =>
      agent.cut ? Promise.resolve({ ok: false, status: 0, reason: '', message: 'cut off' }) : cluster.client.call(call),
  }
  const agent: Agent = {
    neighbours,
    machine,
    logged,
    cut: false,
    announcer: createAnnouncer({
      client,
      neighbours,
      node: name,
      namespace: 'kube',
      identity: name,
      links: () => [machine.link],
      interfaceName: '',
      clock: systemClock,
      ttlMilliseconds,
      log: (_level, message) => logged.push(message),
    }),
  }
  agent.announcer.start()
  onTestFinished(() => agent.announcer.stop())
  return agent
}

function scene(fields: object = {}): FakeCluster {
  const cluster = createFakeCluster()
  cluster.put('nodes', node('a'))
  cluster.put('nodes', node('b'))
  const status = [FOUR, SIX].map((ip) => ({ ip, ipMode: 'VIP' }))
  const ours = { finalizers: ['fairlead/addresses'], labels: { 'fairlead/announce': 'layer2' } }
  cluster.put('services', service('front', { ...ours, status, spec: fields }))
  return cluster
}

function machineOf(name: string): Machine {
  const found = bridge.machines.get(name)
  if (found === undefined) throw new Error(`no machine ${name}`)
  return found
}

/** Has the client's kernel ask for an address after forgetting what it knew. */
async function ask(address: string): Promise<string> {
  const { run } = machineOf('client')
  await run('ip', 'neigh', 'flush', 'dev', 'eth0')
  await run('bash', '-c', `echo x >/dev/udp/${address}/9`)
  return known(address)
}

/** The MAC address that it knows for an address; '': none. */
async function known(address: string): Promise<string> {
  const list = JSON.parse(await machineOf('client').run('ip', '-j', 'neigh', 'show', 'dev', 'eth0')) as readonly {
    readonly dst: string
    readonly lladdr?: string
  }[]
  return list.find(({ dst }) => dst === address)?.lladdr ?? ''
}

const untilKnown = (address: string, agent: Agent): Promise<void> =>
  until(async () => (await ask(address)) === agent.machine.link.mac, LONG)

/** Who of two answers the client, and the other one. */
async function answerer(agents: readonly [Agent, Agent], address: string): Promise<readonly [Agent, Agent]> {
  let found = ''
  const [a, b] = agents
  const macs = agents.map(({ machine }) => machine.link.mac)
  await until(async () => {
    // What it knew may be of the test before.
    found = await ask(address)
    return macs.includes(found)
  }, LONG)
  return found === a.machine.link.mac ? [a, b] : [b, a]
}

const mac = (agent: Agent): string => agent.machine.link.mac.replaceAll(':', '')

/** What the capture has of the past has arrived: something new has. */
async function settled(): Promise<void> {
  const seen = bridge.frames.length
  await ask('10.99.0.250')
  await until(() => Promise.resolve(bridge.frames.slice(seen).some((one) => one.slice(76, 84) === '0a6300fa')), LONG)
}

/** Senders of ARP answers about the address since the frame of that number. */
function answersSince(frame: number): readonly string[] {
  const about = '0a630064'
  const answers = bridge.frames
    .slice(frame)
    .filter((one) => one.slice(24, 28) === '0806' && one.slice(40, 44) === '0002')
  return answers.filter((one) => one.slice(56, 64) === about).map((one) => one.slice(44, 56))
}

function announcedBy(agent: Agent, frame: number): boolean {
  return bridge.frames.slice(frame).some((one) => {
    const arp = one.startsWith(`ffffffffffff${mac(agent)}0806`) && one.slice(56, 64) === one.slice(76, 84)
    return arp && one.slice(56, 64) === '0a630064'
  })
}

/** Long enough that no delay of a slow machine makes an address change hands in between. */
const SLOW = 20_000
const USUAL = 2_000

it('one of two nodes answers ARP and neighbour discovery, and says so to all when it begins', async () => {
  const cluster = scene()
  const agents = [start(cluster, 'a', SLOW), start(cluster, 'b', SLOW)] as const
  const [four, other] = await answerer(agents, FOUR)
  const [six] = await answerer(agents, SIX)
  expect(four.announcer.held()).toContain(FOUR)
  expect(other.announcer.held()).not.toContain(FOUR)
  expect(six.announcer.held()).toContain(SIX)
  await until(() => Promise.resolve(announcedBy(four, 0)), LONG)
  await settled()
  const before = bridge.frames.length
  for (let round = 0; round < 5; round += 1) await untilKnown(FOUR, four)
  await until(() => Promise.resolve(answersSince(before).length >= 3), LONG)
  expect(new Set(answersSince(before))).toEqual(new Set([mac(four)]))
})

it('a node that dies: the other one announces itself, and the client knows without asking', async () => {
  const before = bridge.frames.length
  const cluster = scene()
  const agents = [start(cluster, 'a', USUAL), start(cluster, 'b', USUAL)] as const
  const [first, second] = await answerer(agents, FOUR)
  const died = performance.now()
  first.cut = true
  await first.neighbours.stop()
  await first.announcer.stop()
  await until(async () => (await known(FOUR)) === second.machine.link.mac, LONG)
  process.stdout.write(`fail-over after ${((performance.now() - died) / 1000).toFixed(2)} s\n`)
  await until(() => Promise.resolve(announcedBy(second, before)), LONG)
  await untilKnown(FOUR, second)
})

it('a node that is cut off from the API server goes on, until another has the Lease and is seen to answer', async () => {
  const cluster = scene()
  const alone = start(cluster, 'a', 2 * USUAL)
  await until(() => Promise.resolve(alone.announcer.held().includes(FOUR)), LONG)
  alone.cut = true
  const lapsed = (): boolean => alone.logged.some((line) => line.startsWith(`${FOUR}: the Lease cannot be renewed`))
  await until(() => Promise.resolve(lapsed()), LONG)
  await untilKnown(FOUR, alone)
  const other = start(cluster, 'b', 2 * USUAL)
  await until(() => Promise.resolve(!alone.announcer.held().includes(FOUR)), LONG)
  const seen = `${FOUR} is also answered for by ${other.machine.link.mac}`
  expect(alone.logged).toContain(seen)
  await settled()
  const before = bridge.frames.length
  for (let round = 0; round < 5; round += 1) await untilKnown(FOUR, other)
  await until(() => Promise.resolve(answersSince(before).length >= 3), LONG)
  expect(new Set(answersSince(before))).toEqual(new Set([mac(other)]))
})

it('policy Local: the address goes where the endpoint goes; a Service that goes is answered for no more', async () => {
  const cluster = scene({ externalTrafficPolicy: 'Local' })
  const [a, b] = [start(cluster, 'a', SLOW / 4), start(cluster, 'b', SLOW / 4)]
  const move = (name: string): void =>
    cluster.put('endpointslices', {
      metadata: { namespace: 'shop', name: 'front-1', labels: { 'kubernetes.io/service-name': 'front' } },
      addressType: 'IPv4',
      endpoints: [{ addresses: ['10.1.0.1'], nodeName: name, conditions: { ready: true } }],
      ports: [{ name: 'p80', port: 80 }],
    })
  move('a')
  await untilKnown(FOUR, a)
  move('b')
  await untilKnown(FOUR, b)
  expect(a.announcer.held()).toEqual([])
  cluster.destroy('shop/front')
  await until(() => Promise.resolve(b.announcer.held().length === 0), LONG)
  await until(async () => (await ask(FOUR)) === '', LONG)
})
