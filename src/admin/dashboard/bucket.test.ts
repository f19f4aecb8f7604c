import { expect, test } from 'vitest'
import { createBucket } from './bucket.js'

test('a burst is let through, and after it so many a second', () => {
  let now = 0
  const bucket = createBucket(3, 2, () => now)
  expect([1, 2, 3, 4].map(() => bucket.take())).toEqual([true, true, true, false])
  now = 499
  expect(bucket.take()).toBe(false)
  now = 1_000
  expect([1, 2, 3].map(() => bucket.take())).toEqual([true, true, false])
  now = 100_000
  expect([1, 2, 3, 4].map(() => bucket.take())).toEqual([true, true, true, false])
})
