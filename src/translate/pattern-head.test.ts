import { expect, test } from 'vitest'
import { headOf } from './pattern-head.js'

test.each([
  ['/something(/|$)(.*)', '/something'],
  ['/API/v1/.*', '/api/v1/'],
  ['/foo', '/foo'],
  ['/', '/'],
  ['/a.b', '/a'],
  ['/ab?', '/a'],
  ['/ab*c', '/a'],
  ['/ab{2}', '/a'],
  ['/ab+', '/a'],
  ['/a\\.b|c', ''],
  ['/a|/b', ''],
  ['/a(b|c)d', '/a'],
  ['/a(b|c)d|e', ''],
  ['/a[|]b', '/a'],
  ['/a[(]b|c', ''],
  ['/a\\(b|c', ''],
  ['/a\\[b|c]', ''],
  ['/a[[:alpha:]|]', ''],
  ['/a[]|]b', ''],
  ['/a(?i)b|c', ''],
  ['/a(?#)|)b', ''],
  ['/a(?:b|c)', '/a'],
  ['/a\\Q(\\E|b', ''],
  ['(*ACCEPT)/a', ''],
  ['/\xc3\xa4/x', '/'],
])('every match of ^%s begins with %j', (pattern, head) => {
  expect(headOf(pattern)).toBe(head)
})
