import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAuthority } from '../../support/certificates.js'
import { until } from '../../serve/program.js'
import { ingress, secret, service } from './objects.js'
import { LONG } from './replica.js'
import { openServedApp, type ServedApp } from './served-app.js'
import { writeKubeconfig } from './stage.js'

let stage: ServedApp

beforeAll(async () => {
  stage = await openServedApp()
})

afterAll(() => stage?.end())

interface Rule {
  readonly resources: readonly string[]
}

describe('the right to read Secrets', () => {
  it('is taken away and given back: TLS keeps its certificate, the rest lives on, and it heals by itself', async () => {
    const { cluster, inside, first } = stage
    const authority = createAuthority('test')
    const [old, fresh] = [authority.issue({ names: ['tls.test'] }), authority.issue({ names: ['tls.test'] })]
    const target = { port: first.https, host: 'tls.test', tls: true }
    const shown = async (): Promise<string | undefined> => (await inside.get(target)).fingerprint
    const before = await shown()
    await cluster.apply([ingress('tls', 'tls.test', 'app', { secret: 'tls' }), secret('tls', old.certificate, old.key)])
    await until(async () => ![before, undefined].includes(await shown()), LONG)
    const certificate = await shown()
    const plain = await stage.clients()
    const encrypted = await inside.startClients([{ ...target, body: 'one' }])

    const rules = await readRules()
    await setRules(rules.filter(({ resources }) => !resources.includes('secrets')))
    // The watch goes on, as the API server looks at the role only when a request begins; the content may not be read.
    await cluster.apply([secret('tls', fresh.certificate, fresh.key)])
    await first.logs(
      /Secret default\/tls.*resources: \["secrets"\].*resourceNames: \["tls"\], verbs: \["list"\].*\[source\/permission-missing\]/,
    )
    // With the API server the watch ends, and a new one is refused.
    await cluster.control('kill', 'kube-apiserver')
    await cluster.control('start', 'kube-apiserver')
    await first.logs(/resources: \["secrets"\].*verbs: \["list", "watch"\].*\[source\/permission-missing\]/)
    expect(await first.ask('/readyz')).toMatchObject({ status: 200 })
    await cluster.apply([ingress('meanwhile', 'meanwhile.test', 'app')])
    await first.serves('meanwhile.test', 'one')
    expect(await shown()).toBe(certificate)

    await setRules(rules)
    await until(async () => (await shown()) !== certificate, LONG)
    await first.logs(/solved: Secret .*\(source\/permission-missing\)/)
    expect((await encrypted.stop()).failed).toEqual([])
    await stage.isRight(plain)
  })

  async function readRules(): Promise<readonly Rule[]> {
    const text = await stage.cluster.kubectl('get', 'clusterrole', 'fairlead', '-o', 'json')
    return (JSON.parse(text) as { rules: readonly Rule[] }).rules // a ClusterRole
  }

  async function setRules(rules: readonly Rule[]): Promise<void> {
    const patch = JSON.stringify({ rules })
    await stage.cluster.kubectl('patch', 'clusterrole', 'fairlead', '--type=merge', '-p', patch)
  }
})

describe('an account without rights', () => {
  it('is told on /healthz and in the log which rules it needs; with them it serves', async () => {
    const { cluster, folder } = stage
    const kubeconfig = writeKubeconfig(cluster, folder, 'poor', { token: await cluster.token('fairlead', 'poor') })
    const replica = stage.replica({ kubeconfig })
    replica.start('--disable-leader-election')
    for (const plural of ['ingresses', 'services', 'endpointslices', 'ingressclasses', 'configmaps'])
      await replica.logs(new RegExp(`- {apiGroups: \\["[\\w.]*"\\], resources: \\["${plural}"\\].*"list", "watch"\\]}`))
    expect(await replica.ask('/readyz')).toMatchObject({ status: 500 })
    await until(async () => (await replica.ask('/healthz')).body.includes('verbs: ["list", "watch"]'), LONG)

    const account = '--serviceaccount=fairlead:poor'
    await cluster.kubectl('create', 'clusterrolebinding', 'poor', '--clusterrole=fairlead', account)
    await cluster.kubectl('-n', 'fairlead', 'create', 'rolebinding', 'poor', '--role=fairlead', account)
    await replica.ready()
    await cluster.apply([ingress('rich', 'rich.test', 'rich'), ...service('rich', 'two')])
    await replica.serves('rich.test', 'two')
    expect(await replica.stop()).toBe(0)
  })
})
