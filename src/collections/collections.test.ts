import fc from 'fast-check'
import { expect, test } from 'vitest'
import { differences } from './differences.js'
import { createRelationChanges, type Relation } from './relation.js'
import { type Change, SortedMap } from './sorted-map.js'
import type { Tree } from './tree.js'

const key = fc.oneof(
  fc.constantFrom('', 'a', 'a/', 'a/b', 'b', '__proto__', 'é', '\u{1f600}'),
  fc.string({ maxLength: 3 }),
)
const change = fc.tuple(key, fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined, freq: 3 }))
/** Single changes, a few, and so many that the map is made anew. */
const batches = fc.array(fc.oneof(fc.array(change, { maxLength: 3 }), fc.array(change, { maxLength: 60 })), {
  maxLength: 30,
})

function expected(batch: Iterable<Change<number>>, before: ReadonlyMap<string, number>): Map<string, number> {
  const map = new Map(before)
  for (const [name, value] of batch) {
    if (value === undefined) map.delete(name)
    else map.set(name, value)
  }
  return map
}

const inOrder = (map: ReadonlyMap<string, number>): [string, number][] =>
  [...map].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))

test('it holds what a Map holds after the same changes, in order of the keys, and is in balance', () => {
  fc.assert(
    fc.property(batches, (all) => {
      let map = SortedMap.empty<number>()
      let model = new Map<string, number>()
      for (const batch of all) {
        map = map.with(batch)
        model = expected(batch, model)
        expect([...map]).toEqual(inOrder(model))
        expect(map.size).toBe(model.size)
        for (const [name] of batch) expect([map.get(name), map.has(name)]).toEqual([model.get(name), model.has(name)])
        expect(heightOf(map.root)).toBeLessThanOrEqual(2 * Math.log2(map.size + 2))
      }
    }),
    { numRuns: 500 },
  )
})

test('a map never changes, and stays the same one when nothing is different', () => {
  fc.assert(
    fc.property(fc.array(change), fc.array(change), (first, second) => {
      const map = SortedMap.of(first.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])))
      const entries = [...map]
      const changed = map.with(second)
      expect([...map]).toEqual(entries)
      expect(map.with(entries)).toBe(map)
      for (const entry of entries) expect(map.with([entry])).toBe(map)
      expect(changed.with(second)).toBe(changed)
    }),
  )
})

test('differences are those of the contents, however the two maps came about', () => {
  fc.assert(
    fc.property(batches, batches, (first, second) => {
      const before = first.reduce((map, batch) => map.with(batch), SortedMap.empty<number>())
      const after = second.reduce((map, batch) => map.with(batch), before)
      const unrelated = SortedMap.of([...after])
      const names = [...new Set([...before.keys(), ...after.keys()])].sort()
      const wanted = names
        .map((name) => ({ key: name, before: before.get(name), after: after.get(name) }))
        .filter((one) => one.before !== one.after)
      expect(differences(before, after)).toEqual(wanted)
      expect(differences(before, unrelated)).toEqual(wanted)
    }),
    { numRuns: 500 },
  )
})

test('a change of one entry shares the others, and is found without looking at them', () => {
  const before = SortedMap.of(Array.from({ length: 10_000 }, (_, n) => [`key-${n}`, { n }] as const))
  const after = before.with([['key-77', { n: 0 }]])
  const olds = new Set(nodesOf(before.root))
  const fresh = nodesOf(after.root).filter((node) => !olds.has(node))
  expect(fresh.length).toBeLessThan(30)
  expect(differences(before, after).map(({ key: name }) => name)).toEqual(['key-77'])
})

test('keys that begin with a text', () => {
  const map = SortedMap.of(['a', 'a/1', 'a/2', 'a0', 'b'].map((name) => [name, name] as const))
  expect([...map.keysFrom('a/')]).toEqual(['a/1', 'a/2'])
  expect([...map.keysFrom('c')]).toEqual([])
  expect([...map.keysFrom('')]).toEqual([...map.keys()])
})

test('a relation holds the pairs that were put and not dropped since', () => {
  const pair = fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('x', 'y'), fc.option(fc.nat(3)))
  fc.assert(
    fc.property(fc.array(fc.array(pair, { maxLength: 6 })), (all) => {
      let relation: Relation<number> = SortedMap.empty()
      const model = new Map<string, number>()
      for (const batch of all) {
        const changes = createRelationChanges<number>()
        for (const [from, to, value] of batch) {
          if (value === null) {
            changes.drop(from, to)
            model.delete(`${from} ${to}`)
          } else {
            changes.put(from, to, value)
            model.set(`${from} ${to}`, value)
          }
        }
        relation = changes.applyTo(relation)
        const pairs = [...relation].flatMap(([from, tos]) => [...tos].map(([to, value]) => [`${from} ${to}`, value]))
        expect(pairs).toEqual(inOrder(model))
        expect([...relation.values()].every(({ size }) => size > 0)).toBe(true)
      }
    }),
  )
})

function heightOf<V>(tree: Tree<V>): number {
  return tree === undefined ? 0 : 1 + Math.max(heightOf(tree.left), heightOf(tree.right))
}

function nodesOf<V>(tree: Tree<V>): Tree<V>[] {
  return tree === undefined ? [] : [tree, ...nodesOf(tree.left), ...nodesOf(tree.right)]
}
