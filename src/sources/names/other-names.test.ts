import { expect, test } from 'vitest'
import type { KubernetesObject } from '../../snapshot/objects.js'
import { parseObject } from '../../snapshot/parse.js'
import { createStore } from '../../snapshot/store.js'
import { hasOtherNames, namesToResolve } from './resolve.js'

function service(name: string, spec: object): KubernetesObject {
  const { object } = parseObject(
    { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'shop' }, spec },
    undefined,
  )
  if (object === undefined) throw new Error('no Service')
  return object
}

const external = (name: string, externalName: string) => service(name, { type: 'ExternalName', externalName })
const ordinary = (name: string, port: number) => service(name, { ports: [{ port }] })

test('SVC-6: names are looked through only when a Service that has one came, went or changed', () => {
  const store = createStore()
  const step = (change: () => void): boolean => {
    const before = store.snapshot()
    change()
    return hasOtherNames(before, store.snapshot())
  }
  expect(step(() => store.set(ordinary('web', 80)))).toBe(false)
  expect(step(() => store.set(external('far', 'far.example')))).toBe(true)
  expect(step(() => store.set(ordinary('web', 81)))).toBe(false)
  expect(step(() => store.set(external('near', '192.0.2.1')))).toBe(false)
  expect([...namesToResolve(store.snapshot())]).toEqual(['far.example'])
  expect(step(() => store.set(external('far', 'farther.example')))).toBe(true)
  expect(step(() => store.set(ordinary('far', 80)))).toBe(true)
})

test('ack 7 EXT-10: names of mirrors and of auth services are resolved too', () => {
  const store = createStore()
  const ingress = (target: string, annotation = 'mirror-target'): KubernetesObject => {
    const annotations = { [`nginx.ingress.kubernetes.io/${annotation}`]: target }
    const metadata = { name: 'shop', namespace: 'shop', annotations }
    const { object } = parseObject(
      { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata, spec: {} },
      undefined,
    )
    if (object === undefined) throw new Error('no Ingress')
    return object
  }
  const before = store.snapshot()
  store.set(ingress('http://staging.example$request_uri'))
  const after = store.snapshot()
  expect(hasOtherNames(before, after)).toBe(true)
  expect([...namesToResolve(after)]).toEqual(['staging.example'])
  store.set(ingress('http://staging.example/there'))
  expect(hasOtherNames(after, store.snapshot())).toBe(false)
  store.set(ingress('http://192.0.2.1/there'))
  expect(hasOtherNames(after, store.snapshot())).toBe(true)
  expect(namesToResolve(store.snapshot()).size).toBe(0)
  store.set(ingress('http://auth.example/verify', 'auth-url'))
  expect([...namesToResolve(store.snapshot())]).toEqual(['auth.example'])
  const named = store.snapshot()
  const data = { 'global-auth-url': 'https://auth.example.org/verify' }
  const metadata = { name: 'main', namespace: 'shop' }
  const { object } = parseObject({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data }, undefined)
  if (object === undefined) throw new Error('no ConfigMap')
  store.set(object)
  expect(hasOtherNames(named, store.snapshot())).toBe(true)
  expect([...namesToResolve(store.snapshot())]).toEqual(['auth.example', 'auth.example.org'])
})
