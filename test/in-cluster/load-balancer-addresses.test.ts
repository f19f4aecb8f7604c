import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chart, HELM_MILLISECONDS } from '../chart/helm.js'
import { until } from '../serve/program.js'
import { auditFlags, readAudit } from './audit.js'
import { installChart, type Installed } from './installed.js'
import { startBridge, type Bridge, type Machine } from './link-bridge.js'
import { shop } from './rolling/shop.js'

/**
 * The chart with `provider: addresses`. The node of the cluster and a machine `client` are on the test's own bridge;
 * the pool has addresses of the bridge's network, which no machine has. So a request goes: ARP for the address,
 * answered by the pod of the DaemonSet → the node's link → kube-proxy → NGINX → pod.
 */

const LONG = 120_000
const NODE = '10.244.0.1'
const FIRST = '10.99.0.100'
const FIRST_HEX = '0a630064'

const folder = mkdtempSync(join(tmpdir(), 'fairlead-addresses-'))
let installed: Installed
let bridge: Bridge | undefined

beforeAll(async () => {
  chmodSync(folder, 0o777)
  installed = await installChart([], {
    serverFlags: auditFlags(folder),
    controller: async (cluster) => {
      bridge = await startBridge({
        node: { networks: ['10.99.0.1/24'], namespace: cluster.netns },
        client: { networks: ['10.99.0.3/24'] },
      })
      await machine('client').run('ip', 'route', 'add', `${NODE}/32`, 'via', '10.99.0.1')
      const pools = [{ name: 'public', addresses: [`${FIRST}-10.99.0.110`] }]
      return { loadBalancer: { provider: 'addresses', addresses: { mode: 'layer2', pools } } }
    },
  })
  await installed.cluster.apply(shop({ replicas: 1, preStop: 'none', logFolder: folder }))
  await installed.cluster.kubectl('rollout', 'status', 'deployment/shop', '--timeout=5m')
  await here('rollout', 'status', 'daemonset/fairlead-announce', '--timeout=5m')
}, HELM_MILLISECONDS)

afterAll(async () => {
  bridge?.end()
  await installed?.cluster.end()
  rmSync(folder, { recursive: true, force: true })
})

const here = (...words: readonly string[]): Promise<string> => installed.here(...words)

function machine(name: 'node' | 'client'): Machine {
  const found = bridge?.machines.get(name)
  if (found === undefined) throw new Error(`the bridge has no machine ${name}`)
  return found
}

const shown = (): Promise<string> =>
  here('get', 'service', 'fairlead-controller', '-o', 'jsonpath={.status.loadBalancer.ingress[*].ip}')

/** What the pod of the shop answers the client on the bridge at an address. */
const ask = (url: string): Promise<string> =>
  machine('client').run('curl', '-sSk', '-m', '20', '-H', 'Host: shop.test', '-w', '%{http_code}', url).catch(String)

const announcer = async (): Promise<string> => {
  const selector = 'app.kubernetes.io/component=announce'
  return here('get', 'pods', '--selector', selector, '-o', 'jsonpath={.items[0].metadata.name}')
}

/** ARP from the node's link about the first address of the pool; 1: asked or announced, 2: answered. */
function arp(operation: 1 | 2): readonly string[] {
  const own = machine('node').link.mac.replaceAll(':', '')
  const start = `0806000108000604000${operation}${own}${FIRST_HEX}`
  return (bridge?.frames ?? []).filter((frame) => frame.slice(24).startsWith(start))
}

describe('the chart with addresses of a pool', () => {
  it('layer2: a neighbour of the node reaches a pod at the address that the Service got', async () => {
    await until(async () => (await shown()) === FIRST, LONG)
    await until(async () => /^shop-.*\n200$/.test(await ask(`http://${FIRST}/`)), LONG)
    expect(await ask(`https://${FIRST}/`)).toMatch(/^shop-.*\n200$/)
    const neighbours = await machine('client').run('ip', 'neigh', 'show', FIRST)
    expect(neighbours).toContain(machine('node').link.mac)
    // No interface has it: it was the pod that answered, and that said so to all before.
    expect(await machine('node').run('ip', '-o', 'address')).not.toContain(FIRST)
    await until(() => Promise.resolve(arp(2).length > 0 && arp(1).length > 0), LONG)
    const lease = `jsonpath={.items[?(@.metadata.name=="fairlead-address-${FIRST}")].spec.holderIdentity}`
    expect(await here('get', 'leases', '-o', lease)).toContain(await announcer())
    const ingress = ['get', 'ingress', 'shop', '-o', 'jsonpath={.status.loadBalancer.ingress[*].ip}']
    await until(async () => (await installed.cluster.kubectl(...ingress)) === FIRST, LONG)
  })

  it('the announcer has no more rights than packets need, and asks for nothing that it may not', async () => {
    await until(async () => (await shown()) === FIRST, LONG)
    const exec = async (command: string): Promise<string> => here('exec', await announcer(), '--', 'sh', '-c', command)
    // Bits 10 and 13: NET_BIND_SERVICE and NET_RAW.
    expect((await exec('grep -h CapBnd /proc/[0-9]*/status | sort -u')).trim()).toMatch(/^CapBnd:\s+0000000000002400$/)
    expect(await exec('grep NoNewPrivs /proc/1/status')).toMatch(/1$/m)
    expect(await exec('touch /opt/fairlead/new /new 2>&1 || true')).toMatch(/Read-only file system/)
    for (const account of ['fairlead/fairlead', 'fairlead/fairlead-announce']) {
      const asked = readAudit(folder, account)
      expect(asked.length).toBeGreaterThan(0)
      expect(asked.filter(({ status }) => status === 403)).toEqual([])
    }
  })

  it("nodes, by an upgrade: the Service has the node's address, and is reached there", async () => {
    const mode = 'controller.loadBalancer.addresses={"mode":"nodes","pools":[]}'
    const set = ['--reuse-values', '--set-json', mode, '--wait', '--timeout', '5m']
    await installed.helm('upgrade', 'fairlead', chart, ...set)
    await until(async () => (await shown()) === NODE, LONG)
    await until(async () => /^shop-.*\n200$/.test(await ask(`http://${NODE}/`)), LONG)
    await until(async () => (await here('get', 'daemonsets', '-o', 'name')) === '', LONG)
  })

  it('Services that are deleted before it is uninstalled do not wait for their finalizer', async () => {
    await here('delete', 'service', 'fairlead-controller', '--timeout=120s')
    await installed.helm('uninstall', 'fairlead', '--wait', '--timeout', '5m')
    expect(await here('get', 'services', '-o', 'name')).toBe('')
    const wide = ['clusterrole,clusterrolebinding', '--selector=app.kubernetes.io/instance=fairlead']
    expect(await here('get', ...wide, '-o', 'name')).toBe('')
  })
})
