import { expect, test } from 'vitest'
import { SortedMap } from '../collections/sorted-map.js'
import type { Ingress } from '../snapshot/objects.js'
import { parseObject } from '../snapshot/parse.js'
import { emptySnapshot } from '../snapshot/snapshot.js'
import { readGlobalSettings } from '../translate/configmap.js'
import { declareIngress } from '../translate/ingress.js'
import { defaultTranslateOptions } from '../translate/options.js'
import { createServed } from './served.js'

function ingress(name: string): Ingress {
  const raw = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name, namespace: 'shop' } }
  const { object } = parseObject(raw, undefined)
  if (object?.kind !== 'Ingress') throw new Error('no Ingress')
  return object
}

const context = {
  ...readGlobalSettings(undefined).value.reading,
  options: defaultTranslateOptions,
  snapshot: emptySnapshot,
}
const declare = (name: string) => declareIngress(ingress(name), context)

test('what is served follows what is declared; the same is the same map', () => {
  const servedBy = createServed()
  const [a, b, c] = [declare('a'), declare('b'), declare('c')]
  const declared = SortedMap.of([
    ['shop/a', a],
    ['shop/b', b],
  ])
  const first = servedBy({ declared })
  expect([...first]).toEqual([
    ['shop/a', a.ingress],
    ['shop/b', b.ingress],
  ])
  expect(servedBy({ declared })).toBe(first)
  const next = declared.with([
    ['shop/a', undefined],
    ['shop/c', c],
  ])
  expect([...servedBy({ declared: next }).keys()]).toEqual(['shop/b', 'shop/c'])
})
