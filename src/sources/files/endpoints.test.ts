import { expect, test } from 'vitest'
import { parseObject } from '../../snapshot/parse.js'
import { createStore, type Store } from '../../snapshot/store.js'
import { createStandIns } from './endpoints.js'
import { type EndpointsFlag, parseEndpointsFlag } from './endpoints-flag.js'

function flag(text: string): EndpointsFlag {
  const parsed = parseEndpointsFlag(text)
  if (!parsed.ok) throw new Error(parsed.message)
  return parsed.value
}

function add(store: Store, raw: unknown): void {
  const { object } = parseObject(raw, undefined)
  if (object === undefined) throw new Error('not an object')
  store.set(object)
}

const metadata = { name: 'web', namespace: 'shop' }
const service = (...ports: object[]) => ({ apiVersion: 'v1', kind: 'Service', metadata, spec: { ports } })
const http = { name: 'http', port: 80, targetPort: 8080 }
const admin = { name: 'admin', port: 81 }
const dns = { name: 'dns', port: 53, protocol: 'UDP' }
const realSlice = {
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { ...metadata, labels: { 'kubernetes.io/service-name': 'web' } },
}

function slicesOf(store: Store): string[] {
  return (store.snapshot().endpointSlices.get('shop/web') ?? []).map(({ ports, endpoints }) =>
    [
      ports.map(({ name, port }) => `${name}:${port}`).join(),
      endpoints.flatMap(({ addresses }) => addresses).join(),
    ].join(' '),
  )
}

test('a flag without port stands for every port of the Service', () => {
  const store = createStore()
  add(store, service(http, admin, dns))
  const standIns = createStandIns(store, [flag('shop/web=127.0.0.1:9001,[::1]:9001,127.0.0.1:9002')])
  standIns.update()
  expect(slicesOf(store)).toEqual([
    'http:9001,admin:9001,dns:9001 127.0.0.1,::1',
    'http:9002,admin:9002,dns:9002 127.0.0.1',
  ])
  expect(standIns.problems()).toEqual([])
})

test('flags with a port by name and by number stand for that port', () => {
  const store = createStore()
  add(store, service(http, admin))
  createStandIns(store, [flag('shop/web:admin=127.0.0.1:9001'), flag('shop/web:80=127.0.0.1:9002')]).update()
  expect(slicesOf(store)).toEqual(['admin:9001 127.0.0.1', 'http:9002 127.0.0.1'])
})

const ignored: [fact: string, objects: unknown[], says: string][] = [
  ['a Service with EndpointSlices', [service(http), realSlice], 'EndpointSlices of its own'],
  ['no such Service', [], 'no such Service'],
  ['no such port', [service(admin)], 'no TCP or UDP port http'],
  ['a port that is neither TCP nor UDP', [service({ ...http, protocol: 'SCTP' })], 'no TCP or UDP port http'],
]
test.each(ignored)('endpoints/flag-ignored: %s', (_fact, objects, says) => {
  const store = createStore()
  for (const object of objects) add(store, object)
  const standIns = createStandIns(store, [flag('shop/web:http=127.0.0.1:9001')])
  standIns.update()
  expect(slicesOf(store)).toHaveLength(objects.includes(realSlice) ? 1 : 0)
  expect(standIns.problems()).toMatchObject([{ code: 'endpoints/flag-ignored', severity: 'warning' }])
  expect(standIns.problems()[0]?.message).toContain(says)
})

test('the stand-in goes when real slices come, returns when they go, and stays the same meanwhile', () => {
  const store = createStore()
  add(store, service(http))
  const standIns = createStandIns(store, [flag('shop/web=127.0.0.1:9001')])
  standIns.update()
  const before = store.snapshot()
  standIns.update()
  expect(store.snapshot()).toBe(before)
  add(store, realSlice)
  standIns.update()
  expect(slicesOf(store)).toEqual([' '])
  store.delete('EndpointSlice', 'shop', 'web')
  standIns.update()
  expect(slicesOf(store)).toEqual(['http:9001 127.0.0.1'])
  store.delete('Service', 'shop', 'web')
  standIns.update()
  expect(slicesOf(store)).toEqual([])
})
