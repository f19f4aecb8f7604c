import { expect, test } from 'vitest'
import { createBackOff } from './back-off.js'

test('waits double up to the longest one, with chance between half and all of them', () => {
  const longest = createBackOff(250, 10_000, () => 1)
  expect(Array.from({ length: 8 }, () => longest.next())).toEqual([250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000])
  const shortest = createBackOff(250, 10_000, () => 0)
  expect([shortest.next(), shortest.next()]).toEqual([125, 250])
})

test('an end that is no failure costs nothing the first time, and waits when ends come in a row', () => {
  const backOff = createBackOff(250, 10_000, () => 1)
  expect([backOff.nextAfterEnd(), backOff.nextAfterEnd(), backOff.next()]).toEqual([0, 500, 1000])
  expect(backOff.count).toBe(3)
  backOff.reset()
  expect([backOff.count, backOff.nextAfterEnd(), backOff.count]).toEqual([0, 0, 1])
})

test('thousands of failures later the wait is still a number', () => {
  const backOff = createBackOff(250, 10_000, () => 1)
  for (let count = 0; count < 5_000; count++) backOff.next()
  expect(backOff.next()).toBe(10_000)
})
