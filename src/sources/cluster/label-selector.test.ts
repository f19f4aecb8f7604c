import { expect, test } from 'vitest'
import { parseLabelSelector } from './label-selector.js'

const labels = { team: 'a', 'example.com/tier': 'web', size: '12', empty: '' }
const rows: [selector: string, fits: boolean][] = [
  ['', true],
  ['team=a', true],
  ['team==a', true],
  ['team = b', false],
  ['team!=b', true],
  ['team!=a', false],
  ['absent!=a', true],
  ['team', true],
  ['absent', false],
  ['!absent', true],
  ['! team', false],
  ['team in (b, a)', true],
  ['team in (b)', false],
  ['absent in (a)', false],
  ['team notin (b)', true],
  ['team notin (a,b)', false],
  ['absent notin (a)', true],
  ['size>11', true],
  ['size>12', false],
  ['size < 13', true],
  ['team>1', false],
  ['empty=', true],
  ['empty', true],
  ['team=', false],
  ['empty in (,x)', true],
  ['example.com/tier=web', true],
  ['team=a,example.com/tier in (web, api),!absent', true],
  ['team=a,size<5', false],
]
test.each(rows)('SEL-5: the selector %j', (selector, fits) => {
  const parsed = parseLabelSelector(selector)
  expect(parsed.ok && parsed.matches(labels)).toBe(fits)
})

test.each([
  '=a',
  'a=b=c',
  'a in b',
  'a in (b',
  'a in (b) c',
  ',',
  'a,',
  'a=b,,c',
  'a b',
  'a=b/c',
  '!a=b',
  'a>x',
  'A/B/c',
  'a in (b c)',
])('SEL-5: %j is no selector, and the message shows the part', (selector) => {
  const parsed = parseLabelSelector(selector)
  expect(parsed.ok ? '' : parsed.message).toMatch(/^".*" is no requirement of a label selector; expected a=b/)
})

test('a label called like a property of every object is a label', () => {
  const parsed = parseLabelSelector('constructor')
  expect(parsed.ok && parsed.matches({})).toBe(false)
})
