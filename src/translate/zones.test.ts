import { expect, test } from 'vitest'
import { completeObjects } from '../../test/cases/world-of-case.js'
import { parseObject } from '../snapshot/parse.js'
import { createStore } from '../snapshot/store.js'
import { defaultTranslateOptions } from './options.js'
import { translate, type Translation } from './translate.js'

const path = (name: string): object => ({
  path: `/${name}`,
  pathType: 'Prefix',
  backend: { service: { name, port: { number: 80 } } },
})

const objects = completeObjects(
  [
    {
      kind: 'Ingress',
      metadata: { name: 'a' },
      spec: { rules: [{ host: 'a.test', http: { paths: [path('near'), path('plain')] } }] },
    },
    {
      kind: 'Service',
      metadata: { name: 'near' },
      spec: { ports: [{ port: 80 }], trafficDistribution: 'PreferClose' },
    },
    ...['a', 'b'].map((zone, i) => ({
      kind: 'EndpointSlice',
      metadata: { name: `near-${zone}`, labels: { 'kubernetes.io/service-name': 'near' } },
      addressType: 'IPv4',
      ports: [{ port: 8080 }],
      endpoints: ['a', 'b'].map((name, at) => ({
        addresses: [`10.0.${i}.${at}`],
        hints: { forZones: [{ name }] },
      })),
    })),
  ],
  () => ({ address: '10.0.9.9', port: 8080 }),
)

test('a zone that becomes known changes the upstreams of Services that ask for it, and no others (SVC-9)', () => {
  const store = createStore()
  for (const raw of objects) {
    const { object } = parseObject(raw, undefined)
    if (object !== undefined) store.set(object)
  }
  const surroundings = { fallbackCertificate: { chain: 'chain', key: 'key' }, now: 0 }
  const step = (before?: Translation): Translation =>
    translate(store.snapshot(), defaultTranslateOptions, surroundings, before)
  const addressesOf = ({ upstreams }: Translation, name: string) => upstreams.get(`test/${name}/80`)?.document.addresses
  const before = step()
  expect(addressesOf(before, 'near')).toHaveLength(4)
  store.setZone('b')
  const after = step(before)
  expect(addressesOf(after, 'near')).toEqual(['10.0.0.1', '10.0.1.1'])
  expect(after.upstreams.get('test/plain/80')).toBe(before.upstreams.get('test/plain/80'))
  expect([...after.documents]).toEqual([...step().documents])
})
