import { X509Certificate } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { until } from '../../serve/program.js'
import { createAuthority } from '../../support/certificates.js'
import { configMap, ingress, ingressClass, secret, service, slice } from './objects.js'
import { LONG, type Replica } from './replica.js'
import { openStage, type Stage } from './stage.js'

let stage: Stage

beforeAll(async () => {
  stage = await openStage()
})

afterAll(() => stage?.end())

async function start(...flags: readonly string[]): Promise<Replica> {
  const replica = stage.replica({ flags })
  onTestFinished(() => void replica.process()?.kill('SIGTERM'))
  replica.start()
  await replica.ready()
  return replica
}

const isGone = (replica: Replica, host: string): Promise<void> =>
  until(async () => (await stage.inside.get({ port: replica.http, host })).status === 404, LONG)

const statusOf = (namespace: string, name: string): Promise<string> =>
  stage.cluster.kubectl('-n', namespace, 'get', 'ingress', name, '-o', 'jsonpath={.status.loadBalancer.ingress}')

describe('which Ingresses are served', () => {
  it('SEL-4: a class that is made after its Ingress, and one whose controller is another from then on', async () => {
    const { cluster } = stage
    const namespace = await cluster.namespace()
    await cluster.apply(
      [ingress('early', 'early.test', 'app', { className: 'later' }), ...service('app', 'one')],
      namespace,
    )
    const replica = await start()
    await replica.logs(/Ingress test-\w+\/early .*\[ingress\/class-not-found\]/)
    await isGone(replica, 'early.test')
    await cluster.apply([ingressClass('later', 'k8s.io/ingress-nginx')])
    await replica.serves('early.test', 'one')
    await cluster.kubectl('delete', 'ingressclass', 'later')
    await isGone(replica, 'early.test')
    await cluster.apply([ingressClass('later', 'example.com/other')])
    await cluster.apply([ingress('witness', 'witness.test', 'app')], namespace)
    await replica.serves('witness.test', 'one')
    await isGone(replica, 'early.test')
  })

  it('SEL-5: those of a namespace from the moment its labels match, until they do not', async () => {
    const { cluster } = stage
    // The installed role serves no selector; this is what it has to be given for one.
    const account = '--serviceaccount=fairlead:fairlead'
    await cluster.kubectl('create', 'clusterrole', 'namespaces', '--verb=list,watch', '--resource=namespaces')
    await cluster.kubectl('create', 'clusterrolebinding', 'namespaces', '--clusterrole=namespaces', account)
    const namespace = await cluster.namespace()
    await cluster.apply([ingress('labelled', 'labelled.test', 'app'), ...service('app', 'one')], namespace)
    const replica = await start('--watch-namespace-selector=team in (blue, green),!closed')
    await isGone(replica, 'labelled.test')
    await cluster.kubectl('label', 'namespace', namespace, 'team=green')
    await replica.serves('labelled.test', 'one')
    await cluster.kubectl('label', 'namespace', namespace, 'closed=')
    await isGone(replica, 'labelled.test')
    await cluster.kubectl('label', 'namespace', namespace, 'closed-')
    await replica.serves('labelled.test', 'one')
    await cluster.kubectl('label', 'namespace', namespace, 'team=red', '--overwrite')
    await isGone(replica, 'labelled.test')
  })

  it('SEL-5: with --watch-namespace, but the default backend, certificate and ConfigMap are those that flags name anywhere', async () => {
    const { cluster, inside } = stage
    const [served, other, flags] = [await cluster.namespace(), await cluster.namespace(), await cluster.namespace()]
    const { certificate, key } = createAuthority('Elsewhere').issue({ names: ['default.test'] })
    await cluster.apply([ingress('in', 'in.test', 'app'), ...service('app', 'one')], served)
    await cluster.apply([ingress('out', 'out.test', 'app'), ...service('app', 'one')], other)
    await cluster.apply([...service('fallback', 'two'), secret('default', certificate, key)], flags)
    await cluster.apply([configMap({ 'keep-alive-requests': '7' })], 'fairlead')
    onTestFinished(async () => {
      await cluster.kubectl('-n', 'fairlead', 'delete', 'configmap', 'fairlead-controller')
    })
    const replica = await start(
      `--watch-namespace=${served}`,
      `--default-backend-service=${flags}/fallback`,
      `--default-ssl-certificate=${flags}/default`,
    )
    await replica.serves('in.test', 'one')
    await replica.serves('nobody.test', 'two')
    const { fingerprint } = await inside.get({ port: replica.https, host: 'in.test', tls: true })
    expect(fingerprint).toBe(new X509Certificate(certificate).fingerprint256)
    expect(await inside.countKept({ port: replica.http, host: 'in.test' })).toBe(7)
    await cluster.apply([slice('fallback', 'one')], flags)
    await replica.serves('nobody.test', 'one')
    // Not that of the other namespace: the default backend answers.
    await cluster.apply([slice('fallback', 'two')], flags)
    await replica.serves('out.test', 'two')
  })
})

describe('neighbours', () => {
  it('two controllers of different classes beside a foreign one, whose status entries stay', {
    timeout: 300_000,
  }, async () => {
    const { cluster, inside } = stage
    const namespace = await cluster.namespace()
    const one = await start('--controller-class=example.com/one', '--election-id=one')
    const two = await start('--controller-class=example.com/two', '--election-id=two')
    const classes = ['one', 'two', 'foreign'] as const
    await cluster.apply(classes.map((name) => ingressClass(name, `example.com/${name}`)))
    const ours = classes.map((className) => ingress(className, `${className}.test`, 'app', { className }))
    await cluster.kubectl('-n', 'fairlead', 'create', 'role', 'leases', '--verb=get,update', '--resource=leases')
    const account = '--serviceaccount=fairlead:fairlead'
    await cluster.kubectl('-n', 'fairlead', 'create', 'rolebinding', 'leases', '--role=leases', account)
    await cluster.apply([...ours, ...service('app', 'one')], namespace)
    const foreign = {
      status: { loadBalancer: { ingress: [{ ip: '198.51.100.7', ports: [{ port: 80, protocol: 'TCP' }] }] } },
    }
    const patch = ['--subresource=status', '--type=merge', '-p', JSON.stringify(foreign)]
    await cluster.kubectl('-n', namespace, 'patch', 'ingress', 'foreign', ...patch)
    const before = await versionOf('foreign')

    await one.serves('one.test', 'one')
    await two.serves('two.test', 'one')
    for (const [replica, host] of [
      [one, 'two.test'],
      [two, 'one.test'],
      [one, 'foreign.test'],
      [two, 'foreign.test'],
    ] as const)
      expect((await inside.get({ port: replica.http, host })).status).toBe(404)
    // What a program such as external-dns reads: the addresses, as the status has them.
    await until(async () => (await statusOf(namespace, 'one')) === `[{"ip":"192.0.2.${one.http - 7999}"}]`, LONG)
    await until(async () => (await statusOf(namespace, 'two')) === `[{"ip":"192.0.2.${two.http - 7999}"}]`, LONG)
    // An Ingress that changes hands is written by its new owner, and left alone by the one before.
    await cluster.apply([ingress('one', 'one.test', 'app', { className: 'two' })], namespace)
    await two.serves('one.test', 'one')
    await isGone(one, 'one.test')
    await until(async () => (await statusOf(namespace, 'one')) === `[{"ip":"192.0.2.${two.http - 7999}"}]`, LONG)
    expect(await one.stop()).toBe(0)
    expect(await two.stop()).toBe(0)
    expect(await versionOf('foreign')).toBe(before)

    function versionOf(name: string): Promise<string> {
      return cluster.kubectl('-n', namespace, 'get', 'ingress', name, '-o', 'jsonpath={.metadata.resourceVersion}')
    }
  })

  it("cert-manager's HTTP-01 solver comes and goes beside the host it proves, and no request of that is lost", async () => {
    const { cluster, inside } = stage
    const namespace = await cluster.namespace()
    await cluster.apply(
      [ingress('shop', 'shop.test', 'shop', { secret: 'none-yet' }), ...service('shop', 'one')],
      namespace,
    )
    const replica = await start()
    const shop = { port: replica.https, host: 'shop.test', tls: true }
    await until(async () => (await inside.get(shop)).body === 'one', LONG)
    const clients = await inside.startClients([{ ...shop, body: 'one' }])
    const path = '/.well-known/acme-challenge/a-token_0-9'
    // The authority asks without TLS, follows the redirect, and takes any certificate.
    const challenge = async (): Promise<string> => {
      const plain = await inside.get({ port: replica.http, host: 'shop.test' }, path)
      return plain.status === 308 ? (await inside.get(shop, path)).body : plain.body
    }
    for (const className of ['nginx', undefined]) {
      // Older ones name the class by annotation.
      const annotations = {
        'nginx.ingress.kubernetes.io/whitelist-source-range': '0.0.0.0/0,::/0',
        ...(className === undefined ? { 'kubernetes.io/ingress.class': 'nginx' } : {}),
      }
      const solver = ingress('cm-acme-http-solver-x1', 'shop.test', 'cm-acme-http-solver-y2', {
        className,
        annotations,
        path,
        pathType: 'Exact',
      })
      await cluster.apply([solver, ...service('cm-acme-http-solver-y2', 'two')], namespace)
      await until(async () => (await challenge()) === 'two', LONG)
      await cluster.kubectl(
        '-n',
        namespace,
        'delete',
        'ingress/cm-acme-http-solver-x1',
        'service/cm-acme-http-solver-y2',
      )
      await until(async () => (await challenge()) === 'one', LONG)
    }
    expect((await clients.stop()).failed).toEqual([])
    expect(replica.generation()).toBe(1)
  })
})
