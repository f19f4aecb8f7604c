import { expect, test } from 'vitest'
import { durations } from './durations.js'

test.each([
  ['200 202 401 5m', { 200: 300, 202: 300, 401: 300 }],
  ['200 202 10m, 401 30s', { 200: 600, 202: 600, 401: 30 }],
  ['10', { 200: 10, 301: 10, 302: 10 }],
  ['200 500ms', { 200: 0.5 }],
  ['200 1h,200 2h', { 200: 3600 }],
  ['200 0,401 1d', { 401: 86_400 }],
  ['200 1w, 204 1M, 403 1y', { 200: 604_800, 204: 2_592_000, 403: 31_536_000 }],
  ['200 999999999y', { 200: 315_360_000 }],
])('EXT-7: %s', (text, seconds) => {
  expect(durations.parse(text)).toEqual({ ok: true, value: seconds })
})

test.each(['', ',', '200', '5x', '200 5m 401', '20 5m', '600 5m', 'any 5m', '200 -5m', '200 5 m', '200 5m,', '1h30m'])(
  'EXT-12: %j is not a list of durations',
  (text) => {
    // One status alone is a number of seconds.
    expect(durations.parse(text).ok).toBe(text === '200')
  },
)
