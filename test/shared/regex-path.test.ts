import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createPatternHelper, type PatternHelper } from '../../src/apply/engine/patterns.js'
import type { Document, RegexPath } from '../../src/model/documents.js'
import { hostKey } from '../../src/model/keys.js'
import type { Match } from '../../src/model/match.js'
import { createMemoryTable } from '../../src/model/memory-table.js'
import { headOf } from '../../src/translate/pattern-head.js'
import { enginesForTests } from '../support/engine.js'
import * as answers from './regex-answers.js'
import { startLua, type LuaRuntime } from './lua.js'

const paths = fc.subarray(
  [
    '/api/(v[0-9]+)/(.*)',
    '/api(/|$)(.*)',
    '/(a+)+$',
    '/foo',
    '/foo/bar/[A-Z0-9]{3}',
    '/x|/y',
    '/Sh(o)?p',
    '/.*',
    '/aa',
  ],
  { minLength: 1 },
)
const beginning = fc.constantFrom(
  '/api/v1/',
  '/API',
  '/foo/bar/',
  '/foo',
  '/y',
  '/shp',
  '/aa',
  '/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
  '/',
)
const asked = fc
  .tuple(beginning, fc.constantFrom('', '', 'b4R', '/x', '!', '\xc3\xa4', '\r\n', 'a/'))
  .map(([first, then]) => `${first}${then}`)

const target = fc
  .array(
    fc.constantFrom('/', '$1', '$2', '$9', '$host', '$hostile', '$nobody', 'a', '-', ':', '$', '$$1', '$12', '$0'),
    {
      maxLength: 6,
    },
  )
  .chain((pieces) => fc.constantFrom('', '', '', 'http://').map((scheme) => `${scheme}${pieces.join('')}`))
const hostile = fc
  .uint8Array({ maxLength: 12 })
  .map((array) => Array.from(array, (byte) => String.fromCharCode(byte)).join(''))

describe.each(await enginesForTests())('regular expressions, with PCRE2 of NGINX $version', (engine) => {
  let lua: LuaRuntime<string>
  let helper: PatternHelper

  beforeAll(async () => {
    lua = await startLua(engine, 'regex-answers')
    helper = createPatternHelper(engine)
  })

  afterAll(async () => {
    await lua?.stop()
    await helper?.stop()
  })

  test('a host of them finds the same route as JavaScript and as Lua, and as trying every pattern in order (PATH-5)', async () => {
    const kinds = new Map<string, number>()
    await fc.assert(
      fc.asyncProperty(paths, fc.array(asked, { minLength: 30, maxLength: 30 }), async (chosen, requests) => {
        const patterns = chosen.toSorted((a, b) => b.length - a.length).map(patternOf)
        const documents = new Map<string, Document>([[hostKey('a.test'), hostOf(patterns)]])
        const matches = await matchAll(patterns, requests)
        answers.setMatches(matches)
        const inJavaScript = requests.map((path) =>
          answers.answerRegexRoute(createMemoryTable(documents), 'a.test', path),
        )
        await lua.setTable(documents)
        await lua.setMatches(matches)
        const inLua = await lua.call(
          'answerRegexRoute',
          requests.map((path) => ['a.test', path]),
        )
        expect(inLua).toEqual(inJavaScript)
        expect(inJavaScript).toEqual(requests.map((path) => expected(patterns, matches, path)))
        for (const answer of inJavaScript) {
          const kind = answer === 'found|/' ? 'root' : answer.startsWith('found') ? 'found' : 'failed'
          kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
        }
      }),
      { numRuns: 100 },
    )
    for (const kind of ['root', 'found', 'failed']) expect(kinds.get(kind) ?? 0, kind).toBeGreaterThan(20)
  })

  test('rewriting is the same as JavaScript and as Lua, and never yields CR, LF or NUL (RW-1, RW-3)', async () => {
    const calls = fc.sample(fc.tuple(target, hostile, hostile), 20_000)
    const inJavaScript = calls.map((call) => answers.answerRewrite(createMemoryTable(new Map()), ...call))
    const inLua = await lua.call('answerRewrite', calls)
    expect(inLua.filter((answer, i) => answer !== inJavaScript[i])).toEqual([])
    expect(inLua.length).toBe(calls.length)
    const wrong = inJavaScript.filter((answer) => !/^(to \/[\x21-\x7e]*|redirect http:\/\/[\x21-\x7e]*)$/.test(answer))
    expect(wrong).toEqual([])
    expect(inJavaScript.filter((answer) => answer.startsWith('redirect')).length).toBeGreaterThan(1000)
  })

  async function matchAll(
    patterns: readonly RegexPath[],
    texts: readonly string[],
  ): Promise<Readonly<Record<string, Match>>> {
    const questions = patterns.flatMap(({ pattern }) =>
      texts.map((text) => ({ pattern, text, letters: 'caseless' as const })),
    )
    const found = await helper.match(questions)
    if (!found.ok) throw new Error(found.cause)
    return Object.fromEntries(
      questions.map(({ pattern, text, letters }, i) => [
        answers.matchKey(pattern, text, letters),
        found.answers[i] ?? { kind: 'failed' },
      ]),
    )
  }
})

function expected(patterns: readonly RegexPath[], matches: Readonly<Record<string, Match>>, path: string): string {
  for (const { pattern, route } of patterns) {
    const match = matches[answers.matchKey(pattern, path, 'caseless')]
    if (match?.kind === 'match') return ['found', route.path, ...match.captures].join('|')
    if (match?.kind === 'failed') return `failed|${route.path}`
  }
  return 'found|/'
}

function patternOf(path: string): RegexPath {
  const action = { kind: 'answer', status: 200, label: '' } as const
  return { pattern: `^${path}`, head: headOf(path), route: { path, match: 'regex', action } }
}

function hostOf(patterns: readonly RegexPath[]): Document {
  const root = { path: '/', match: 'implicit', action: { kind: 'answer', status: 404, label: '' } } as const
  return { name: 'a.test', paths: { kind: 'regex', patterns }, root }
}
