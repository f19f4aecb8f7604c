import { expect, test } from 'vitest'
import { verdictOf } from '../../bench/figure.js'
import { pairedRatios, quantile, rotated, spreadOf } from '../../bench/statistics.js'

test('quantiles lie between their neighbours, whatever the order', () => {
  expect(quantile([40, 10, 30, 20], 0.5)).toBe(25)
  expect(quantile([3, 1, 2], 0.5)).toBe(2)
  expect(quantile([1, 2, 3, 4, 5], 0.9)).toBeCloseTo(4.6)
  expect(quantile([7], 0.99)).toBe(7)
  expect(quantile([], 0.5)).toBeNaN()
  expect(spreadOf([5, 1, 3, 2, 4])).toEqual({ median: 3, lower: 2, upper: 4 })
})

test('ratios are taken round by round: a round that was slow for both sides does not count as a difference', () => {
  expect(pairedRatios([20, 200, 30], [10, 100])).toEqual([2, 2])
  expect(pairedRatios([20, 30], [0, 15])).toEqual([2])
})

test('every variant is in every round, and none always in the same place', () => {
  const items = ['a', 'b', 'c']
  const rounds = [0, 1, 2, 3, 4, 5].map((round) => rotated(items, round))
  for (const round of rounds) expect([...round].sort()).toEqual(items)
  for (const item of items) expect(new Set(rounds.map((round) => round.indexOf(item))).size).toBeGreaterThan(1)
  expect(rotated([], 3)).toEqual([])
})

test('a goal is reached at its bound, and not just above', () => {
  const goal = { atMost: 1.35, aim: 1.15 }
  expect(verdictOf({ value: 1.15, goal })).toBe('aim reached')
  expect(verdictOf({ value: 1.16, goal })).toBe('reached')
  expect(verdictOf({ value: 1.35, goal })).toBe('reached')
  expect(verdictOf({ value: 1.36, goal })).toBe('NOT reached')
  expect(verdictOf({ value: Number.NaN, goal })).toBe('NOT reached')
  expect(verdictOf({ value: 99, goal: undefined })).toBe('')
})
