import { expect, onTestFinished, test } from 'vitest'
import { type Announcer, createAnnouncer, type NeighbourPort } from '../../src/loadbalancer/announce/announcer.js'
import { createFakeCluster } from './fake-cluster.js'
import { createManualClock, quiet } from './manual-clock.js'
import { node, service } from './objects.js'

const ADDRESS = '192.0.2.10'
const NODES = ['n1', 'n2']

interface Agent {
  readonly announcer: Announcer
  answer: NeighbourPort['answerFor']
}

const answering: NeighbourPort['answerFor'] = () => Promise.resolve({ ok: true, conflicts: [] })

test.each<readonly [string, NeighbourPort['answerFor']]>([
  ['says that it cannot', () => Promise.resolve({ ok: false, cause: 'no right to packet sockets' })],
  ['cannot be started', () => Promise.reject(new Error('no such file'))],
])('a node whose helper %s leaves its addresses to another one, and comes back to them', async (_, failing) => {
  const cluster = createFakeCluster()
  const clock = createManualClock()
  for (const name of NODES) cluster.put('nodes', node(name))
  cluster.put(
    'services',
    service('web', {
      finalizers: ['fairlead/addresses'],
      labels: { 'fairlead/announce': 'layer2' },
      status: [{ ip: ADDRESS, ipMode: 'VIP' }],
    }),
  )
  const agents = NODES.map((name): Agent => {
    const agent: Agent = {
      answer: answering,
      announcer: createAnnouncer({
        client: cluster.client,
        neighbours: { answerFor: (addresses) => agent.answer(addresses), stop: () => Promise.resolve() },
        node: name,
        namespace: 'fairlead',
        identity: `${name}_1`,
        links: () => [{ name: 'eth0', mac: '02:00:00:00:00:01', networks: ['192.0.2.1/24'] }],
        interfaceName: '',
        clock,
        log: () => undefined,
      }),
    }
    return agent
  })
  onTestFinished(async () => {
    const stopped = Promise.all(agents.map(({ announcer }) => announcer.stop()))
    await clock.pass(10_000)
    await stopped
  })
  for (const { announcer } of agents) announcer.start()
  await quiet()
  await clock.pass(5_000)
  const holder = agents.find(({ announcer }) => announcer.held().length > 0)
  const other = agents.find((agent) => agent !== holder)
  if (holder === undefined || other === undefined) throw new Error('nobody answers')

  holder.answer = failing
  await clock.pass(5_000)
  expect(holder.announcer.held()).toEqual([])
  expect(other.announcer.held()).toEqual([ADDRESS])

  holder.answer = answering
  await clock.pass(15_000)
  other.answer = failing
  await clock.pass(5_000)
  expect(holder.announcer.held()).toEqual([ADDRESS])
  expect(other.announcer.held()).toEqual([])
})
