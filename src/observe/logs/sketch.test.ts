import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addHash, countDistinct, createDistinct, hashOf, mergeDistinct } from './distinct.js'
import { addSeconds, createSketch, mergePacked, mergeSketch, packSketch, quantileOf } from './sketch.js'

const durations = fc.array(fc.integer({ min: 0, max: 3_600_000 }), { minLength: 1, maxLength: 300 })

test('a quantile is within 1 percent of the value of its rank, of joined and packed sketches too', () => {
  fc.assert(
    fc.property(durations, durations, fc.constantFrom(0, 0.5, 0.9, 0.99, 1), (some, others, quantile) => {
      const sketches = [some, others].map((each) => {
        const sketch = createSketch()
        for (const milliseconds of each) addSeconds(sketch, milliseconds / 1000)
        return sketch
      })
      const joined = createSketch()
      const unpacked = createSketch()
      for (const sketch of sketches) {
        mergeSketch(joined, sketch)
        mergePacked(unpacked, packSketch(sketch))
      }
      const all = [...some, ...others].toSorted((a, b) => a - b)
      const exact = (all[Math.floor(quantile * (all.length - 1))] ?? 0) / 1000
      expect(unpacked).toEqual(joined)
      expect(Math.abs((quantileOf(joined, quantile) ?? -1) - exact)).toBeLessThanOrEqual(exact * 0.0101)
    }),
  )
})

test('of nothing there is no quantile', () => {
  expect(quantileOf(createSketch(), 0.5)).toBeNull()
})

test('large counts survive packing', () => {
  const sketch = { keys: [0, 3, 900], counts: [5_000_000_000, 127, 128] }
  const unpacked = createSketch()
  mergePacked(unpacked, packSketch(sketch))
  expect(unpacked).toEqual(sketch)
})

test.each([1, 50, 1_000, 20_000, 200_000])(
  '%d different values are counted within 6 percent, and not twice',
  (count) => {
    const counters = [createDistinct(), createDistinct()] as const
    for (let i = 0; i < count; i++) {
      addHash(counters[i % 2 === 0 ? 0 : 1], hashOf(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`))
      addHash(counters[0], hashOf(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`))
    }
    const joined = createDistinct()
    for (const counter of counters) mergeDistinct(joined, counter)
    expect(Math.abs(countDistinct(joined) - count)).toBeLessThanOrEqual(count * 0.06)
  },
)
