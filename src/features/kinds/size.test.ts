import { describe, expect, test } from 'vitest'
import { size, sizeUpTo } from './size.js'

describe('a size (section 0.3)', () => {
  test.each([
    ['0', 0],
    ['100', 100],
    ['7b', 7],
    ['8k', 8192],
    ['8K', 8192],
    ['10m', 10 * 1024 * 1024],
    ['1G', 1024 ** 3],
  ])('%j is %i bytes', (text, bytes) => {
    expect(size.parse(text)).toEqual({ ok: true, value: bytes })
  })
  test.each([
    '',
    'k',
    '1 k',
    '-1',
    '+1',
    '1.5m',
    '1kb',
    '8t',
    '1k\n',
    '0x10',
    '1'.repeat(16),
    '٣k',
    '999999999999999g',
  ])('%j is none', (text) => {
    expect(size.parse(text).ok).toBe(false)
  })
  test('has a limit where it is asked for', () => {
    expect(sizeUpTo(1024).parse('1k').ok).toBe(true)
    expect(sizeUpTo(1024).parse('1025').ok).toBe(false)
  })
})
