import { expect, test } from 'vitest'
import { readAddress, linkTo } from './address.js'
import { bytes, count, duration, fromNow, percent, plural, scopeOf } from './words.js'

test('numbers as people read them', () => {
  expect([0, 999, 1234567].map(count)).toEqual(['0', '999', '1.2M'])
  expect([0, 1023, 1536, 5 * 1024 ** 3].map(bytes)).toEqual(['0 B', '1023 B', '1.5 KiB', '5.0 GiB'])
  expect([0, 0.0004, 0.5, 0.9987, 1].map(percent)).toEqual(['0 %', '0.04 %', '50.0 %', '99.87 %', '100 %'])
  expect([0, 0.0042, 0.25, 2.5, 90, 7_200, 200_000].map(duration)).toEqual([
    '0 ms',
    '4.2 ms',
    '250 ms',
    '2.50 s',
    '1 min 30 s',
    '2 h 0 min',
    '2 d 8 h',
  ])
  expect([plural(1, 'error'), plural(2, 'error'), plural(0, 'Ingress', 'Ingresses')]).toEqual([
    '1 error',
    '2 errors',
    '0 Ingresses',
  ])
})

test('times before and after now', () => {
  const now = 1_000_000_000
  const at = [0, -30_000, -180_000, 5_400_000, 12 * 86_400_000]
  expect(at.map((difference) => fromNow(now + difference, now))).toEqual([
    'now',
    '30 s ago',
    '3 min ago',
    'in 2 h',
    'in 12 days',
  ])
})

test('a link leads to the address it was made from, whatever is in it', () => {
  const query = { url: 'https://a.test/?x=1&y=#"<>', headers: 'X-A: b\nX-C: d' }
  const { path, query: read } = readAddress(linkTo(['ingresses', 'a/b', 'c d'], query))
  expect(path).toEqual(['ingresses', 'a/b', 'c d'])
  expect(Object.fromEntries(read)).toEqual(query)
  expect(readAddress('#/%E0%A4%A').path).toEqual(['%E0%A4%A'])
})

test('a view says of which pod it is', () => {
  expect(scopeOf({ source: 'cluster', instance: 'fairlead-controller-7d9' })).toBe(
    'only this pod: fairlead-controller-7d9',
  )
  expect(scopeOf({ source: 'folder', instance: 'laptop' })).toBe('this process, on laptop')
})
