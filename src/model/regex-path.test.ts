import { describe, expect, test } from 'vitest'
import type { HostDocument, RegexPaths, Route } from './documents.js'
import type { Match, MatchPattern } from './match.js'
import { findRegexRoute } from './regex-path.js'

const root = route('/', 'implicit')

describe('on a host of regular expressions (PATH-5)', () => {
  const paths = pathsOf(['/shop/(a+)+$', '/shop/'], ['/Shop', '/shop'], ['/x|/y', ''])

  test.each<readonly [fact: string, path: string, answers: Readonly<Record<string, Match>>, expected: string]>([
    ['the first pattern that matches wins', '/shop/1', { '^/Shop': found('/shop') }, 'found /Shop [/shop]'],
    [
      'its groups come with it',
      '/shop/aa',
      { '^/shop/(a+)+$': found('/shop/aa', 'aa') },
      'found /shop/(a+)+$ [/shop/aa,aa]',
    ],
    ['no match is the default backend', '/other', {}, 'found / []'],
    ['a match that fails is no "no match"', '/shop/a!', { '^/shop/(a+)+$': { kind: 'failed' } }, 'failed /shop/(a+)+$'],
    ['letters of the beginning are not told apart', '/SHOP', { '^/Shop': found('/SHOP') }, 'found /Shop [/SHOP]'],
    ['a pattern of unknown beginning is always tried', '/a/y', { '^/x|/y': found('/y') }, 'found /x|/y [/y]'],
  ])('%s', (_fact, path, answers, expected) => {
    const answered = findRegexRoute(hostOf(paths), paths, path, (pattern) => answers[pattern] ?? { kind: 'none' })
    const captures = answered.kind === 'found' ? ` [${answered.captures.join(',')}]` : ''
    expect(`${answered.kind} ${answered.route.path}${captures}`).toBe(expected)
  })

  test('patterns are tried in order, caseless, on the whole path, and only where the beginning fits', () => {
    const asked: string[] = []
    const match: MatchPattern = (pattern, text, letters) => {
      asked.push(`${pattern} ${text} ${letters}`)
      return { kind: 'none' }
    }
    findRegexRoute(hostOf(paths), paths, '/Shop2', match)
    expect(asked).toEqual(['^/Shop /Shop2 caseless', '^/x|/y /Shop2 caseless'])
  })
})

function found(...captures: readonly string[]): Match {
  return { kind: 'match', captures }
}

function pathsOf(...patterns: readonly (readonly [path: string, head: string])[]): RegexPaths {
  return {
    kind: 'regex',
    patterns: patterns.map(([path, head]) => ({ pattern: `^${path}`, head, route: route(path, 'regex') })),
  }
}

function hostOf(paths: RegexPaths): HostDocument {
  return { name: 'shop.example.com', paths, root }
}

function route(path: string, match: Route['match']): Route {
  return { path, match, action: { kind: 'answer', status: 200, label: '' } }
}
