import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startCluster, type Cluster } from '../api/cluster.js'
import { chart, HELM_MILLISECONDS, helmPath } from '../chart/helm.js'
import { until } from '../serve/program.js'

const pack = fileURLToPath(new URL('../../deploy/image/pack', import.meta.url))
const at = ['--namespace', 'fairlead']

let cluster: Cluster

/** The chart as it is, but for the image, and for a folder as the source. */
beforeAll(async () => {
  helmPath()
  cluster = await startCluster({ kind: 'node' })
  const { status, stderr } = spawnSync(pack, ['fairlead.test/fairlead:chart', '--cluster', cluster.name], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`deploy/image/pack failed: ${stderr}`)
  const image = 'controller.image.registry=fairlead.test,controller.image.tag=chart'
  const set = ['--set', `${image},controller.extraArgs.manifests=/tmp,controller.service.type=ClusterIP`]
  await helm('install', 'fairlead', chart, ...at, '--create-namespace', ...set, '--wait', '--timeout', '5m')
}, HELM_MILLISECONDS)

afterAll(() => cluster?.end())

const helm = (...words: readonly string[]): Promise<string> => cluster.run(helmPath(), ...words)
const here = (...words: readonly string[]): Promise<string> => cluster.kubectl(...at, ...words)

describe('the chart on a node', () => {
  it('serves behind its Service, as the pods are written', async () => {
    const address = await here('get', 'service', 'fairlead-controller', '-o', 'jsonpath={.spec.clusterIP}')
    const ask = (url: string): Promise<string> =>
      cluster.run('curl', '-sSk', '-m', '20', '-o', '/dev/null', '-w', '%{http_code}', url)
    expect(await ask(`http://${address}/`)).toBe('404')
    expect(await ask(`https://${address}/`)).toBe('404')
  })

  it('its job made a certificate, and the webhook trusts it', async () => {
    await here('wait', '--for=condition=Complete', 'job', '--all', '--timeout=120s')
    const kept = await here('get', 'secret', 'fairlead-admission', '-o', 'jsonpath={.data.cert}')
    const path = 'jsonpath={.webhooks[0].clientConfig.caBundle}'
    expect(await here('get', 'validatingwebhookconfiguration', 'fairlead-admission', '-o', path)).toBe(kept)
    expect(kept).not.toBe('')
  })

  it('the API server asks the webhook, and goes on without it while no controller is there', async () => {
    const refused = ingress('/etc/passwd')
    await until(async () => {
      const answer = await cluster.apply([refused]).then(
        () => 'taken',
        (failure: unknown) => String(failure),
      )
      if (answer === 'taken') await cluster.kubectl('delete', 'ingress', 'shop')
      return answer.includes('denied the request')
    }, 60_000)
    await here('scale', 'deployment/fairlead-controller', '--replicas=0')
    await here('wait', '--for=delete', 'pod', '--selector=app.kubernetes.io/component=controller', '--timeout=120s')
    await cluster.apply([refused])
    await cluster.kubectl('delete', 'ingress', 'shop')
    await here('scale', 'deployment/fairlead-controller', '--replicas=1')
    await here('rollout', 'status', 'deployment/fairlead-controller', '--timeout=120s')
  })

  it('leaves its Secret and nothing else when it is uninstalled, after pods that ended well', async () => {
    await helm('uninstall', 'fairlead', ...at, '--wait', '--timeout', '5m')
    await here('wait', '--for=delete', 'pod', '--all', '--timeout=120s')
    const kinds = 'pod,deployment,service,configmap,job,role,rolebinding,serviceaccount'
    expect(await here('get', kinds, '--selector=app.kubernetes.io/instance=fairlead', '-o', 'name')).toBe('')
    const wide = 'clusterrole,clusterrolebinding,ingressclass,validatingwebhookconfiguration'
    expect(await here('get', wide, '--selector=app.kubernetes.io/instance=fairlead', '-o', 'name')).toBe('')
    expect(await here('get', 'secret', '-o', 'name')).toContain('secret/fairlead-admission')
    expect(await here('get', 'events', '-o', 'jsonpath={.items[*].reason}')).not.toContain('FailedPreStopHook')
  })
})

function ingress(path: string): object {
  const backend = { service: { name: 'shop', port: { number: 80 } } }
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'shop' },
    spec: {
      ingressClassName: 'nginx',
      rules: [{ host: 'shop.test', http: { paths: [{ path, pathType: 'Prefix', backend }] } }],
    },
  }
}
