import fc from 'fast-check'
import { expect, test } from 'vitest'
import { httpDate } from './http-date.js'

test('a date is written as in HTTP headers', () => {
  expect(httpDate(0)).toBe('Thu, 01 Jan 1970 00:00:00 GMT')
  expect(httpDate(1_709_210_096.9)).toBe('Thu, 29 Feb 2024 12:34:56 GMT')
  expect(httpDate(253_402_300_799)).toBe('Fri, 31 Dec 9999 23:59:59 GMT')
})

test('a date is that of JavaScript', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 253_402_300_799 }), (seconds) => {
      expect(httpDate(seconds)).toBe(new Date(seconds * 1000).toUTCString())
    }),
    { numRuns: 2000 },
  )
})
