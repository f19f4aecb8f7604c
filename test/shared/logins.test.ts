import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { enginesForTests } from '../support/engine.js'
import * as answers from './login-answers.js'
import { startLua, type LuaRuntime } from './lua.js'
import { tableOf } from './world.js'

const empty = tableOf({ hosts: [], backends: [] })
const bytes = fc
  .uint8Array({ maxLength: 40 })
  .map((array) => Array.from(array, (byte) => String.fromCharCode(byte)).join(''))

const NAMES = ['username', 'realm', 'nonce', 'uri', 'response', 'qop', 'nc', 'cnonce', 'algorithm']
const STANDARD = ['ann', 'realm', '5.id.<nonce 5.id key realm>', '/x', 'r', 'auth', '00000001', 'c', 'MD5']

/** Digests that are nearly right. */
const digests = fc
  .tuple(fc.nat(12), fc.nat(12), bytes, fc.constantFrom('"', ''), fc.constantFrom(', ', ',', ' ', ',,'))
  .map(([changed, left, value, quote, comma]) =>
    NAMES.flatMap((name, i) =>
      i === left ? [] : [`${name}=${quote}${i === changed ? value : (STANDARD[i] ?? '')}${quote}`],
    ).join(comma),
  )

const NONCE = '1764171234.id.<nonce 1764171234.id key realm>'

/** The right answer to that nonce, where MD5 is a copy. */
const rightDigest = (count: string): string =>
  `Digest username="ann", realm="realm", nonce="${NONCE}", uri="/x", qop=auth, nc=${count}, cnonce="c", response="ha1:${NONCE}:${count}:c:auth:get:/x"`

describe.each(await enginesForTests())('LuaJIT of NGINX $version', (engine) => {
  let lua: LuaRuntime<Exclude<keyof typeof answers, 'portOf'>>

  beforeAll(async () => {
    lua = await startLua(engine, 'login-answers')
  })

  afterAll(async () => {
    await lua?.stop()
  })

  test('fields of digests are read as in JavaScript (BAS-7)', async () => {
    const texts = fc.sample(fc.oneof(digests, bytes), 3000)
    const inJavaScript = texts.map((text) => answers.answerFields(empty, text))
    expect(
      await lua.call(
        'answerFields',
        texts.map((text) => [text]),
      ),
    ).toEqual(inJavaScript)
    expect(new Set(inJavaScript).size).toBeGreaterThan(10)
  })

  test('counts of nonces are taken as in JavaScript (BAS-7)', async () => {
    const texts = fc.sample(bytes, 2000)
    const inJavaScript = texts.map((text) => answers.answerUses(empty, text))
    expect(
      await lua.call(
        'answerUses',
        texts.map((text) => [text]),
      ),
    ).toEqual(inJavaScript)
    expect(inJavaScript.some((taken) => taken.includes('-'))).toBe(true)
  })

  test('texts are compared, and nonces made and read, as in JavaScript', async () => {
    const pairs = fc.sample(
      fc.oneof(
        fc.tuple(bytes, bytes),
        bytes.map((text) => [text, text] as const),
      ),
      2000,
    )
    const inJavaScript = pairs.map(([a, b]) => answers.answerSame(empty, a, b))
    expect(inJavaScript).toEqual(pairs.map(([a, b]) => (a === b ? 'same' : 'other')))
    expect(await lua.call('answerSame', pairs)).toEqual(inJavaScript)
    const nonces = [
      ...pairs,
      ['1764171230.id.<nonce 1764171230.id key>', 'key'],
      ['1764171220.id.<nonce 1764171220.id key>', 'key'],
      ['1764171230.id.<nonce 1764171230.id key>', 'other'],
    ] as const
    const made = nonces.map(([nonce, context]) => answers.answerNonce(empty, nonce, context))
    expect(await lua.call('answerNonce', nonces)).toEqual(made)
    expect(made.slice(-3).map((text) => text.split(' ').slice(-2))).toEqual([
      ['fresh', 'fresh'],
      ['fresh', 'not'],
      ['fresh', 'not'],
    ])
  })

  test.each([
    ['basic', undefined, '401|WWW-Authenticate: Basic realm="realm"|'],
    ['basic', 'Basic ann:secret', 'granted|Authorization removed'],
    ['basic', 'BASIC   ann:secret', 'granted|Authorization removed'],
    ['basic', 'Basic ann:secret\0', '401|WWW-Authenticate: Basic realm="realm"|Authorization removed'],
    ['basic', 'Basicann:secret', '401|WWW-Authenticate: Basic realm="realm"|'],
    ['basic', 'Basic', '401|WWW-Authenticate: Basic realm="realm"|'],
    ['basic', 'Bearer ann:secret', '401|WWW-Authenticate: Basic realm="realm"|'],
    ['basic', 'Basic eve:secret', '401|WWW-Authenticate: Basic realm="realm"|Authorization removed'],
    ['basic', 'Basic constructor:secret', '401|WWW-Authenticate: Basic realm="realm"|Authorization removed'],
    ['digest', rightDigest('00000001'), 'granted|'],
    [
      'digest',
      rightDigest('00000002'),
      `401|WWW-Authenticate: Digest realm="realm", qop="auth", nonce="${NONCE}", algorithm=MD5, stale=true|`,
    ],
    ['digest', undefined, `401|WWW-Authenticate: Digest realm="realm", qop="auth", nonce="${NONCE}", algorithm=MD5|`],
  ])('%s login with %j (BAS-4, BAS-6, BAS-7)', async (which, header, answer) => {
    expect(answers.answerLogin(empty, which, header)).toBe(answer)
    expect(await lua.call('answerLogin', [[which, header]])).toEqual([answer])
  })

  test('logins are decided as in JavaScript (BAS-4, BAS-7)', async () => {
    const header = fc.oneof(
      bytes,
      digests.map((text) => `Digest ${text}`),
      bytes.map((text) => `Basic ${text}`),
    )
    const calls = fc.sample(fc.tuple(fc.constantFrom('basic', 'digest'), header), 2000)
    const inJavaScript = calls.map(([which, text]) => answers.answerLogin(empty, which, text))
    expect(await lua.call('answerLogin', calls)).toEqual(inJavaScript)
  })
})
