import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseFieldPath } from './field-path.js'
import { findJsonValues, listItemOffsets, locateInJson } from './json.js'

const mistakes: [fact: string, text: string, offset: number][] = [
  ['a comma at the end', '{"a": 1,}', 8],
  ['a missing comma', '{"a": 1 "b": 2}', 8],
  ['single quotes', "{'a': 1}", 1],
  ['an end that comes too early', '{"a": [1, 2', 11],
  ['a comma between values', '{}, {}', 2],
  ['a second value that is none', '{} }', 3],
  ['a number with a leading zero', '[012]', 2],
  ['a line break in a text', '["a\nb"]', 1],
]
test.each(mistakes)('a mistake in JSON is found: %s', (_fact, text, offset) => {
  expect(() => JSON.parse(text)).toThrow()
  expect(findJsonValues(text)).toBe(offset)
})

test('what JSON.stringify writes has no mistake', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(findJsonValues(text)).toEqual([{ from: 0, to: text.length }])
    }),
  )
})

test('values may stand one after the other', () => {
  expect(findJsonValues(' {"a": "}"}\n{}{} ')).toEqual([
    { from: 1, to: 11 },
    { from: 12, to: 14 },
    { from: 14, to: 16 },
  ])
})

const text = '{ "kind": "List", "items": [ {"a": [1, {"b/c": 2}]}, {"a": null} ] }'
const places: [field: string, at: string][] = [
  ['items[0].a', '"a": [1'],
  ['items[0].a[1]', '{"b/c"'],
  ['items[0].a[1]["b/c"]', '"b/c"'],
  ['items[1].a.nothing', '"a": null'],
  ['items[7]', '"items"'],
  ['', '{ "kind"'],
]
test.each(places)('the field %s stands at %s', (field, at) => {
  expect(locateInJson(text, 0, parseFieldPath(field))).toBe(text.indexOf(at))
})

test('the items of a list are found in one pass', () => {
  expect(listItemOffsets(text, 0, ['items'])).toEqual([text.indexOf('{"a": [1'), text.indexOf('{"a": null')])
})

const paths: [field: string, steps: (string | number)[]][] = [
  ['spec.rules[0].http.paths[12].backend', ['spec', 'rules', 0, 'http', 'paths', 12, 'backend']],
  ['metadata.annotations["a.b/c"]', ['metadata', 'annotations', 'a.b/c']],
  ['data["a\\"]b"].x', ['data', 'a"]b', 'x']],
  ['', []],
  ['--endpoints', ['--endpoints']],
]
test.each(paths)('the steps of the field path %s', (field, steps) => {
  expect(parseFieldPath(field)).toEqual(steps)
})
