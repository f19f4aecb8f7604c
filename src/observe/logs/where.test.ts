import { expect, test } from 'vitest'
import { compileCondition } from './conditions.js'
import { parseWhere } from './where.js'

test.each([
  ['status>=500', [['status', '>=', '500']]],
  [
    ' host = shop.test AND path ~ /api/* ',
    [
      ['host', '=', 'shop.test'],
      ['path', '~', '/api/*'],
    ],
  ],
  [
    'browser="Mobile Safari", os!=\'iOS\' && upstream-status<300',
    [
      ['browser', '=', 'Mobile Safari'],
      ['os', '!=', 'iOS'],
      ['upstreamStatus', '<', '300'],
    ],
  ],
  ['service==ns-svc-80', [['service', '=', 'ns-svc-80']]],
  ['method!~POST', [['method', '!~', 'POST']]],
])('%s is read', (text, expected) => {
  const where = parseWhere(text)
  expect(where.ok && where.filter.map(({ dimension, operator, value }) => [dimension, operator, value])).toEqual(
    expected,
  )
})

test.each([
  ['', 'The conditions cannot be read at its end; write them like status>=500'],
  ['status>=500 or host=a', 'The conditions cannot be read at "or host=a"'],
  ['status>=500 and', 'The conditions cannot be read at its end'],
  ['stat=1', 'There is no "stat" to compare; there are host, path, status'],
  ['host>3', 'host is a text: > compares numbers'],
  ['status>five', 'status> needs a status such as 500, not "five".'],
  ['path="/a', 'The conditions cannot be read at "path=\\"/a"'],
])('%s is refused with a sentence', (text, beginning) => {
  const where = parseWhere(text)
  expect(where.ok ? '' : where.message.slice(0, beginning.length)).toBe(beginning)
})

test('conditions compare numbers as numbers and texts without their case', () => {
  const fits = (operator: '=' | '<' | '~' | '!~', value: string, actual: string) =>
    compileCondition({ dimension: 'path', operator, value })(actual)
  expect([
    fits('<', '500', '99'),
    fits('<', '500', ''),
    fits('~', '/api/*/x', '/v1/API/7/x'),
    fits('~', 'x*a', 'a x'),
  ]).toEqual([true, false, true, false])
  expect([fits('!~', 'bot', 'Googlebot'), fits('!~', 'bot', '(other)'), fits('=', 'a', 'A')]).toEqual([
    false,
    false,
    false,
  ])
})
