import { expect, test } from 'vitest'
import { pageOf } from './page.js'

const all = Array.from({ length: 25 }, (_, i) => `host-${i}.example.com /cart`)
const self = (text: string): string => text

test('a part of the list, and how many there are', () => {
  expect(pageOf(all, self, { search: '', offset: 20, limit: 10 }, self)).toEqual({
    rows: all.slice(20),
    total: 25,
    offset: 20,
  })
})

test('every word has to be found, wherever', () => {
  const found = pageOf(all, self, { search: ' cart  host-7. ', offset: 0, limit: 10 }, self)
  expect(found).toEqual({ rows: ['host-7.example.com /cart'], total: 1, offset: 0 })
  expect(pageOf(all, self, { search: 'host-7. basket', offset: 0, limit: 10 }, self).total).toBe(0)
})

test('beyond the end there is nothing', () => {
  expect(pageOf(all, self, { search: '', offset: 1_000, limit: 10 }, self)).toEqual({
    rows: [],
    total: 25,
    offset: 1_000,
  })
})
