import { spawn, type ChildProcess } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Cluster } from '../api/cluster.js'
import { HELM_MILLISECONDS } from '../chart/helm.js'
import { startDouble, type Double, type State } from '../cloud/start.js'
import { until } from '../serve/program.js'
import { auditFlags, readAudit } from './audit.js'
import { installChart, type Installed } from './installed.js'
import { startBridge, type Bridge } from './link-bridge.js'
import { shop } from './rolling/shop.js'

/**
 * The chart with `provider: alibaba`, and the double as the cloud. The double is an API only. What a load balancer does
 * with packets is done by load-balancer-forwarder.mjs, on a machine `cloud` of the test's own bridge that has the
 * addresses which the double gave. The node is on the bridge too, so a request goes: address on the machine `cloud` →
 * the backend that the double has for that listener, which is node and node port → kube-proxy → NGINX → pod.
 */

const LONG = 120_000
const NODE = '10.244.0.1'
const MACHINE = 'i-node1'
const ZONES = ['10.250.0.11', '10.250.0.12'] as const
const PREFIX = 'service.beta.kubernetes.io/alibaba-cloud-loadbalancer-'

const folder = mkdtempSync(join(tmpdir(), 'fairlead-cloud-'))
let installed: Installed
let bridge: Bridge | undefined
let double: Double | undefined
let forwarder: ChildProcess | undefined

beforeAll(async () => {
  chmodSync(folder, 0o777)
  installed = await installChart([], { serverFlags: auditFlags(folder), controller: prepare })
  await installed.cluster.apply(shop({ replicas: 1, preStop: 'none', logFolder: folder }))
  await installed.cluster.kubectl('rollout', 'status', 'deployment/shop', '--timeout=5m')
}, HELM_MILLISECONDS)

afterAll(async () => {
  forwarder?.stdin?.end()
  await double?.stop()
  bridge?.end()
  await installed?.cluster.end()
  rmSync(folder, { recursive: true, force: true })
})

/** The cloud, and what the node and the namespace of the controller need of it; gives the chart's values. */
async function prepare(cluster: Cluster): Promise<object> {
  bridge = await startBridge({
    node: { networks: ['10.250.0.1/24'], namespace: cluster.netns },
    cloud: { networks: ['10.250.0.2/24', ...ZONES.map((address) => `${address}/32`)] },
  })
  await cloud().run('ip', 'route', 'add', '10.244.0.0/24', 'via', '10.250.0.1')
  double = await startDouble({
    enter: ['ip', 'netns', 'exec', cluster.netns],
    host: NODE,
    post: (url, body) => cluster.run('curl', '-sS', '-m', '20', '-d', body, url.href),
  })
  await double.delay({ looks: 1, job: 100, active: 300 })
  await cluster.kubectl('patch', 'node', cluster.name, '-p', `{"spec":{"providerID":"cn-hangzhou.${MACHINE}"}}`)
  await cluster.kubectl('create', 'namespace', 'fairlead')
  const key = { 'access-key-id': 'testid', 'access-key-secret': 'testsecret' }
  await cluster.apply([{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'key' }, stringData: key }], 'fairlead')
  const at = double.url.origin
  const zoneMaps = ZONES.map((address, zone) => `cn-hangzhou-${'ab'.charAt(zone)}:vsw-${zone}:${address}`).join(',')
  return {
    loadBalancer: {
      provider: 'alibaba',
      alibaba: { region: 'cn-hangzhou', clusterId: 'c1', vpcId: 'vpc-1', vswitchIds: ['vsw-1'], keySecretName: 'key' },
    },
    extraEnvs: ['SLB', 'NLB', 'VPC', 'ECS'].map((product) => ({ name: `${product}_ENDPOINT`, value: at })),
    service: {
      internal: {
        enabled: true,
        loadBalancerClass: 'alibabacloud.com/nlb',
        annotations: { [`${PREFIX}zone-maps`]: zoneMaps, [`${PREFIX}address-type`]: 'intranet' },
      },
    },
  }
}

function cloud(): NonNullable<ReturnType<Bridge['machines']['get']>> {
  const found = bridge?.machines.get('cloud')
  if (found === undefined) throw new Error('the bridge has no machine for the cloud')
  return found
}

function theDouble(): Double {
  if (double === undefined) throw new Error('there is no double')
  return double
}

const here = (...words: readonly string[]): Promise<string> => installed.here(...words)

async function addressOf(service: string): Promise<string> {
  let address = ''
  await until(async () => {
    const path = 'jsonpath={range .status.loadBalancer.ingress[*]}{.ip}{.hostname}{end}'
    address = await here('get', 'service', service, '-o', path)
    return address !== ''
  }, LONG)
  return address
}

/** Puts the address of the CLB on the machine `cloud`, and has the forwarder take what comes to it and to the NLB's. */
async function startForwarder(address: string): Promise<void> {
  if (forwarder !== undefined) return
  await cloud().run('ip', 'address', 'add', `${address}/32`, 'dev', 'lo')
  const program = fileURLToPath(new URL('load-balancer-forwarder.mjs', import.meta.url))
  const state = new URL('/_double/state', theDouble().url).href
  const [command = '', ...enter] = cloud().enter
  const words = [process.execPath, program, state, JSON.stringify({ [MACHINE]: NODE }), address, ...ZONES]
  const child = spawn(command, [...enter, ...words], { stdio: ['pipe', 'pipe', 'inherit'] })
  forwarder = child
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve())
    child.once('exit', (code) => reject(new Error(`the forwarder ended with ${code}`)))
  })
}

/** What the pod of the shop answers a client of the load balancer at that address. */
function ask(scheme: 'http' | 'https', address: string): Promise<string> {
  const there = ['--connect-to', `::${address}:`, '-H', 'Host: shop.test']
  return cloud()
    .run('curl', '-sSk', '-m', '20', ...there, '-w', '%{http_code}', `${scheme}://shop.test/`)
    .catch(String)
}

async function nodePorts(service: string): Promise<readonly number[]> {
  const found = await here('get', 'service', service, '-o', 'jsonpath={.spec.ports[*].nodePort}')
  return found.split(' ').map(Number)
}

/** The only one there is; its groups in the order of the ports of the Service: 80, 443. */
async function theCLB(): Promise<State['clb'][number]> {
  const [balancer, ...others] = (await theDouble().state()).clb
  if (balancer === undefined || others.length > 0) throw new Error('there is none or more than one CLB')
  const portOf = ({ name }: { readonly name: string }): number => Number(name.split('/')[1])
  return { ...balancer, groups: balancer.groups.toSorted((a, b) => portOf(a) - portOf(b)) }
}

function backendsOf(groups: State['clb'][number]['groups']): readonly (readonly object[])[] {
  return groups.map(({ servers }) =>
    servers.map(({ ServerId, Port, Weight }) => ({ ServerId, Port: Number(Port), Weight: Number(Weight) })),
  )
}

const left = async (): Promise<readonly object[]> =>
  (await theDouble().ledger()).filter(({ deletedAt }) => deletedAt === undefined)

describe('the chart in the cloud of Alibaba, played by the double', () => {
  it("its Service has a CLB whose backend is the node's port, and a request to the address gets to a pod", async () => {
    const address = await addressOf('fairlead-controller')
    const ports = await nodePorts('fairlead-controller')
    const wanted = ports.map((port) => [{ ServerId: MACHINE, Port: port, Weight: 1 }])
    // The address is there before the pod is ready, and with it the backend.
    await until(async () => isDeepStrictEqual(backendsOf((await theCLB()).groups), wanted), LONG)
    const { listeners, groups, ...balancer } = await theCLB()
    expect(balancer).toMatchObject({ Address: address, tags: { 'fairlead.name': 'fairlead/fairlead-controller' } })
    expect(listeners.map(({ port, status, settings }) => [port, status, settings['VServerGroupId']])).toEqual([
      [80, 'running', groups[0]?.id],
      [443, 'running', groups[1]?.id],
    ])
    await startForwarder(address)
    for (const scheme of ['http', 'https'] as const)
      await until(async () => /^shop-.*\n200$/.test(await ask(scheme, address)), LONG)
    const shown = ['get', 'ingress', 'shop', '-o', 'jsonpath={.status.loadBalancer.ingress[*].ip}']
    await until(async () => (await installed.cluster.kubectl(...shown)) === address, LONG)
  })

  it('the Service inside is of the class of NLB, has its host name, and is reached in both zones', async () => {
    const hostname = await addressOf('fairlead-controller-internal')
    const [balancer] = (await theDouble().state()).nlb
    expect(hostname).toBe(`${balancer?.id}.cn-hangzhou.nlb.aliyuncs.com`)
    expect(balancer).toMatchObject({ status: 'Active', AddressType: 'Intranet' })
    await startForwarder(await addressOf('fairlead-controller'))
    for (const zone of ZONES) await until(async () => /^shop-.*\n200$/.test(await ask('http', zone)), LONG)
  })

  it('asked the API server for nothing that it may not', async () => {
    await addressOf('fairlead-controller')
    const asked = readAudit(folder, 'fairlead/fairlead')
    expect(asked.filter(({ resource, verb }) => resource === 'services/status' && verb === 'patch')).not.toEqual([])
    expect(asked.filter(({ status }) => status === 403)).toEqual([])
  })

  it('deleted before it is uninstalled: both were made once, nothing is left in the cloud, and no Service waits', async () => {
    const services = ['fairlead-controller', 'fairlead-controller-internal']
    for (const service of services) await addressOf(service)
    await here('delete', 'service', ...services, '--timeout=120s')
    await installed.helm('uninstall', 'fairlead', '--wait', '--timeout', '5m')
    expect(await here('get', 'services', '-o', 'name')).toBe('')
    expect(await left()).toEqual([])
    const paid = (await theDouble().ledger()).filter(({ kind }) => kind === 'clb' || kind === 'nlb')
    expect(paid.map(({ kind }) => kind).sort()).toEqual(['clb', 'nlb'])
  })
})
