import { describe, expect, test } from 'vitest'
import type { Document, HostDocument } from './documents.js'
import { findCertified, findHost, UNDECIDED_HOST, wildcardParent, withoutFinalDot } from './host.js'
import { hostKey, NAMES_KEY, patternHostKey, wildcardKey } from './keys.js'
import type { MatchPattern } from './match.js'
import { createMemoryTable } from './memory-table.js'

const nobody: MatchPattern = () => ({ kind: 'failed' })

const documents = new Map<string, Document>([
  [hostKey('shop.example.com'), host('shop.example.com', 'default/shop')],
  [hostKey('plain.example.com'), host('plain.example.com')],
  [wildcardKey('example.com'), host('*.example.com', 'default/wildcard')],
  [wildcardKey('plain.example.com'), host('*.plain.example.com')],
  [hostKey('_'), host('_')],
])
const table = createMemoryTable(documents)

describe('the host that answers', () => {
  test.each([
    ['exact before wildcard (HOST-2)', 'shop.example.com', 'shop.example.com'],
    ['wildcard for one more label (HOST-3)', 'blog.example.com', '*.example.com'],
    ['a label of digits, hyphen and underscore (HOST-3)', 'a-1_b.example.com', '*.example.com'],
    ['no wildcard for its own parent (HOST-3)', 'example.com', '_'],
    ['no wildcard for two more labels (HOST-3)', 'a.b.example.com', '_'],
    ['no wildcard for an empty label (HOST-3)', '.example.com', '_'],
    ['no wildcard for a label with another byte (HOST-3)', 'a!.example.com', '_'],
    ['no wildcard for a label with a byte from 0x80 on (HOST-3)', '\xc3\xa4.example.com', '_'],
    ['nobody can ask for a wildcard host by its name', '*.example.com', '_'],
    ['the nearest parent only', 'x.plain.example.com', '*.plain.example.com'],
    ['default for unknown names (HOST-6)', 'example.org', '_'],
    ['default for a name without a dot', 'localhost', '_'],
    ['default for the name of the default server', '_', '_'],
    ['default for no name', '', '_'],
    ['default for an address', '[::1]', '_'],
  ])('%s', (_fact, name, expected) => {
    expect(findHost(table, name, { match: nobody })?.name).toBe(expected)
  })

  test('there is none before the first push', () => {
    expect(findHost(createMemoryTable(new Map()), 'shop.example.com', { match: nobody })).toBeUndefined()
  })
})

describe('the host of names that match a pattern', () => {
  const patterned = createMemoryTable(
    new Map<string, Document>([
      ...documents,
      [hostKey('_'), { ...host('_'), asksPatterns: true }],
      [patternHostKey('shop.example.com'), host('~shop.example.com')],
      [patternHostKey('plain.example.com'), host('~plain.example.com')],
      [
        NAMES_KEY,
        {
          patterns: [
            { pattern: '^x-', head: 'x-', host: 'plain.example.com' },
            { pattern: 'gone', head: '', host: 'nobody.example.com' },
            { pattern: 'fails', head: '', host: 'plain.example.com' },
            { pattern: 'example', head: '', host: 'shop.example.com' },
          ],
        },
      ],
    ]),
  )
  const asked: string[] = []
  const match: MatchPattern = (pattern, text) => {
    asked.push(`${pattern} ${text}`)
    if (pattern === 'fails' && text.includes('costly')) return { kind: 'failed' }
    return new RegExp(pattern).test(text) ? { kind: 'match', captures: [] } : { kind: 'none' }
  }

  test.each([
    ['the first that matches, in order (HOST-2)', 'x-1.example', '~plain.example.com'],
    ['one after it', 'y.example', '~shop.example.com'],
    ['none matches: the default server', 'y.test', '_'],
    ['a host whose document is not there: the default server', 'gone.test', '_'],
    ['a match that fails: nobody can know', 'costly.example', UNDECIDED_HOST.name],
    ['a pattern before that one', 'x-costly.example', '~plain.example.com'],
  ])('%s', (_fact, name, expected) => {
    expect(findHost(patterned, name, { match })?.name).toBe(expected)
  })

  test('exact and wildcard hosts are found without a match', () => {
    asked.length = 0
    expect(findHost(patterned, 'shop.example.com', { match })?.name).toBe('shop.example.com')
    expect(findHost(patterned, 'x-2.example.com', { match })?.name).toBe('*.example.com')
    expect(asked).toEqual([])
  })

  test('a pattern whose beginning is known is not tried where a name begins otherwise', () => {
    asked.length = 0
    findHost(patterned, 'y.example', { match })
    expect(asked).toEqual(['gone y.example', 'fails y.example', 'example y.example'])
  })

  test('nobody can ask for such a host by its name', () => {
    expect(findHost(patterned, '~plain.test', { match })?.name).toBe('_')
  })
})

describe('the certificate for a server name', () => {
  test.each([
    ['that of the host (CERT-5)', 'shop.example.com', 'default/shop'],
    ['that of the wildcard for a name under it (CERT-5)', 'blog.example.com', 'default/wildcard'],
    ['that of the wildcard for a host without its own (CERT-6)', 'plain.example.com', 'default/wildcard'],
    ['none under a wildcard without one', 'x.plain.example.com', undefined],
    ['none for unknown names', 'example.org', undefined],
    ['none for two labels under a wildcard', 'a.b.example.com', undefined],
  ])('%s', (_fact, name, expected) => {
    expect(findCertified(table, name)?.certificate).toBe(expected)
  })
})

test.each([
  ['a.example.com', 'example.com'],
  ['a.', ''],
  ['a', undefined],
  ['.a', undefined],
  ['', undefined],
  ['a b.c', undefined],
])('what a wildcard above %j would be filed under (HOST-3)', (name, expected) => {
  expect(wildcardParent(name)).toBe(expected)
})

test.each([
  ['a.b.', 'a.b'],
  ['a.b', 'a.b'],
  ['.', ''],
  ['', ''],
])('the server name %j without its final dot', (name, expected) => {
  expect(withoutFinalDot(name)).toBe(expected)
})

function host(name: string, certificate?: string): HostDocument {
  return {
    name,
    paths: { kind: 'literal', exact: {}, prefix: {}, lengths: [] },
    root: { path: '/', match: 'implicit', action: { kind: 'answer', status: 404, label: '' } },
    ...(certificate === undefined ? {} : { certificate }),
  }
}
