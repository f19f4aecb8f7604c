import { expect, test } from 'vitest'
import { referencesOf } from '../../src/features/references.js'
import type { ClusterState } from '../../src/sources/cluster/index.js'
import type { Ingress } from '../../src/snapshot/objects.js'
import { follow, ingress, service } from './cluster.js'
import { FakeApi, type FakeObject } from './fake-api.js'

const prefix = 'nginx.ingress.kubernetes.io'
const namedBy = (kind: 'ConfigMap' | 'Secret', one: Ingress): string[] => referencesOf(kind, one, prefix)

const configMap = (namespace: string, name: string, value: string): FakeObject => ({
  metadata: { namespace, name },
  data: { 'X-Frame': value },
})

const naming = (name: string, key: string): FakeObject =>
  ingress('shop', name, { annotations: { [`${prefix}/custom-headers`]: key } })

const keysOf = ({ snapshot }: ClusterState): string => [...snapshot.configMaps.keys()].sort().join()
const valueOf = ({ snapshot }: ClusterState, key: string): string | undefined =>
  snapshot.configMaps.get(key)?.data['X-Frame']

test('GEN-18: ConfigMaps that annotations name are read, in any namespace, and followed; no other is', async () => {
  const api = new FakeApi()
  api.set('configmaps', configMap('ingress', 'main', 'main'))
  api.set('configmaps', configMap('shared', 'headers', 'one'))
  api.set('configmaps', configMap('shared', 'other', 'unread'))
  api.set('ingresses', naming('front', 'shared/headers'))
  const { source, become } = await follow(api, { namedBy, configMaps: ['ingress/main'] })
  expect(keysOf(source.current())).toBe('ingress/main,shared/headers')
  api.set('configmaps', configMap('shared', 'headers', 'two'))
  await become((state) => valueOf(state, 'shared/headers') === 'two')
  // Two owners: it stays until both are gone.
  api.set('ingresses', naming('cart', 'shared/headers'))
  await become(({ snapshot }) => snapshot.ingresses.has('shop/cart'))
  api.delete('ingresses', 'front', 'shop')
  await become(({ snapshot }) => !snapshot.ingresses.has('shop/front'))
  expect(valueOf(source.current(), 'shared/headers')).toBe('two')
  api.set('ingresses', naming('cart', 'not-a-reference'))
  await become((state) => keysOf(state) === 'ingress/main')
  // The main one is a flag's, whoever names it besides.
  api.set('ingresses', naming('cart', 'ingress/main'))
  await become(
    ({ snapshot }) => snapshot.ingresses.get('shop/cart')?.annotations[`${prefix}/custom-headers`] === 'ingress/main',
  )
  api.delete('ingresses', 'cart', 'shop')
  await become(({ snapshot }) => !snapshot.ingresses.has('shop/cart'))
  expect(valueOf(source.current(), 'ingress/main')).toBe('main')
})

test('an Ingress that begins to name a ConfigMap is never seen without it, and one that does not exist keeps nobody waiting', async () => {
  const api = new FakeApi()
  api.set('configmaps', configMap('shared', 'headers', 'one'))
  api.set('ingresses', ingress('shop', 'front'))
  const seen: string[] = []
  const { source, become } = await follow(api, {
    namedBy,
    onChange() {
      const { snapshot } = source.current()
      const named = snapshot.ingresses.get('shop/front')?.annotations[`${prefix}/custom-headers`]
      seen.push(`${named ?? 'none'}: ${keysOf(source.current())}`)
    },
  })
  api.set('ingresses', naming('front', 'shared/headers'))
  await become((state) => keysOf(state) === 'shared/headers')
  expect(seen).not.toContain('shared/headers: ')
  api.set('ingresses', naming('front', 'shared/missing'))
  api.set('services', service('shop', 'front'))
  await become(({ snapshot }) => snapshot.services.has('shop/front') && snapshot.configMaps.size === 0)
  expect(source.current().problems).toEqual([])
})

test('SEL-5: --watch-namespace keeps ConfigMaps of other namespaces unread, but not the main one', async () => {
  const api = new FakeApi()
  api.set('namespaces', { metadata: { name: 'shop' } })
  api.set('configmaps', configMap('ingress', 'main', 'main'))
  api.set('configmaps', configMap('shared', 'headers', 'one'))
  api.set('configmaps', configMap('shop', 'headers', 'own'))
  api.set('ingresses', naming('front', 'shared/headers'))
  api.set('ingresses', naming('cart', 'shop/headers'))
  const { source } = await follow(api, { namedBy, configMaps: ['ingress/main'], watchNamespace: 'shop' })
  expect(keysOf(source.current())).toBe('ingress/main,shop/headers')
})
