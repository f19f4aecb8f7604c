import { expect, test } from 'vitest'
import { readableOwners } from '../configmap/host-owners.js'
import { changeLent, createOwnership, findOwned, mayUse, NOBODY_OWNS, type Ownership } from './ownership.js'

const owned = new Map(
  readableOwners(
    'shop.test: shop\n*.shop.test: shop, preview\n*.deep.shop.test: deep\n*.test: rest\nlost.test: No One',
  ).map((one) => [one.host, one]),
)

test.each([
  ['a host of its own line', 'shop.test', 'shop.test'],
  ['a host one label below a wildcard', 'a.shop.test', '*.shop.test'],
  ['a host several labels below it', 'c.b.a.shop.test', '*.shop.test'],
  ['a host below the nearer of two wildcards', 'a.deep.shop.test', '*.deep.shop.test'],
  ['the name that such a wildcard is below of', 'deep.shop.test', '*.shop.test'],
  ['a wildcard host that is owned itself', '*.deep.shop.test', '*.deep.shop.test'],
  ['a wildcard host below one', '*.a.shop.test', '*.shop.test'],
  ['a host of the last label alone', 'test', undefined],
  ['a host that nobody owns', 'shop.example', undefined],
  ['what nobody declares', '_', undefined],
])('%s belongs as its nearest line says', (_, name, line) => {
  expect(findOwned(owned, name)?.host).toBe(line)
})

test('* is whatever no other line names, and what nobody declares', () => {
  const all = new Map(readableOwners('*: platform\nshop.test: shop').map((one) => [one.host, one]))
  const of = (name: string): string | undefined => findOwned(all, name)?.host
  expect(['shop.test', 'a.shop.test', '*.x', '_'].map(of)).toEqual(['shop.test', '*', '*', '*'])
})

test('a host of which no owner can be read belongs to nobody', () => {
  const ownership = createOwnership(owned, NOBODY_OWNS.lent)
  expect(mayUse(ownership, 'shop', 'lost.test')).toBe(false)
  expect(mayUse(ownership, 'No One', 'lost.test')).toBe(false)
})

test('an owner lends its hosts, and those below a wildcard that it lends; others lend nothing', () => {
  const lent = changeLent(NOBODY_OWNS.lent, [
    { ingress: 'shop/front', hosts: ['shop.test', '*.a.shop.test'], to: ['blog'] },
    { ingress: 'blog/front', hosts: ['shop.test'], to: ['thief'] },
    { ingress: 'thief/front', hosts: ['b.shop.test', '*.shop.test'], to: ['thief'] },
  ])
  const ownership: Ownership = createOwnership(owned, lent)
  const may = (namespace: string, name: string): boolean => mayUse(ownership, namespace, name)
  expect(['shop.test', '*.a.shop.test', 'x.a.shop.test', 'y.x.a.shop.test'].map((name) => may('blog', name))).toEqual([
    true,
    true,
    true,
    true,
  ])
  expect(['a.shop.test', 'b.shop.test', '*.shop.test', 'rest.test'].map((name) => may('blog', name))).toEqual([
    false,
    false,
    false,
    false,
  ])
  expect(['shop.test', 'b.shop.test', '*.shop.test'].map((name) => may('thief', name))).toEqual([false, false, false])
  expect([...ownership.holders].sort()).toEqual(['blog', 'deep', 'preview', 'rest', 'shop'])
})
