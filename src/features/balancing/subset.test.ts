import { describe, expect, test } from 'vitest'
import { createRing, findOwner } from '../../model/ring.js'
import { createSubsets, findInSubset } from './subset.js'

/** Every member of the set that a key falls to. */
function membersFor(count: number, size: number, key: string): readonly number[] {
  const subsets = createSubsets(count, size)
  return Array.from({ length: size }, (_, i) => findInSubset(subsets, count, key, () => i + 1))
}

describe('subsets of endpoints (LB-3)', () => {
  test('a set holds neighbours, the last one is filled up with the first endpoints', () => {
    const seen = new Set(Array.from({ length: 500 }, (_, i) => membersFor(5, 3, `key ${i}`).join()))
    expect([...seen].sort()).toEqual(['0,1,2', '3,4,0'])
  })

  test('fewer endpoints than a set has are used in turn', () => {
    expect(membersFor(2, 3, 'any')).toEqual([0, 1, 0])
    expect(membersFor(1, 5, 'any')).toEqual([0, 0, 0, 0, 0])
  })

  test('sets lie on the ring as set1, set2, …', () => {
    const ring = createRing(['set1', 'set2', 'set3'])
    for (let i = 0; i < 200; i++) {
      const first = membersFor(9, 3, `key ${i}`)[0] ?? -1
      expect(first / 3).toBe(findOwner(ring, `key ${i}`))
    }
    expect(membersFor(9, 3, '/')[0]).toBe(3)
    expect(membersFor(9, 3, 'alice')[0]).toBe(0)
  })
})
