import { expect, test } from 'vitest'
import { parseVariables } from '../../request/variables.js'
import { bindGroups, namedGroups } from './named-groups.js'

test.each([
  ['/a/(.*)', []],
  ['/(?<id>\\d+)/(.*)/(?P<rest>.*)', ['id 1', 'rest 3']],
  ["/(a|(?'b'c))", ['b 2']],
  ['/(?:x)(?=y)(?<=z)(?<!z)(?i)(?<n>a)', ['n 1']],
  ['/\\((?<n>a)', ['n 1']],
  ['/\\\\((?<n>a))', ['n 2']],
  ['/[(](?<n>a)[^](]([[:alpha:](]+)(?<m>b)', ['n 1', 'm 3']],
  ['(*UTF)(?<n>a)', ['n 1']],
  ['(?<n>a)|(?<n>b)', ['n 1']],
  ['()()()()()()()()(?<nine>a)(?<ten>b)', ['nine 9']],
  ['/(?<n', []],
])('RW-3: named groups of %s', (pattern, expected) => {
  expect([...namedGroups(pattern)].map(([name, number]) => `${name} ${number}`)).toEqual(expected)
})

test('RW-3: the name of a group is its number, other names stay', () => {
  const parts = parseVariables('/$rest/$host/$1')
  expect(bindGroups(parts, namedGroups('/x/(?<id>.)/(?<rest>.*)'))).toEqual(parseVariables('/$2/$host/$1'))
  expect(bindGroups(parts, namedGroups('/x/(.*)'))).toBe(parts)
})
