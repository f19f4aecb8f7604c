import { expect, it } from 'vitest'
import { parseObject } from '../../snapshot/parse.js'
import { createStore } from '../../snapshot/store.js'
import { defaultTranslateOptions } from '../../translate/options.js'
import { translate } from '../../translate/translate.js'

const surroundings = { fallbackCertificate: { chain: 'chain', key: 'key' }, now: 0 }

function ingress(published: readonly object[]): object {
  const backend = { service: { name: 'web', port: { number: 80 } } }
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'front', namespace: 'shop', annotations: { 'kubernetes.io/ingress.class': 'nginx' } },
    spec: { rules: [{ host: 'a.test', http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }] },
    status: { loadBalancer: { ingress: published } },
  }
}

it('a status that was written changes no document, so that nothing is pushed', () => {
  const store = createStore()
  const set = (published: readonly object[]): void => {
    const { object } = parseObject(ingress(published), undefined)
    if (object !== undefined) store.set(object)
  }
  set([])
  const before = translate(store.snapshot(), defaultTranslateOptions, surroundings)
  set([{ ip: '192.0.2.1' }])
  const after = translate(store.snapshot(), defaultTranslateOptions, surroundings, before)
  expect(after.hosts.size).toBeGreaterThan(1)
  expect([...after.documents]).toEqual([...before.documents])
  expect(after.problems).toEqual(before.problems)
})
