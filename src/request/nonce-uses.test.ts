import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addUse } from './nonce-uses.js'

function walk(counts: readonly number[]): readonly boolean[] {
  let uses: number | undefined
  return counts.map((count) => {
    const next = addUse(uses, count)
    if (next !== undefined) uses = next
    return next !== undefined
  })
}

test.each<readonly [fact: string, counts: readonly number[], taken: readonly boolean[]]>([
  ['in order', [1, 2, 3], [true, true, true]],
  ['twice', [1, 1, 2, 1], [true, false, true, false]],
  ['out of order', [3, 1, 2, 2, 4], [true, true, true, false, true]],
  ['far behind', [40, 8, 9, 9], [true, false, true, false]],
  ['far ahead', [1, 1_000_000, 1, 999_969, 999_968], [true, true, false, true, false]],
])('%s', (_, counts, taken) => {
  expect(walk(counts)).toEqual(taken)
})

test('no count is taken twice, and none that is new is refused within the window', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 200 }), { maxLength: 100 }), (counts) => {
      const used = new Set<number>()
      let highest = 0
      for (const [i, taken] of walk(counts).entries()) {
        const count = counts[i] ?? 0
        expect(taken).toBe(!used.has(count) && (highest === 0 || count > highest - 32))
        used.add(count)
        highest = Math.max(highest, taken ? count : 0)
      }
    }),
  )
})
