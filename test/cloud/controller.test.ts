import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { withProvider, type LoadBalancerFlags } from '../../src/cli/loadbalancer-flags.js'
import { systemClock } from '../../src/kubernetes/clock.js'
import { isReading } from '../../src/loadbalancer/alibaba/api.js'
import { createLoadBalancerController } from '../../src/loadbalancer/controller.js'
import { findOrphans, planAll } from '../../src/loadbalancer/survey.js'
import { createFakeCluster, type FakeCluster } from '../loadbalancer/fake-cluster.js'
import { node, service } from '../loadbalancer/objects.js'
import { type Double, startDouble } from './start.js'

let double: Double
const variables = ['SLB_ENDPOINT', 'NLB_ENDPOINT', 'VPC_ENDPOINT', 'ECS_ENDPOINT', 'STS_ENDPOINT'] as const
const keys = { ALIBABA_CLOUD_ACCESS_KEY_ID: 'testid', ALIBABA_CLOUD_ACCESS_KEY_SECRET: 'testsecret' }
const before = { ...process.env }

beforeAll(async () => {
  double = await startDouble()
  for (const name of variables) process.env[name] = double.url.origin
  Object.assign(process.env, keys)
})
afterAll(async () => {
  for (const name of [...variables, ...Object.keys(keys)]) {
    if (before[name] === undefined) delete process.env[name]
    else process.env[name] = before[name]
  }
  await double.stop()
})
beforeEach(async () => {
  await double.reset()
  await double.delay({ looks: 1, job: 20, active: 50 })
})

const flags: LoadBalancerFlags = {
  loadbalancer: 'alibaba',
  loadbalancerAddressesConfigmap: '',
  alibabaRegion: 'cn-hangzhou',
  alibabaClusterId: 'c1',
  alibabaVpcId: 'vpc-1',
  alibabaVswitchId: 'vsw-1',
  alibabaBackends: 'ecs',
  alibabaNetwork: 'internet',
  alibabaKeyFolder: '',
}

const PREFIX = 'service.beta.kubernetes.io/alibaba-cloud-loadbalancer-'
const nlb = { class: 'alibabacloud.com/nlb', annotations: { [`${PREFIX}zone-maps`]: 'a:v-1,b:v-2' } }

function aCluster(): FakeCluster {
  const cluster = createFakeCluster()
  for (const number of [1, 2]) {
    const made = node(`node-${number}`)
    cluster.put('nodes', { ...made, spec: { providerID: `cn-hangzhou.i-${number}` } })
  }
  return cluster
}

function parts(cluster: FakeCluster) {
  return { client: cluster.client, clock: systemClock, log: () => undefined }
}

/** Runs while the controller of the flags leads. */
async function withController(cluster: FakeCluster, act: (events: readonly string[]) => Promise<void>): Promise<void> {
  const events: string[] = []
  const controller = withProvider(flags, parts(cluster), (provider) =>
    createLoadBalancerController({
      provider,
      ...parts(cluster),
      leadership: { isLeader: () => true },
      takeOver: false,
      tell: ({ reason, service: { name }, message }) => events.push(`${reason} ${name}: ${message}`),
    }),
  )
  if (controller === undefined) throw new Error('there is no controller')
  controller.lead()
  try {
    await act(events)
  } finally {
    await controller.stop()
  }
}

async function until<T>(what: string, read: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (const deadline = Date.now() + 45_000; Date.now() < deadline; ) {
    const found = await read()
    if (found !== undefined) return found
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error(`${what}: it did not come to that`)
}

function addressOf(cluster: FakeCluster, name: string): string | undefined {
  const text = JSON.stringify(cluster.service(`shop/${name}`)?.['status'] ?? {})
  return /"(?:ip|hostname)":"([^"]+)"/.exec(text)?.[1]
}

test('Services of both kinds get their addresses, and when they go nothing is left in the cloud', async () => {
  const cluster = aCluster()
  await withController(cluster, async (events) => {
    cluster.put('services', service('a'))
    cluster.put('services', service('b', nlb))
    cluster.put('services', service('c', { annotations: { [`${PREFIX}bandwidth`]: 'much' } }))
    expect(await until('a', () => addressOf(cluster, 'a'))).toMatch(/^203\.0\./)
    expect(await until('b', () => addressOf(cluster, 'b'))).toMatch(/\.nlb\.aliyuncs\.com$/)
    const told = `The value "much" of the annotation ${PREFIX}bandwidth is not allowed`
    await until('the event', () =>
      events.find((one) => one.startsWith('SyncLoadBalancerFailed c') && one.includes(told)),
    )
    // However often it was looked at while the cloud was at work.
    for (const name of ['a', 'b']) {
      await until('ensured', () => events.find((one) => one.startsWith(`EnsuredLoadBalancer ${name}`)))
      expect(events.filter((one) => one.startsWith(`EnsuringLoadBalancer ${name}`))).toHaveLength(1)
    }
    for (const name of ['a', 'b', 'c']) cluster.remove('services', `shop/${name}`)
    await until('gone', () =>
      ['a', 'b', 'c'].every((name) => cluster.service(`shop/${name}`) === undefined) ? true : undefined,
    )
    expect((await double.ledger()).filter(({ deletedAt }) => deletedAt === undefined)).toEqual([])
    expect((await double.ledger()).filter(({ kind }) => kind === 'clb' || kind === 'nlb')).toHaveLength(2)
  })
})

test('plan shows the calls and makes none; orphans are what no Service has', async () => {
  const cluster = aCluster()
  cluster.put('services', service('a'))
  cluster.put('services', service('b', nlb))
  const survey = { ...parts(cluster), takeOver: false, patienceMilliseconds: 30_000 }
  const plans = await withProvider(flags, parts(cluster), (provider) => planAll({ provider, ...survey }))
  expect(plans).toMatchObject({
    ok: true,
    value: [
      {
        service: 'shop/a',
        steps: expect.arrayContaining([expect.objectContaining({ calls: ['CreateLoadBalancer'] })]),
      },
      { service: 'shop/b', steps: expect.arrayContaining([expect.objectContaining({ calls: ['CreateServerGroup'] })]) },
    ],
  })
  expect((await double.calls()).every(({ action }) => isReading(action))).toBe(true)
  await double.byHand({
    what: 'create',
    settings: {},
    tags: { 'fairlead.cluster': 'c1', 'fairlead.service': 'gone', 'fairlead.name': 'shop/x' },
  })
  const orphans = await withProvider(flags, parts(cluster), (provider) => findOrphans({ provider, ...survey }))
  expect(orphans).toMatchObject({ ok: true, value: [{ service: 'shop/x' }] })
})

test.each([
  ['alibabaRegion', '--alibaba-region'],
  ['alibabaClusterId', '--alibaba-cluster-id'],
  ['alibabaVpcId', '--alibaba-vpc-id'],
])('without %s it does not start, and says what is missing', (key, name) => {
  const act = () => withProvider({ ...flags, [key]: '' }, parts(createFakeCluster()), () => true)
  expect(act).toThrow(`--loadbalancer alibaba needs ${name}`)
})
