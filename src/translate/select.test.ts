import { expect, test } from 'vitest'
import { SortedMap } from '../collections/sorted-map.js'
import { parseObject } from '../snapshot/parse.js'
import { emptySnapshot } from '../snapshot/snapshot.js'
import { createStore, type Store } from '../snapshot/store.js'
import { readGlobalSettings } from './configmap.js'
import { defaultTranslateOptions, type TranslateOptions } from './options.js'
import { type Selection, selectIngresses } from './select.js'

function add(store: Store, raw: object): void {
  const { object } = parseObject({ apiVersion: 'networking.k8s.io/v1', ...raw }, undefined)
  if (object === undefined) throw new Error('no object')
  store.set(object)
}

function storeWith(spec: object, annotations: object = {}): Store {
  const store = createStore()
  add(store, { kind: 'Ingress', metadata: { name: 'front', annotations }, spec })
  return store
}

function served(store: Store, options: Partial<TranslateOptions> = {}): number {
  return select(store, options).selected.size
}

function select(store: Store, options: Partial<TranslateOptions> = {}): Selection {
  const { reading } = readGlobalSettings(undefined).value
  const empty = SortedMap.empty<never>()
  const nothing = { selected: empty, unserved: empty, readers: empty, reading }
  return selectIngresses(nothing, emptySnapshot, store.snapshot(), { ...defaultTranslateOptions, ...options }, reading)
}

test('SEL-2: without the permission to read classes, annotation and without-class rules decide', () => {
  const store = storeWith({ ingressClassName: 'nginx' }, { 'kubernetes.io/ingress.class': 'nginx' })
  expect(served(store)).toBe(0)
  store.setIngressClassesReadable(false)
  expect(served(store)).toBe(1)
  expect(served(store, { ingressClass: 'other' })).toBe(0)
  const bare = storeWith({ ingressClassName: 'foreign' })
  bare.setIngressClassesReadable(false)
  expect(served(bare)).toBe(0)
  expect(select(bare).unserved.size).toBe(0)
  expect(served(bare, { watchIngressWithoutClass: true })).toBe(1)
  bare.setIngressClassesReadable(true)
  expect(served(bare, { watchIngressWithoutClass: true })).toBe(0)
})

test('SEL-4: a class created after its Ingress, or taken over by another controller, counts at once', () => {
  const store = storeWith({ ingressClassName: 'nginx' })
  const kind = { kind: 'IngressClass', metadata: { name: 'nginx' } }
  expect(served(store)).toBe(0)
  add(store, { ...kind, spec: { controller: 'k8s.io/ingress-nginx' } })
  expect(served(store)).toBe(1)
  add(store, { ...kind, spec: { controller: 'example.com/other' } })
  expect(served(store)).toBe(0)
})

test('SEL-3: an Ingress without class is told of where there is no other controller, and not in a cluster', () => {
  const bare = storeWith({})
  expect(select(bare).unserved.size).toBe(0)
  const [problem] = select(bare, { isOnlyController: true }).unserved.values()
  expect(problem?.code).toBe('ingress/no-class')
  expect(select(bare, { isOnlyController: true, watchNamespace: 'else' }).unserved.size).toBe(0)
})
