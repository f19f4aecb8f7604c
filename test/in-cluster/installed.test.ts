import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chart, HELM_MILLISECONDS } from '../chart/helm.js'
import { until } from '../serve/program.js'
import { auditFlags, permissionsOf, readAudit, type Asked, type Permission } from './audit.js'
import { CONTROLLER, ingress, installChart, type Installed } from './installed.js'
import { shop } from './rolling/shop.js'

const SAMPLES = 40

let installed: Installed
const folder = mkdtempSync(join(tmpdir(), 'fairlead-installed-'))

beforeAll(async () => {
  chmodSync(folder, 0o777)
  installed = await installChart(['controller.replicaCount=2'], { options: ['--lb'], serverFlags: auditFlags(folder) })
  const logFolder = mkdtempSync(join(folder, 'shop-'))
  chmodSync(logFolder, 0o777)
  await installed.cluster.apply(shop({ replicas: 2, preStop: 'sleeps', logFolder }))
  await installed.cluster.kubectl('rollout', 'status', 'deployment/shop', '--timeout=5m')
}, HELM_MILLISECONDS)

afterAll(async () => {
  await installed?.cluster.end()
  rmSync(folder, { recursive: true, force: true })
})

const kubectl = (...words: readonly string[]): Promise<string> => installed.cluster.kubectl(...words)
const here = (...words: readonly string[]): Promise<string> => installed.here(...words)
const curl = (...words: readonly string[]): Promise<string> =>
  installed.cluster.run('curl', '-sSk', '-m', '20', '-H', 'Host: shop.test', ...words)
const statusOf = (url: string): Promise<string> => curl('-o', '/dev/null', '-w', '%{http_code}', url)

/** The pod that leads. */
async function leader(): Promise<string> {
  let holder = ''
  await until(async () => {
    const found = await here('get', 'lease', '-o', 'jsonpath={.items[0].spec.holderIdentity}').catch(() => '')
    holder = found.replace(/_[^_]*$/, '')
    return holder !== ''
  }, 60_000)
  return holder
}

describe('the controller in its cluster', () => {
  it('writes the address of its Service into the Ingress, and serves there (STA-1)', async () => {
    const service = 'jsonpath={.status.loadBalancer.ingress[0].ip}'
    let address = ''
    await until(async () => {
      address = await here('get', 'service', 'fairlead-controller', '-o', service)
      return address !== '' && (await kubectl('get', 'ingress', 'shop')).includes(` ${address} `)
    }, 60_000)
    await until(async () => (await statusOf(`http://${address}/`)) === '200', 60_000)
    expect(await statusOf(`https://${address}/`)).toBe('200')
  })

  it('says by events of the Ingress when it is live, and what is wrong and what to do', async () => {
    await installed.cluster.apply([ingress('broken')])
    await until(async () => (await kubectl('describe', 'ingress', 'shop')).includes('Live'), 60_000)
    let said = ''
    await until(async () => {
      said = await kubectl('describe', 'ingress', 'broken')
      return said.includes('Warning')
    }, 60_000)
    expect(said).toMatch(/BackendServiceNotFound .* There is no Service default\/broken\. Requests get 503\./)
    await kubectl('delete', 'ingress', 'broken')
  })

  it('runs as user 101, with a read-only root, without a way to more rights', async () => {
    const pod = await leader()
    const exec = (command: string): Promise<string> => here('exec', pod, '--', 'sh', '-c', command)
    expect((await exec('id -u')).trim()).toBe('101')
    expect(await exec('grep NoNewPrivs /proc/1/status')).toMatch(/1$/m)
    expect(await exec('touch /opt/fairlead/new /new 2>&1 || true')).toMatch(/Read-only file system/)
    const caps = await exec('grep -h CapBnd /proc/[0-9]*/status | sort -u')
    // Bit 10: NET_BIND_SERVICE, and nothing else.
    expect(caps.trim()).toMatch(/^CapBnd:\s+0000000000000400$/)
  })

  it('a kill of the leading controller leaves NGINX serving; another process adopts it in the same container', async () => {
    const pod = await leader()
    const address = await here('get', 'pod', pod, '-o', 'jsonpath={.status.podIP}')
    await until(async () => (await statusOf(`http://${address}/`)) === '200', 60_000)
    const kill =
      'for p in /proc/[0-9]*; do grep -qE "^(node|MainThread|node-MainThread)$" $p/comm && kill -9 ${p#/proc/}; done; true'
    await here('exec', pod, '--', 'sh', '-c', kill)
    const seen = new Set<string>()
    await until(async () => {
      seen.add(await statusOf(`http://${address}/`))
      return (await here('logs', pod)).includes('adopted the running NGINX')
    }, 60_000)
    expect([...seen]).toEqual(['200'])
    expect(await here('get', 'pod', pod, '-o', 'jsonpath={.status.containerStatuses[0].restartCount}')).toBe('0')
    await here('wait', '--for=condition=Ready', `pod/${pod}`, '--timeout=120s')
  })

  it('a pod that is deleted finishes a download under way before it is gone (SHD-1, SHD-2)', async () => {
    const pod = await leader()
    const address = await here('get', 'pod', pod, '-o', 'jsonpath={.status.podIP}')
    await until(async () => (await statusOf(`http://${address}/`)) === '200', 60_000)
    const download = curl('-o', '/dev/null', '-w', '%{http_code} %{size_download}', `http://${address}/download`)
    await here('delete', 'pod', pod, '--timeout=120s')
    expect(await download).toBe(`200 ${30 * 16_384}`)
    expect(await here('get', 'events', '-o', 'jsonpath={.items[*].reason}')).not.toContain('FailedPreStopHook')
    await here('rollout', 'status', 'deployment/fairlead-controller', '--timeout=120s')
  })

  it('follows new Ingresses and moved endpoints soon (DYN-1)', async () => {
    const { cluster } = installed
    const addresses = await here('get', 'pods', '--selector', CONTROLLER, '-o', 'jsonpath={.items[*].status.podIP}')
    const program = fileURLToPath(new URL('latency/measure.mjs', import.meta.url))
    const access = [cluster.url, cluster.caFile, cluster.tokenFile]
    const said = await cluster.run(process.execPath, program, String(SAMPLES), ...access, ...addresses.split(' '))
    const found = JSON.parse(said) as Record<'ingresses' | 'endpoints', readonly number[]> // measure.mjs wrote it
    for (const [what, samples] of Object.entries(found)) {
      const sorted = samples.toSorted((a, b) => a - b)
      const at = (share: number): string => (sorted[Math.ceil(share * sorted.length) - 1] ?? NaN).toFixed(0)
      process.stdout.write(
        `${what}: p50 ${at(0.5)} ms, p90 ${at(0.9)} ms, slowest ${at(1)} ms, ${sorted.length} samples\n`,
      )
      expect(Number(at(0.9))).toBeLessThan(5_000)
    }
  })

  it('shows the addresses of its nodes where no Service is published, and may read them (STA-2)', async () => {
    const { cluster, helm } = installed
    const set = ['--reuse-values', '--set', 'controller.publishService.enabled=false', '--wait', '--timeout', '5m']
    await helm('upgrade', 'fairlead', chart, ...set)
    const node = 'jsonpath={.items[0].status.addresses[?(@.type=="InternalIP")].address}'
    const address = await cluster.kubectl('get', 'nodes', '-o', node)
    const shown = 'jsonpath={.status.loadBalancer.ingress[*].ip}'
    await until(async () => (await kubectl('get', 'ingress', 'shop', '-o', shown)) === address, 60_000)
  })

  it('asks the API server for nothing that it may not, and for all that it may', async () => {
    const { cluster } = installed
    const withSecret = structuredClone(ingress('with-secret')) as { spec: { tls?: object } }
    withSecret.spec.tls = [{ hosts: ['with-secret.test'], secretName: 'none' }]
    await cluster.apply([withSecret])
    // The second of two equal events changes the first.
    for (const seconds of ['60', '61']) {
      const change = JSON.stringify({ data: { 'keep-alive': seconds } })
      await here('patch', 'configmap', 'fairlead-controller', '--type=merge', '-p', change)
      await until(async () => (await here('get', 'events')).includes('RELOAD'), 60_000)
    }
    const permitted = await permissionsOf(cluster)
    // Where streaming lists are switched off, what is watched is listed first.
    const used = ({ verb, group, resource }: Permission): boolean =>
      asked().some((one) => one.verb === verb && one.group === group && one.resource === resource) ||
      (verb === 'list' && permitted.some((one) => one.verb === 'watch' && one.resource === resource))
    const unused = (): readonly Permission[] => permitted.filter((permission) => !used(permission))
    await until(async () => unused().length === 0, 60_000).catch(() => undefined)
    expect(unused()).toEqual([])
    expect(asked().filter(({ status }) => status === 403)).toEqual([])
    expect(await installed.logs()).not.toMatch(/permission|forbidden/i)
    await kubectl('delete', 'ingress', 'with-secret')
  })
})

const asked = (): readonly Asked[] => readAudit(folder, 'fairlead/fairlead')
