import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startCluster, type Cluster } from '../api/cluster.js'
import { until } from '../serve/program.js'

const IMAGE = 'fairlead.test/fairlead:1'
const pack = fileURLToPath(new URL('../../deploy/image/pack', import.meta.url))

let cluster: Cluster

beforeAll(async () => {
  cluster = await startCluster({ kind: 'node' })
  const { status, stderr } = spawnSync(pack, [IMAGE, '--cluster', cluster.name], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`deploy/image/pack failed: ${stderr}`)
}, 900_000)

afterAll(() => cluster?.end())

const addsCapability = { drop: ['ALL'], add: ['NET_BIND_SERVICE'] }
const dropsAll = { drop: ['ALL'] }
const anyPort = { securityContext: { sysctls: [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '0' }] } }

/** What charts for ingress-nginx write, with a read-only root file system. */
function pod(capabilities: object, more: object = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'fairlead' },
    spec: {
      ...more,
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 300,
      containers: [
        {
          name: 'controller',
          image: IMAGE,
          args: ['/nginx-ingress-controller', '--manifests', '/mnt'],
          lifecycle: { preStop: { exec: { command: ['/wait-shutdown'] } } },
          readinessProbe: { httpGet: { path: '/readyz', port: 10254 }, periodSeconds: 1 },
          securityContext: {
            seccompProfile: { type: 'RuntimeDefault' },
            runAsUser: 101,
            runAsNonRoot: true,
            readOnlyRootFilesystem: true,
            allowPrivilegeEscalation: false,
            capabilities,
          },
          volumeMounts: [
            { name: 'state', mountPath: '/var/lib/fairlead' },
            { name: 'temporary', mountPath: '/tmp' },
          ],
        },
      ],
      volumes: [
        { name: 'state', emptyDir: { medium: 'Memory' } },
        { name: 'temporary', emptyDir: {} },
      ],
    },
  }
}

describe('the image as a pod without root, without more rights than it starts with, and with a read-only root', () => {
  it.each([
    ['with the capability, as charts for ingress-nginx have it', addsCapability, {}],
    ['with it, in the network of its node', addsCapability, { hostNetwork: true }],
    ['without any capability, with the sysctl', dropsAll, anyPort],
  ])(
    '%s: serves on ports 80 and 443, and is gone soon after it was deleted (SHD-2, SHD-3)',
    async (_, rights, more) => {
      const namespace = await cluster.namespace()
      const here = (...words: readonly string[]): Promise<string> => cluster.kubectl('-n', namespace, ...words)
      await cluster.apply([pod(rights, more)], namespace)
      await here('wait', '--for=condition=Ready', 'pod/fairlead', '--timeout=120s')
      const address = await here('get', 'pod', 'fairlead', '-o', 'jsonpath={.status.podIP}')
      const ask = (url: string): Promise<string> =>
        cluster.run('curl', '-sSk', '-m', '20', '-o', '/dev/null', '-w', '%{http_code}', url)
      expect(await ask(`http://${address}/`)).toBe('404')
      expect(await ask(`https://${address}/`)).toBe('404')
      // The request to delete returns when the pod is gone.
      await here('delete', 'pod', 'fairlead', '--timeout=60s')
      expect(await here('get', 'events', '-o', 'jsonpath={.items[*].reason}')).not.toContain('FailedPreStopHook')
    },
  )

  it('a crash of its controller does not restart the container: NGINX is adopted', async () => {
    const namespace = await cluster.namespace()
    const here = (...words: readonly string[]): Promise<string> => cluster.kubectl('-n', namespace, ...words)
    await cluster.apply([pod(addsCapability)], namespace)
    await here('wait', '--for=condition=Ready', 'pod/fairlead', '--timeout=120s')
    const kill =
      'for p in /proc/[0-9]*; do if grep -qE "^(node|MainThread|node-MainThread)$" $p/comm; then kill -9 ${p#/proc/}; fi; done'
    await here('exec', 'fairlead', '--', 'sh', '-c', kill)
    await until(async () => (await here('logs', 'fairlead')).includes('adopted the running NGINX'), 60_000)
    expect(await here('get', 'pod', 'fairlead', '-o', 'jsonpath={.status.containerStatuses[0].restartCount}')).toBe('0')
  })

  it('with neither: ends, and says which port it has no right to', async () => {
    const namespace = await cluster.namespace()
    const here = (...words: readonly string[]): Promise<string> => cluster.kubectl('-n', namespace, ...words)
    await cluster.apply([pod(dropsAll)], namespace)
    await here('wait', '--for=jsonpath={.status.phase}=Failed', 'pod/fairlead', '--timeout=120s')
    const code = 'jsonpath={.status.containerStatuses[0].state.terminated.exitCode}'
    expect(await here('get', 'pod', 'fairlead', '-o', code)).toBe('2')
    expect(await here('logs', 'fairlead')).toContain('Port 80')
  })
})
