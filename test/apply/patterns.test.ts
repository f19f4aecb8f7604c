import { afterAll, describe, expect, test } from 'vitest'
import { createPatternHelper, type MatchQuestion } from '../../src/apply/engine/patterns.js'
import type { Match } from '../../src/model/match.js'
import { enginesForTests } from '../support/engine.js'

describe.each(await enginesForTests())('PCRE2 of NGINX $version (PATH-7)', (engine) => {
  const helper = createPatternHelper(engine)

  afterAll(() => helper.stop())

  test.each<readonly [fact: string, pattern: string, text: string, expected: readonly string[] | 'none' | 'failed']>([
    ['groups in order, caseless', '^/A(.)(.)', '/axyz', ['/axy', 'x', 'y']],
    ['a group that took no part as empty, also the last one', '^/(a)?(b)?', '/x', ['/', '', '']],
    ['named groups by their number', '^/(?<first>a)(b)', '/ab', ['/ab', 'a', 'b']],
    [
      'eleven groups',
      '^/(.)(.)(.)(.)(.)(.)(.)(.)(.)(.)(.)',
      '/abcdefghijk',
      ['/abcdefghijk', ...'abcdefghijk'.split('')],
    ],
    ['look-behind and look-ahead', '(?<=/)b(?=c)', '/bc', ['b']],
    ['bytes, not characters', '^(.)(.)$', '\xc3\xa4', ['\xc3\xa4', '\xc3', '\xa4']],
    ['ASCII letters only as caseless', '^\xe4', '\xc4', 'none'],
    [
      'NUL, line breaks, quotes and backslashes in the text',
      '^(.*)\\\\"$',
      'a\0b\t\x7f\xff\\"',
      ['a\0b\t\x7f\xff\\"', 'a\0b\t\x7f\xff'],
    ],
    ['a line break as no part of the dot', '^/(.*)$', '/a\r\nb', 'none'],
    ['no match', '^/foo', '/bar', 'none'],
    ['a match that runs away as failed, not as none', '^/(a+)+$', `/${'a'.repeat(40)}!`, 'failed'],
    ['recursion without an end as failed', '(?R)', 'x', 'failed'],
    ['a pattern that cannot be compiled as failed', '^/(', '/x', 'failed'],
  ])('finds %s', async (_fact, pattern, text, expected) => {
    expect(await answer({ pattern, text, letters: 'caseless' })).toEqual(
      typeof expected === 'string' ? { kind: expected } : { kind: 'match', captures: expected },
    )
  })

  test('tells letters apart where it is asked to', async () => {
    expect(await answer({ pattern: '^/A', text: '/a', letters: 'exact' })).toEqual({ kind: 'none' })
  })

  test.each([
    ['a parenthesis that is open', '^/foo(bar', 'missing closing parenthesis', 9],
    ['a class that is open', '^/[a', 'missing terminating ] for character class', 4],
    ['a quote in the pattern', '^/"(', 'missing closing parenthesis', 4],
    ['a number that is too large', '^/a{99999}', 'number too big in {} quantifier', 9],
    ['a NUL, behind which nothing is told', '^/(\0b', 'missing closing parenthesis', undefined],
    ['a pattern longer than the message', `^/${'a'.repeat(300)}(`, 'missing closing parenthesis', undefined],
  ])('refuses %s and says where', async (_fact, pattern, reason, position) => {
    const asked = await helper.compile([pattern])
    const [verdict] = asked.ok ? asked.answers : []
    expect(verdict?.kind === 'refused' ? verdict : asked).toMatchObject({ reason, position })
  })

  test('answers thousands of patterns in their order', async () => {
    const patterns = Array.from({ length: 3000 }, (_, i) => (i % 10 === 7 ? `^/p${i}/(` : `^/p${i}(/|$)(.*)`))
    const asked = await helper.compile(patterns)
    const refused = asked.ok ? asked.answers.flatMap(({ kind }, i) => (kind === 'refused' ? [i] : [])) : asked
    expect(refused).toEqual(patterns.flatMap((_, i) => (i % 10 === 7 ? [i] : [])))
  })

  test('answers questions that are asked at the same time', async () => {
    const texts = Array.from({ length: 50 }, (_, i) => `/${i}`)
    const found = await Promise.all(texts.map((text) => answer({ pattern: '^/(.*)', text, letters: 'exact' })))
    expect(found).toEqual(texts.map((text) => ({ kind: 'match', captures: [text, text.slice(1)] })))
  })

  test('starts again after it was stopped', async () => {
    await helper.stop()
    expect(await helper.compile(['a', ')'])).toMatchObject({
      ok: true,
      answers: [{ kind: 'valid' }, { kind: 'refused' }],
    })
  })

  async function answer(question: MatchQuestion): Promise<Match> {
    const asked = await helper.match([question])
    const [match] = asked.ok ? asked.answers : []
    if (match === undefined) throw new Error(JSON.stringify(asked))
    return match
  }
})

test('an engine that does not start is an answer, at every question', async () => {
  const nothing = { command: ['/nonexistent/nginx'], modules: [], luaPackagePath: '', luaPackageCpath: '' }
  const helper = createPatternHelper(nothing)
  for (const _ of [1, 2]) {
    const asked = await helper.compile(['a'])
    expect(asked.ok ? '' : asked.cause).toContain('did not start: spawn /nonexistent/nginx ENOENT')
  }
  await helper.stop()
})

test('an engine that ends, or says nothing, is an answer too', async () => {
  const shell = (script: string): Parameters<typeof createPatternHelper>[0] => ({
    command: ['/bin/sh', '-c', script],
    modules: [],
    luaPackagePath: '',
    luaPackageCpath: '',
  })
  const ends = createPatternHelper(shell('read line; echo "[]"; read line; echo gone >&2; exit 3'))
  expect(await ends.compile(['a'])).toEqual({ ok: false, cause: expect.stringContaining('ended with 3 (gone)') })
  const silent = createPatternHelper(shell('read line; echo "[]"; exec sleep 600'), 200)
  expect(await silent.compile(['a'])).toEqual({ ok: false, cause: expect.stringContaining('no answer within 0.2 s') })
  await Promise.all([ends.stop(), silent.stop()])
})
