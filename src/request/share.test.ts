import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createShareState, nextInShare } from './share.js'

const random = (most: number): number => Math.floor(Math.random() * most) + 1
const weights = fc
  .integer({ min: 2, max: 1000 })
  .chain((total) => fc.record({ weight: fc.integer({ min: 1, max: total - 1 }), total: fc.constant(total) }))

describe('a share of requests (CAN-7, CAN-10)', () => {
  test('is exact after every request: as many as are due, rounded up or down', () => {
    fc.assert(
      fc.property(weights, (weight) => {
        const state = createShareState()
        let inShare = 0
        for (let asked = 1; asked <= 3 * weight.total; asked++) {
          if (nextInShare(state, weight, random)) inShare++
          const due = (asked * weight.weight) / weight.total
          // A call of `expect` takes longer than all the rest.
          if (inShare < Math.floor(due) || inShare > Math.ceil(due)) expect([asked, inShare]).toEqual([asked, due])
        }
        expect(inShare).toBe(3 * weight.weight)
      }),
      { numRuns: 100 },
    )
  })

  test.each([
    [20, 100],
    [1, 100],
    [50, 100],
    [99, 100],
    [333, 1000],
    [67, 100],
  ])('of %i in %i gives every request the same chance, whatever its place', (weight, total) => {
    const runs = 4000
    const places = Array.from({ length: 40 }, () => 0)
    for (let run = 0; run < runs; run++) {
      const state = createShareState()
      for (const place of places.keys()) {
        if (nextInShare(state, { weight, total }, random)) places[place] = (places[place] ?? 0) + 1
      }
    }
    const chance = weight / total
    // Six standard deviations of a binomial distribution; one false alarm in ten million runs of the test.
    const bound = 6 * Math.sqrt(runs * chance * (1 - chance))
    for (const [place, count] of places.entries()) {
      expect(Math.abs(count - runs * chance), `request ${place + 1}`).toBeLessThanOrEqual(bound)
    }
  })

  test('has no period that clients could fall into step with: of every fifth request a fifth is in the share of a fifth', () => {
    const state = createShareState()
    const asked = 20_000
    let inShare = 0
    for (let i = 0; i < asked; i++) if (nextInShare(state, { weight: 20, total: 100 }, random) && i % 5 === 0) inShare++
    const bound = 6 * Math.sqrt((asked / 5) * 0.2 * 0.8)
    expect(Math.abs(inShare - asked / 25)).toBeLessThanOrEqual(bound)
  })

  test('goes on from where it stands when the weight changes, and begins anew with another total', () => {
    fc.assert(
      fc.property(fc.array(weights, { minLength: 2, maxLength: 20 }), (sequence) => {
        const state = createShareState()
        for (const weight of sequence) {
          for (let i = 0; i < 30; i++) nextInShare(state, weight, random)
          expect(state.due).toBeGreaterThanOrEqual(0)
          expect(state.due).toBeLessThan(weight.total)
        }
      }),
    )
    const state = createShareState()
    let inShare = 0
    for (const weight of [10, 30, 80])
      for (let i = 0; i < 100; i++) if (nextInShare(state, { weight, total: 100 }, random)) inShare++
    expect(inShare).toBe(120)
  })
})
