import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HELM_MILLISECONDS } from '../chart/helm.js'
import { until } from '../serve/program.js'
import { CONTROLLER, ingress, installChart, type Installed } from './installed.js'

let installed: Installed

/** The chart as it is, but for the image. */
beforeAll(async () => {
  installed = await installChart(['controller.service.type=ClusterIP'])
}, HELM_MILLISECONDS)

afterAll(() => installed?.cluster.end())

const here = (...words: readonly string[]): Promise<string> => installed.here(...words)

describe('the chart on a node', () => {
  it('serves behind its Service, as the pods are written', async () => {
    const { cluster, address } = installed
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
    const { cluster } = installed
    const refused = ingress('shop', 'shop.test', '/etc/passwd')
    await until(async () => {
      const answer = await cluster.apply([refused]).then(
        () => 'taken',
        (failure: unknown) => String(failure),
      )
      if (answer === 'taken') await cluster.kubectl('delete', 'ingress', 'shop')
      return answer.includes('denied the request')
    }, 60_000)
    await here('scale', 'deployment/fairlead-controller', '--replicas=0')
    await here('wait', '--for=delete', 'pod', '--selector', CONTROLLER, '--timeout=120s')
    await cluster.apply([refused])
    await cluster.kubectl('delete', 'ingress', 'shop')
    await here('scale', 'deployment/fairlead-controller', '--replicas=1')
    await here('rollout', 'status', 'deployment/fairlead-controller', '--timeout=120s')
  })

  it('leaves its Secret and nothing else when it is uninstalled, after pods that ended well', async () => {
    await installed.helm('uninstall', 'fairlead', '--wait', '--timeout', '5m')
    await here('wait', '--for=delete', 'pod', '--all', '--timeout=120s')
    const kinds = 'pod,deployment,service,configmap,job,role,rolebinding,serviceaccount'
    expect(await here('get', kinds, '--selector=app.kubernetes.io/instance=fairlead', '-o', 'name')).toBe('')
    const wide = 'clusterrole,clusterrolebinding,ingressclass,validatingwebhookconfiguration'
    expect(await here('get', wide, '--selector=app.kubernetes.io/instance=fairlead', '-o', 'name')).toBe('')
    expect(await here('get', 'secret', '-o', 'name')).toContain('secret/fairlead-admission')
    expect(await here('get', 'events', '-o', 'jsonpath={.items[*].reason}')).not.toContain('FailedPreStopHook')
  })
})
