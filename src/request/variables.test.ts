import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { expandParts, parseVariables } from './variables.js'

const values: Readonly<Record<string, string>> = { host: 'a.test', '1': 'one', '2': 'two', arg_x: '', a_B9: '$host' }
const expand = (text: string): string => expandParts(parseVariables(text), (name) => values[name])

describe('a text with variables', () => {
  test.each([
    ['a name ends where no letter, digit or _ follows', '$host:$a_B9/', 'a.test:$host/'],
    ['braces end a name', '${host}name', 'a.testname'],
    ['an unknown variable is nothing', 'a$nobody-b${nobody}c', 'a-bc'],
    ['an empty value is nothing', '[$arg_x]', '[]'],
    ['a group is one digit', '/$1$2/$12', '/onetwo/one2'],
    ['a group in braces', '/${1}0', '/one0'],
    ['what a variable brings is not expanded again', '$a_B9', '$host'],
    ['a dollar without a name is a dollar', '$ $$host $', '$ $a.test $'],
    ['braces without a name, or never closed, are text', '${} ${host ${ho-st}', '${} ${host ${ho-st}'],
    ['nothing', '', ''],
    ['no variable', 'plain {text}', 'plain {text}'],
  ])('%s', (_fact, text, expanded) => {
    expect(expand(text)).toBe(expanded)
  })

  test('loses no byte', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('$', '{', '}', 'a', '1', '-') }), (text) => {
        const written = parseVariables(text).map((part) => (part.kind === 'text' ? part.text : part.name))
        const without = (all: string): string => all.replace(/[${}]/g, '')
        expect(without(written.join(''))).toBe(without(text))
      }),
    )
  })
})
