import { describe, expect, test } from 'vitest'
import { bool, int, textOf, word } from './kinds.js'

describe('a boolean (section 0.3)', () => {
  test.each(['1', 't', 'T', 'TRUE', 'true', 'True'])('%j is true', (text) => {
    expect(bool.parse(text)).toEqual({ ok: true, value: true })
  })
  test.each(['0', 'f', 'F', 'FALSE', 'false', 'False'])('%j is false', (text) => {
    expect(bool.parse(text)).toEqual({ ok: true, value: false })
  })
  test.each(['yes', 'tRUE', ' true', 'on', ''])('%j is none', (text) => {
    expect(bool.parse(text).ok).toBe(false)
  })
})

describe('a whole number (section 0.3)', () => {
  test.each([
    ['5', 5],
    ['+5', 5],
    ['-5', -5],
    ['007', 7],
  ])('%j is %i', (text, value) => {
    expect(int().parse(text)).toEqual({ ok: true, value })
  })
  test.each(['5s', '5.0', '', ' 5', '1e3', '9999999999', '٣'])('%j is none', (text) => {
    expect(int().parse(text).ok).toBe(false)
  })
  test('has limits, and says them', () => {
    expect(int({ from: 1, to: 9 }).parse('10')).toEqual({ ok: false, reason: 'is not a whole number from 1 to 9' })
    expect(int({ from: 1 }).form).toBe('whole number from 1')
  })
})

test('a word is one of some, in their spelling', () => {
  expect(word('on', 'off').parse('on')).toEqual({ ok: true, value: 'on' })
  expect(word('on', 'off').parse('On').ok).toBe(false)
})

describe('text of some characters', () => {
  const plain = textOf('letters', 'a-z\\-')
  test('is taken as it is', () => {
    expect(plain.parse('a-b')).toEqual({ ok: true, value: 'a-b' })
  })
  test.each(['a b', 'a\n', 'a\nb', '', 'ä', 'a\u0000', '$(a)', '😀'])('%j is refused (GEN-8)', (text) => {
    expect(plain.parse(text).ok).toBe(false)
  })
  test('the first character that is wrong is named', () => {
    expect(plain.parse('ab😀{')).toEqual({ ok: false, reason: 'holds "😀", which is not allowed here' })
  })
})
