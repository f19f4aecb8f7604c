import { expect, test } from 'vitest'
import { judge } from './anomalies.js'

const findAnomalies = (values: readonly (number | null)[], least = 0) => judge(values, 'recent', least).anomalies
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

test('by season: an hour is compared with the same hour of the days before, however much the day moves', () => {
  const hour = (i: number): number => 100 + 80 * Math.sin(((i % 24) / 24) * 2 * Math.PI) + (i % 5)
  const values: (number | null)[] = Array.from({ length: 24 * 8 }, (_, i) => hour(i))
  expect(judge(values, 'season').anomalies).toEqual([])
  // What is usual at noon is unusual at night.
  values[24 * 7 + 18] = 180
  expect(judge(values, 'recent').anomalies.map(({ index }) => index)).not.toContain(24 * 7 + 18)
  const { anomalies, usual } = judge(values, 'season')
  expect(anomalies.map(({ index }) => index)).toEqual([24 * 7 + 18])
  expect(usual[24 * 7 + 18]).toBeLessThan(30)
  expect(usual.slice(0, 24 * 4).every((value) => value === null)).toBe(true)
})
