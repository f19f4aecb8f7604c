import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chooseByScore, decayed, observed } from './ewma.js'

const scripted = (...numbers: readonly number[]): ((most: number) => number) => {
  let next = 0
  return (most) => Math.min(most, numbers[next++] ?? 1)
}

describe('a score (BAL-0)', () => {
  test('falls to 1/e in ten seconds', () => {
    expect(decayed(2, 10)).toBeCloseTo(2 / Math.E, 12)
    expect(decayed(2, 0)).toBe(2)
  })

  test('does not rise when a clock was set back', () => {
    expect(decayed(2, -5)).toBe(2)
    expect(observed(2, -5, 9)).toBe(2)
  })

  test('of one that answered long ago is nearly the last time taken', () => {
    expect(observed(5, 100, 0.25)).toBeCloseTo(0.25, 3)
  })

  test('stays between what it was and what was measured', () => {
    const seconds = fc.double({ min: 0, max: 100, noNaN: true })
    fc.assert(
      fc.property(seconds, seconds, seconds, (score, elapsed, taken) => {
        const after = observed(score, elapsed, taken)
        expect(after).toBeGreaterThanOrEqual(Math.min(score, taken) - 1e-9)
        expect(after).toBeLessThanOrEqual(Math.max(score, taken) + 1e-9)
      }),
    )
  })
})

describe('the choice between two (BAL-0)', () => {
  const scores = [0.3, 0.1, 0.2]
  const scoreOf = (position: number): number => scores[position] ?? 0
  const none = (): boolean => false

  test.each([
    [1, 1, 1],
    [1, 2, 2],
    [2, 1, 1],
    [2, 2, 1],
    [3, 1, 2],
    [3, 2, 1],
  ])('of endpoint %i and the %i. of the others', (first, second, chosen) => {
    expect(chooseByScore(3, none, scripted(first, second), scoreOf)).toBe(chosen)
  })

  test('a single endpoint is taken without asking', () => {
    const never = (): never => {
      throw new Error('asked')
    }
    expect(chooseByScore(1, never, never, never)).toBe(0)
  })

  test('endpoints that were tried are skipped, until all were', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 8 }), fc.nat(255), fc.nat(), fc.nat(), (count, mask, a, b) => {
        const avoid = (position: number): boolean => (mask & (1 << position)) !== 0
        const random = (most: number): number => ((most % 2 === 0 ? a : b) % most) + 1
        const chosen = chooseByScore(count, avoid, random, () => 1)
        expect(chosen).toBeGreaterThanOrEqual(0)
        expect(chosen).toBeLessThan(count)
        const all = Array.from({ length: count }, (_, i) => i)
        if (!all.every(avoid)) expect(avoid(chosen)).toBe(false)
      }),
    )
  })
})
