import { describe, expect, test } from 'vitest'
import type { HostDocument, Route } from './documents.js'
import { findRoute } from './path.js'

describe('a Prefix path', () => {
  const host = hostOf({ prefix: ['/aaa', '/aaa/bbb', '/slash/', '/a.b'] })
  test.each([
    ['itself (PATH-1)', '/aaa', 'prefix /aaa'],
    ['itself with a final slash (PATH-1)', '/aaa/', 'prefix /aaa'],
    ['what is below it (PATH-1)', '/aaa/x', 'prefix /aaa'],
    ['no longer element (PATH-1)', '/aaaccc', 'implicit /'],
    ['no shorter element', '/aa', 'implicit /'],
    ['no other case', '/AAA', 'implicit /'],
    ['the longer of two (PATH-4)', '/aaa/bbb/c', 'prefix /aaa/bbb'],
    ['the shorter where the longer does not match an element (PATH-4)', '/aaa/bbbb', 'prefix /aaa'],
    ['written with a slash: with the slash (PATH-2)', '/slash/', 'prefix /slash/'],
    ['written with a slash: what is below (PATH-2)', '/slash/x/y', 'prefix /slash/'],
    ['written with a slash: not without it (PATH-2)', '/slash', 'implicit /'],
    ['written with a slash: no longer element', '/slashx', 'implicit /'],
    ['a dot as a dot', '/axb', 'implicit /'],
    ['the root otherwise (HOST-4)', '/', 'implicit /'],
    ['the root for what is no path', '', 'implicit /'],
    ['far below it, in a long URI', `/aaa/${'x/'.repeat(4000)}`, 'prefix /aaa'],
  ])('matches %s', (_fact, path, expected) => {
    expect(nameOf(routeOf(host, path))).toBe(expected)
  })
})

describe('an Exact path', () => {
  const host = hostOf({ exact: ['/aaa', '/aaa/bbb/'], prefix: ['/aaa', '/aaa/bbb', '/aaa/bbb/ccc'] })
  test.each([
    ['comes before the same Prefix (PATH-4)', '/aaa', 'exact /aaa'],
    ['leaves what is below to the Prefix', '/aaa/', 'prefix /aaa'],
    ['counts its final slash', '/aaa/bbb/', 'exact /aaa/bbb/'],
    ['does not match without its final slash', '/aaa/bbb', 'prefix /aaa/bbb'],
    ['does not hide a longer Prefix', '/aaa/bbb/ccc', 'prefix /aaa/bbb/ccc'],
  ])('%s', (_fact, path, expected) => {
    expect(nameOf(routeOf(host, path))).toBe(expected)
  })
})

test('without any Prefix only Exact paths and the root answer', () => {
  const host = hostOf({ exact: ['/a'] })
  expect(['/a', '/a/', '/b'].map((path) => nameOf(routeOf(host, path)))).toEqual([
    'exact /a',
    'implicit /',
    'implicit /',
  ])
})

test('the two slashes that a Prefix and its longer form share are found from the longest on (PATH-2, PATH-4)', () => {
  const host = hostOf({ prefix: ['/aaa', '/aaa/'] })
  expect(['/aaa', '/aaa/', '/aaa/x'].map((path) => nameOf(routeOf(host, path)))).toEqual([
    'prefix /aaa',
    'prefix /aaa/',
    'prefix /aaa/',
  ])
})

function routeOf(host: HostDocument, path: string): Route {
  if (host.paths.kind !== 'literal') throw new Error('not literal')
  return findRoute(host, host.paths, path)
}

function nameOf({ match, path }: Route): string {
  return `${match} ${path}`
}

function hostOf({ exact = [], prefix = [] }: { exact?: readonly string[]; prefix?: readonly string[] }): HostDocument {
  const routes = (match: Route['match'], paths: readonly string[]): Record<string, Route> =>
    Object.fromEntries(paths.map((path) => [path, route(match, path)]))
  return {
    name: 'shop.example.com',
    paths: {
      kind: 'literal',
      exact: routes('exact', exact),
      prefix: routes('prefix', prefix),
      lengths: [...new Set(prefix.map(({ length }) => length))].sort((a, b) => b - a),
    },
    root: route('implicit', '/'),
  }
}

function route(match: Route['match'], path: string): Route {
  return { match, path, action: { kind: 'answer', status: 200, label: '' } }
}
