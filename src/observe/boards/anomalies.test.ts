import { expect, test } from 'vitest'
import { findAnomalies } from './anomalies.js'

const wave = (count: number): number[] => Array.from({ length: count }, (_, i) => 100 + 10 * Math.sin(i / 3))

test('a peak and a hole in a curve that moves, and nothing else', () => {
  const values = wave(60)
  values[40] = 400
  values[50] = 0
  const found = findAnomalies(values)
  expect(found.map(({ index }) => index)).toEqual([40, 50])
  expect(found[0]?.score).toBeGreaterThan(5)
  expect(found[1]?.score).toBeLessThan(-5)
  expect(found[0]?.usual).toBeGreaterThan(90)
})

test('a few unusual values do not make the next one usual', () => {
  const values = wave(60)
  for (const index of [40, 41, 42]) values[index] = 400
  expect(findAnomalies(values).map(({ index }) => index)).toEqual([40, 41, 42])
})

test('a flat curve that moves by a hair has none; one that jumps has', () => {
  expect(findAnomalies(Array.from({ length: 40 }, (_, i) => 100 + (i % 7) / 10))).toEqual([])
  expect(findAnomalies([...Array.from({ length: 20 }, () => 100), 200]).map(({ index }) => index)).toEqual([20])
  expect(findAnomalies([...Array.from({ length: 20 }, () => 0), 0.001], 0.01)).toEqual([])
  expect(findAnomalies([...Array.from({ length: 20 }, () => 0), 0.5], 0.01)).toHaveLength(1)
})

test('too little before it, or nothing measured, is no reason to mark', () => {
  expect(findAnomalies([1, 1, 1, 1, 1000])).toEqual([])
  expect(findAnomalies(Array.from({ length: 30 }, () => null))).toEqual([])
})
