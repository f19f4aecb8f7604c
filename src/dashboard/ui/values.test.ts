import { expect, test } from 'vitest'
import { change, shown } from './values.js'

test('values by their unit, and nothing where nothing was measured', () => {
  expect(shown(null, 'seconds')).toBe('–')
  expect(shown(12_345, 'count')).toBe('12,345')
  expect([0.123, 12.34, 1234.5].map((value) => shown(value, 'rate'))).toEqual(['0.12', '12.3', '1,235'])
  expect(shown(2048, 'bytes')).toBe('2.0 KiB')
  expect(shown(0.25, 'share')).toBe('25.0 %')
  expect(shown(0.25, 'seconds')).toBe('250 ms')
})

test('how a value stands to the one before', () => {
  expect(change(150, 100, 'count')).toBe('+50 %')
  expect(change(99, 100, 'count')).toBe('−1.0 %')
  expect(change(0.03, 0.01, 'share')).toBe('+2.0 points')
  expect(change(100, 100, 'count')).toBe('no change')
  expect([change(1, 0, 'count'), change(null, 1, 'count'), change(1, undefined, 'count')]).toEqual(['', '', ''])
})
