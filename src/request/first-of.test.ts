import { expect, test } from 'vitest'
import { firstOf } from './first-of.js'

const steps = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']

test.each([0, 1, 2, 3, 5, 6, 7, 8])('of %i steps each is asked in turn, until one says something', (count) => {
  const some = steps.slice(0, count)
  const asked: string[] = []
  const ask = (step: string, wanted: string): string | undefined => {
    asked.push(step)
    return step === wanted ? `${step}!` : undefined
  }
  expect(firstOf(some, ask, 'nobody', 0, 0, 0)).toBeUndefined()
  expect(asked).toEqual(some)
  for (const [index, step] of some.entries()) {
    asked.length = 0
    expect(firstOf(some, ask, step, 0, 0, 0)).toBe(`${step}!`)
    expect(asked).toEqual(steps.slice(0, index + 1))
  }
})

test('what is behind the steps is handed on', () => {
  expect(firstOf(['x'], (...all) => all.join(), 1, 2, 3, 4)).toBe('x,1,2,3,4')
})
