import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toBytes } from './pathname.js'
import { shownBytes } from './shown-bytes.js'

test('text comes back as it was', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(shownBytes(toBytes(text))).toBe(text)
    }),
  )
})

test.each([
  ['a byte of another encoding', '/caf\xe9', '/caf\\xe9'],
  ['an overlong form', '\xc0\xaf', '\\xc0\\xaf'],
  ['a surrogate', '\xed\xa0\x80', '\\xed\\xa0\\x80'],
  ['a character that ends too early', '\xc3', '\\xc3'],
])('what is no UTF-8 is escaped: %s', (_fact, bytes, shown) => {
  expect(shownBytes(bytes)).toBe(shown)
})
