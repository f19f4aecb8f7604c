import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BACKEND_PORT, configMap, ingress, ingressClass, service, slice } from './objects.js'
import { LONG, type Replica } from './replica.js'
import { openStage, type Stage } from './stage.js'
import { until } from '../../serve/program.js'

const COUNT = 1_000

let stage: Stage
let replica: Replica

beforeAll(async () => {
  stage = await openStage()
  const { cluster, inside } = stage
  await cluster.apply(service('app', 'one'))
  const good = Array.from({ length: COUNT }, (_, index) => ingress(`good-${index}`, `good-${index}.test`, 'app'))
  await inside.create('/apis/networking.k8s.io/v1/namespaces/default/ingresses', good)
  replica = stage.replica({ flags: ['--disable-leader-election'] })
  replica.start()
  await replica.ready()
}, 300_000)

afterAll(() => stage?.end())

interface Poison {
  /** To the main ConfigMap's namespace instead of `default`. */
  readonly namespace?: string
  readonly objects: readonly object[]
  /** What the log names. */
  readonly told: RegExp
}

const poisons: Readonly<Record<string, Poison>> = {
  'a Secret with garbage': {
    objects: [
      ingress('bad-secret', 'bad-secret.test', 'app', { secret: 'garbage' }),
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'garbage' },
        data: { 'tls.crt': '/wD/', 'tls.key': 'AAA=' },
      },
    ],
    told: /default\/bad-secret spec\.tls\[0\].*garbage.*\[tls\//,
  },
  'an EndpointSlice with odd ports': {
    objects: [
      ingress('bad-slice', 'bad-slice.test', 'bad-slice'),
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'bad-slice' },
        spec: { ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
      },
      // No port at all stands for all ports; one without a number may be anything; UDP carries no HTTP.
      {
        ...slice('bad-slice', 'one'),
        ports: [{ name: 'odd' }, { port: BACKEND_PORT, protocol: 'UDP' }, { name: 'far', port: 65_535 }],
      },
      {
        ...slice('bad-slice', 'one'),
        metadata: { name: 'none', labels: { 'kubernetes.io/service-name': 'bad-slice' } },
        ports: [],
      },
    ],
    told: /default\/bad-slice spec\.rules\[0\].*\[backend\/no-ready-endpoint\]/,
  },
  'an Ingress with strange paths': {
    objects: [
      ingress('bad-path', 'bad-path.test', 'app', {
        path: '/a{b;\u0007}"\'$request_uri [x](',
        pathType: 'ImplementationSpecific',
      }),
      ingress('bad-pattern', 'bad-pattern.test', 'app', {
        path: '/((((a+)+)+)+$',
        pathType: 'ImplementationSpecific',
        annotations: { 'nginx.ingress.kubernetes.io/use-regex': 'true' },
      }),
      ingress('bad-words', 'bad-words.test', 'app', { path: '/x; root /etc;', pathType: 'ImplementationSpecific' }),
    ],
    told: /Ingress default\/bad-words spec\.rules\[0\].*\[ingress\/refused\]/,
  },
  'an Ingress that serves nothing': {
    objects: [
      {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'Ingress',
        metadata: {
          name: 'bad-empty',
          annotations: { 'nginx.ingress.kubernetes.io/no-such-thing': '\u0000\u{1f4a9}' },
        },
        spec: { ingressClassName: 'nginx', rules: [{ host: 'bad-empty.test' }] },
      },
    ],
    told: /Ingress default\/bad-empty .*no-such-thing.*\[annotation\/unknown\]/,
  },
  'a Service without a selector, with a port that nobody serves': {
    objects: [
      ingress('bad-service', 'bad-service.test', 'bad-service'),
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'bad-service' },
        spec: {
          ports: [
            { name: 'a', port: 81, targetPort: 'nowhere' },
            { name: 'b', port: 82, protocol: 'UDP' },
          ],
        },
      },
    ],
    told: /Ingress default\/bad-service spec\.rules\[0\].*\[backend\/port-not-found\]/,
  },
  'a Service that is the name of nothing': {
    objects: [
      ingress('bad-name', 'bad-name.test', 'bad-name'),
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'bad-name' },
        spec: { type: 'ExternalName', externalName: 'no.such.name.invalid', ports: [{ port: 80 }] },
      },
    ],
    told: /Ingress default\/bad-name spec\.rules\[0\].*\[backend\//,
  },
  'a ConfigMap with garbage': {
    namespace: 'fairlead',
    objects: [
      configMap({ 'keep-alive-requests': '; drop', 'no-such-key': '}'.repeat(1000), 'proxy-body-size': '\u0000' }),
    ],
    told: /ConfigMap fairlead\/fairlead-controller .*\[configmap\/(unknown-key|invalid-value)\]/,
  },
  'a foreign IngressClass and one without a controller that anybody knows': {
    objects: [
      ingressClass('foreign', 'example.com/other'),
      ingress('bad-class', 'bad-class.test', 'app', { className: 'nowhere' }),
      ingress('foreign', 'foreign.test', 'app', { className: 'foreign' }),
    ],
    told: /Ingress default\/bad-class spec\.ingressClassName.*\[ingress\/class-not-found\]/,
  },
}

describe(`a poisoned object among ${COUNT} good Ingresses is told by name, and the others are served:`, () => {
  it.each(Object.entries(poisons))('%s', async (_, { namespace, objects, told }) => {
    const { cluster, inside } = stage
    const clients = await inside.startClients(
      ['good-0.test', `good-${COUNT - 1}.test`].map((host) => ({ port: replica.http, host, body: 'one' })),
    )
    await cluster.apply(objects, namespace)
    await replica.logs(told)
    await cluster.apply([ingress('late', 'late.test', 'late'), ...service('late', 'one')])
    await replica.serves('late.test', 'one')
    await cluster.kubectl('delete', 'ingress', 'late')
    await until(async () => (await inside.get({ port: replica.http, host: 'late.test' })).status === 404, LONG)
    expect((await clients.stop()).failed).toEqual([])
    expect(await replica.ask('/readyz')).toMatchObject({ status: 200 })
  })

  it('and all of them together, at a start too', { timeout: 300_000 }, async () => {
    const { cluster, inside } = stage
    for (const { objects, namespace } of Object.values(poisons)) await cluster.apply(objects, namespace)
    const other = stage.replica({ flags: ['--disable-leader-election'] })
    other.start()
    await other.ready()
    const wrong: string[] = []
    const queue = Array.from({ length: COUNT }, (_, index) => `good-${index}.test`).values()
    await Promise.all(
      Array.from({ length: 16 }, async () => {
        for (const host of queue) {
          const { status, body } = await inside.get({ port: other.http, host })
          if (status !== 200 || body !== 'one') wrong.push(`${host}: ${status} ${body}`)
        }
      }),
    )
    expect(wrong).toEqual([])
    for (const { told } of Object.values(poisons)) expect(other.log()).toMatch(told)
    // Neither is the backend of a class that is not ours reached, nor what was refused.
    for (const host of ['foreign.test', 'bad-class.test', 'bad-words.test'])
      expect((await inside.get({ port: other.http, host })).body).not.toBe('one')
  })
})
