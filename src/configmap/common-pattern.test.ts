import { expect, test } from 'vitest'
import { isCommonPattern } from './common-pattern.js'

test.each([
  'msie6',
  'MSIE [1-6]\\.',
  'a{2,3}',
  '(?:a|b)+$',
  '(?i)bot',
  'a(?=b)',
  'scrap(er|y)',
  '\\d+\\s\\w',
  '[^/]+',
  'a\\.b',
  'x\\Z',
])('%s is taken', (text) => expect(isCommonPattern(text)).toBe(true))

test.each([
  '',
  '(',
  'a[]',
  'a[^]b',
  'x{70000}',
  'x{1,70000}',
  '(a)\\1',
  '[[:foo:]]',
  '(?<=a+)x',
  '(?<n>a)',
  '(?>a)',
  '\\u0041',
  '\\Q',
  'a++',
])('%s is not', (text) => expect(isCommonPattern(text)).toBe(false))
