import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readService } from '../../../src/loadbalancer/read-service.js'
import { readObjects } from '../../chart/objects.js'
import { until } from '../../serve/program.js'
import { insideOf } from './inside.js'
import { LONG } from './replica.js'
import { openStage, writeKubeconfig, type Stage } from './stage.js'

const bin = fileURLToPath(new URL('../../../bin/fairlead', import.meta.url))
const golden = fileURLToPath(new URL('../../chart/golden/load-balancer.yaml', import.meta.url))
const ADDRESS = '192.0.2.10'

let stage: Stage

beforeAll(async () => {
  stage = await openStage()
  const kinds = ['ServiceAccount', 'ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding']
  const objects = readObjects(readFileSync(golden, 'utf8'))
  const pools = objects.filter(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'fairlead-addresses')
  expect(pools).toHaveLength(1)
  await stage.cluster.apply([...objects.filter(({ kind }) => kinds.includes(kind)), ...pools], 'fairlead')
  await stage.cluster.apply([{ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } }])
  const status = { conditions: [{ type: 'Ready', status: 'True', reason: 'Test', message: '' }] }
  await stage.cluster.kubectl('patch', 'node', 'n1', '--subresource=status', '-p', JSON.stringify({ status }))
})

afterAll(() => stage?.end())

it("serve gives a Service its address, and announce answers for it, with the chart's pools and rights", async () => {
  const { cluster } = stage
  const flags = ['--loadbalancer=addresses', '--loadbalancer-addresses-configmap=fairlead/fairlead-addresses']
  const replica = stage.replica({ flags })
  replica.start()
  await replica.ready()
  const spec = { type: 'LoadBalancer', ports: [{ port: 80 }] }
  await cluster.apply([{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'front' }, spec }])
  const read = async () =>
    readService(JSON.parse(await cluster.kubectl('-n', 'default', 'get', 'service', 'front', '-o', 'json')))
  await until(async () => (await read())?.status.length === 1, LONG)
  expect(await read()).toMatchObject({
    finalizers: ['fairlead/addresses'],
    labels: { 'fairlead/announce': 'layer2' },
    status: [{ ip: ADDRESS, ipMode: 'VIP' }],
  })
  await until(async () => {
    return (await cluster.kubectl('-n', 'default', 'describe', 'service', 'front')).includes('Ensured load balancer')
  }, LONG)

  // A link of this test's own for the address.
  await cluster.run('ip', 'link', 'add', 'lb0', 'type', 'veth', 'peer', 'name', 'lb1')
  await cluster.run('ip', 'address', 'add', '192.0.2.1/24', 'dev', 'lb0')
  await cluster.run('ip', 'link', 'set', 'lb0', 'up')
  await cluster.run('ip', 'link', 'set', 'lb1', 'up')
  const token = await cluster.token('fairlead', 'fairlead-announce')
  const kubeconfig = writeKubeconfig(cluster, stage.folder, 'announce', { token })
  const words = ['announce', '--node=n1', `--kubeconfig=${kubeconfig}`, '--interface=lb0', '--log-format=text']
  const [file, rest] = insideOf(cluster, process.execPath, bin, ...words)
  const agent = spawn(file, rest, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, POD_NAME: 'announce-1', POD_NAMESPACE: 'fairlead', NO_COLOR: '1' },
  })
  let said = ''
  agent.stderr.on('data', (bytes: Buffer) => (said += bytes.toString()))
  const ended = new Promise((resolve) => agent.once('close', resolve))
  try {
    await until(() => Promise.resolve(said.includes(`${ADDRESS}: answered for by this node`)), LONG).catch(() => {
      throw new Error(`the agent said: ${said}`)
    })
    const lease = (): Promise<string> =>
      cluster.kubectl(
        '-n',
        'fairlead',
        'get',
        'lease',
        `fairlead-address-${ADDRESS}`,
        '-o',
        'jsonpath={.spec.holderIdentity}',
      )
    expect(await lease()).toMatch(/^announce-1_/)
    agent.kill('SIGTERM')
    expect(await ended).toBe(0)
    expect(await lease()).toBe('')
  } finally {
    agent.kill('SIGKILL')
  }

  await cluster.kubectl('-n', 'default', 'delete', 'service', 'front', '--timeout=90s')
  expect(await replica.stop()).toBe(0)
})
