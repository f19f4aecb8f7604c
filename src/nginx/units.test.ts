import { expect, test } from 'vitest'
import { onOff, seconds, size } from './units.js'

test.each([
  [0, '0'],
  [1, '1'],
  [1000, '1000'],
  [1024, '1k'],
  [1536, '1536'],
  [4096, '4k'],
  [1024 * 1024, '1m'],
  [1536 * 1024, '1536k'],
  [1024 ** 3, '1024m'],
])('%d bytes', (bytes, text) => {
  expect(size(bytes)).toBe(text)
})

test('times and switches', () => {
  expect([seconds(0), seconds(75), onOff(true), onOff(false)]).toEqual(['0s', '75s', 'on', 'off'])
})

test.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])('%d is neither a size nor a time', (value) => {
  expect(() => size(value)).toThrow()
  expect(() => seconds(value)).toThrow()
})
