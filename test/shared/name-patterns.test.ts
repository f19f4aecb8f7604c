import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createPatternHelper, type PatternHelper } from '../../src/apply/engine/patterns.js'
import type { Document, HostDocument, NamePattern } from '../../src/model/documents.js'
import { hostKey, NAMES_KEY, patternHostKey, wildcardKey } from '../../src/model/keys.js'
import type { Match } from '../../src/model/match.js'
import { createMemoryTable } from '../../src/model/memory-table.js'
import { enginesForTests } from '../support/engine.js'
import * as answers from './regex-answers.js'
import { startLua, type LuaRuntime } from './lua.js'

const patterns: readonly NamePattern[] = [
  { pattern: '^www\\.shop\\.', head: 'www', host: 'a.test' },
  { pattern: '^(x+)+\\.heavy$', head: '', host: 'b.test' },
  { pattern: '^api-[0-9]+\\.', head: 'api-', host: 'b.test' },
  { pattern: '\\D\\.test$', head: '', host: 'a.test' },
  { pattern: 'SHOP', head: '', host: 'gone.test' },
]
const chosen = fc.subarray([...patterns], { minLength: 1 })
const name = fc.constantFrom(
  'a.test',
  'z.a.test',
  'www.shop.co.uk',
  'api-1.example',
  'api-x.example',
  `${'x'.repeat(40)}.heavz.y`,
  'my.shop',
  '1.test',
  'q.test',
  '_',
  '',
  '~a.test',
  '\xff.test',
)

describe.each(await enginesForTests())('patterns of host names, with PCRE2 of NGINX $version', (engine) => {
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

  test('find the same host as JavaScript and as Lua, and as trying each after exact and wildcard hosts (HOST-2, ALI-2)', async () => {
    const seen = new Set<string>()
    await fc.assert(
      fc.asyncProperty(chosen, fc.array(name, { minLength: 20, maxLength: 20 }), async (used, names) => {
        const documents = new Map<string, Document>([
          [hostKey('_'), { ...hostOf('_'), asksPatterns: true }],
          ...['a.test', 'b.test'].flatMap((host) => [
            [hostKey(host), hostOf(host)] as const,
            [patternHostKey(host), hostOf(`~${host}`)] as const,
          ]),
          [wildcardKey('a.test'), hostOf('*.a.test')],
          [NAMES_KEY, { patterns: used }],
        ])
        const matches = await matchAll(used, names)
        answers.setMatches(matches)
        const inJavaScript = names.map((one) => answers.answerHost(createMemoryTable(documents), one))
        await lua.setTable(documents)
        await lua.setMatches(matches)
        expect(
          await lua.call(
            'answerHost',
            names.map((one) => [one]),
          ),
        ).toEqual(inJavaScript)
        expect(inJavaScript).toEqual(names.map((one) => expected(used, matches, one)))
        for (const answer of inJavaScript) seen.add(answer)
      }),
      { numRuns: 60 },
    )
    expect([...seen].sort()).toEqual(['*.a.test', '_', 'a.test', '~', '~a.test', '~b.test'])
  })

  async function matchAll(
    used: readonly NamePattern[],
    names: readonly string[],
  ): Promise<Readonly<Record<string, Match>>> {
    const questions = used.flatMap(({ pattern }) =>
      names.map((text) => ({ pattern, text, letters: 'caseless' as const })),
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

function expected(used: readonly NamePattern[], matches: Readonly<Record<string, Match>>, asked: string): string {
  if (asked === 'a.test' || asked === 'b.test') return asked
  if (asked === 'z.a.test') return '*.a.test'
  for (const { pattern, host } of used) {
    const { kind } = matches[answers.matchKey(pattern, asked, 'caseless')] ?? { kind: 'none' }
    if (kind === 'failed') return '~'
    if (kind === 'match') return host === 'gone.test' ? '_' : `~${host}`
  }
  return '_'
}

function hostOf(host: string): HostDocument {
  const root = { path: '/', match: 'implicit', action: { kind: 'answer', status: 404, label: '' } } as const
  return { name: host, paths: { kind: 'literal', exact: {}, prefix: {}, lengths: [] }, root }
}
