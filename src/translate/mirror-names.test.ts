import { expect, test } from 'vitest'
import { parseObject } from '../snapshot/parse.js'
import { createStore } from '../snapshot/store.js'
import { defaultTranslateOptions } from './options.js'
import { translate } from './translate.js'

const surroundings = { fallbackCertificate: { chain: 'chain', key: 'key' }, now: 0 }

test('ack 7: a mirror begins when its name has an address, follows it, and ends with it', () => {
  const store = createStore()
  const annotations = {
    'kubernetes.io/ingress.class': 'nginx',
    'nginx.ingress.kubernetes.io/mirror-target': 'http://staging.test$request_uri',
  }
  const backend = { service: { name: 'app', port: { number: 80 } } }
  const { object } = parseObject(
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name: 'a', namespace: 'test', annotations },
      spec: { rules: [{ host: 'a.test', http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }] },
    },
    undefined,
  )
  if (object === undefined) throw new Error('not an object')
  store.set(object)
  let translation = translate(store.snapshot(), defaultTranslateOptions, surroundings)
  const addresses = (): unknown =>
    translation.hosts.get('a.test')?.document.root.features?.mirror?.targets.map((target) => target.addresses)
  const isSaid = (): boolean =>
    translation.problems.some(({ message }) => message.includes('staging.test has no address'))
  const resolve = (found: readonly string[] | undefined): void => {
    store.setResolved('staging.test', found)
    translation = translate(store.snapshot(), defaultTranslateOptions, surroundings, translation)
  }
  expect([addresses(), isSaid()]).toEqual([undefined, true])
  resolve(['192.0.2.1', '2001:db8::1'])
  expect([addresses(), isSaid()]).toEqual([[['192.0.2.1', '[2001:db8::1]']], false])
  resolve(['192.0.2.2'])
  expect(addresses()).toEqual([['192.0.2.2']])
  resolve(undefined)
  expect([addresses(), isSaid()]).toEqual([undefined, true])
})
