import { expect, test } from 'vitest'
import { parseObject } from '../snapshot/parse.js'
import { createStore } from '../snapshot/store.js'
import { explain } from './explain.js'
import { defaultTranslateOptions } from './options.js'
import { translate } from './translate.js'

const PREFIX = 'nginx.ingress.kubernetes.io'

test.each([
  ['true', 'answer'],
  ['false', 'proxy'],
])('ERR-5: explain knows that enable-modsecurity "%s" is no place for a default-backend', (inspects, kind) => {
  const store = createStore()
  const service = (name: string): object => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace: 'test', name },
    spec: { ports: [{ port: 80 }] },
  })
  const annotations = { [`${PREFIX}/enable-modsecurity`]: inspects, [`${PREFIX}/default-backend`]: 'pages' }
  const backend = { service: { name: 'empty', port: { number: 80 } } }
  for (const raw of [
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'IngressClass',
      metadata: { name: 'nginx' },
      spec: { controller: 'k8s.io/ingress-nginx' },
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { namespace: 'test', name: 'a', annotations },
      spec: {
        ingressClassName: 'nginx',
        rules: [{ host: 'a.test', http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }],
      },
    },
    service('empty'),
    service('pages'),
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { namespace: 'test', name: 'pages', labels: { 'kubernetes.io/service-name': 'pages' } },
      addressType: 'IPv4',
      ports: [{ port: 8080 }],
      endpoints: [{ addresses: ['192.0.2.1'] }],
    },
  ]) {
    const { object, problems } = parseObject(raw, undefined)
    if (object === undefined) throw new Error(JSON.stringify(problems))
    store.set(object)
  }
  const engine = { ...defaultTranslateOptions.engine, firewall: 'with core rules' as const }
  const found = translate(
    store.snapshot(),
    { ...defaultTranslateOptions, engine },
    { fallbackCertificate: { chain: 'c', key: 'k' }, now: 0 },
  )
  const { outcome } = explain(found, { scheme: 'http', host: 'a.test', target: '/' }, true)
  expect(outcome.kind).toBe(kind)
  if (outcome.kind === 'answer') expect(outcome.reason).toContain('nobody would inspect what it gets')
})
