import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Table } from '../../src/model/table.js'
import { enginesForTests } from '../support/engine.js'
import * as answers from './auth-answers.js'
import { startLua, type LuaRuntime } from './lua.js'
import { tableOf } from './world.js'

const empty = tableOf({ hosts: [], backends: [] })
const textOf = (...parts: readonly string[]): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...parts), { maxLength: 8 }).map((all) => all.join(''))

const line = fc.oneof(
  textOf('X-A', 'x-b', ':', ' ', '\t', 'a', '\xff', '\0', '\r', '\n', 'close'),
  fc.constantFrom(
    'X-A: a',
    'x-a:  b ',
    'X-B:',
    'Content-Length: 5',
    'Content-Length: 5, 5',
    'Content-Length: +5',
    'content-length: 0x5',
    'Transfer-Encoding: chunked',
    'Transfer-Encoding: gzip, chunked',
    'Connection: Close',
    'Connection: keep-alive',
    'Set-Cookie: s=1',
    'WWW-Authenticate: Basic',
    'Cache-Control: No-Cache',
    'Vary: *',
  ),
)
const status = fc.constantFrom('HTTP/1.1 200 OK', 'HTTP/1.1 200', 'HTTP/1.0 202 ', 'HTTP/1.1 401 \t', 'HTTP/1.1 204 x')
const broken = fc.constantFrom(
  'HTTP/1.1 2000',
  'HTTP/1.2 200',
  'http/1.1 200',
  'HTTP/1.1  200',
  'HTTP/1.1 099',
  '',
  'x',
)
const head = fc
  .tuple(fc.oneof({ weight: 5, arbitrary: status }, { weight: 1, arbitrary: broken }), fc.array(line, { maxLength: 4 }))
  .map(([first, rest]) => [first, ...rest].join('\r\n'))

describe.each(await enginesForTests())('LuaJIT of NGINX $version', (engine) => {
  let lua: LuaRuntime<string>

  beforeAll(async () => {
    lua = await startLua(engine, 'auth-answers')
  })

  afterAll(async () => {
    await lua?.stop()
  })

  async function agree(
    answer: (table: Table, ...texts: never[]) => string,
    calls: readonly (readonly string[])[],
  ): Promise<readonly string[]> {
    const inLua = await lua.call(answer.name, calls)
    // Each of them takes texts.
    const inJavaScript = calls.map((call) => answer(empty, ...(call as never[])))
    const differing = calls.findIndex((_, i) => inLua[i] !== inJavaScript[i])
    expect(differing < 0 ? [] : [calls[differing], inLua[differing], inJavaScript[differing]]).toEqual([])
    return inLua
  }

  test('heads are read as in JavaScript, and never two ways (EXT-2)', async () => {
    const found = await agree(answers.answerHead, fc.sample(fc.tuple(head, fc.constantFrom('GET', 'HEAD')), 5000))
    expect(found.filter((each) => each === 'none').length).toBeGreaterThan(500)
    expect(found.filter((each) => each.endsWith('-')).length).toBeGreaterThan(500)
  })

  test('the end of a body is found where it is, whatever has come of it (EXT-9)', async () => {
    const chunk = fc
      .string({ unit: fc.constantFrom('a', '\r', '\n', '0'), minLength: 1, maxLength: 20 })
      .map((data) => `${data.length.toString(16)}\r\n${data}\r\n`)
    const whole = fc.array(chunk, { maxLength: 4 }).map((chunks) => `${chunks.join('')}0\r\n\r\n`)
    const calls = fc.sample(fc.tuple(whole, fc.nat({ max: 120 }), fc.constantFrom('', 'x', '0\r\n\r\n')), 2000)
    const cut = calls.map(([text, at]) => ['', text.slice(0, at)] as const)
    const states = await agree(answers.answerBody, cut)
    expect(states).toEqual(calls.map(([text, at]) => (at >= text.length ? 'whole' : 'more')))
    const longer = calls.map(([text, , more]) => ['', text + more] as const)
    expect(await agree(answers.answerBody, longer)).toEqual(
      calls.map(([, , more]) => (more === '' ? 'whole' : 'unsure')),
    )
    const noise = fc.sample(fc.tuple(textOf('', 'ab'), textOf('5', 'a', ';', '\r\n', '\r', '\n', 'g', '0', ' ')), 5000)
    await agree(answers.answerBody, noise)
  })

  test('access is decided as in JavaScript, and given only to a 2xx (EXT-1..5, EXT-7)', async () => {
    const target = textOf('/', 'x', '?', '&', '=', '%0d', '%', '"', '\xff', '#', '+')
    const host = fc.constantFrom('a.test', 'A.test:8080', 'b.test', 'a.test:x@b.test', 'a.test.', '')
    const signIn = fc.constantFrom('', 'https://sso.test/$http_x_own', 'https://sso.test')
    const calls = fc.sample(
      fc.tuple(
        head,
        target.map((text) => `/${text}`),
        signIn,
        host,
      ),
      5000,
    )
    const found = await agree(answers.answerAuth, calls)
    const granted = found.filter((each) => each.startsWith('granted'))
    expect(granted.length).toBeGreaterThan(500)
    calls.forEach(([text], i) => {
      if (found[i]?.startsWith('granted') === true) expect(text).toMatch(/^HTTP\/1\.[01] 2\d\d( |\r\n|$)/)
    })
    // What a client can write ends no line.
    for (const each of found) expect(each).not.toMatch(/[^\P{Cc}\t\x80-\xff]/u)
    for (const each of found) expect(/\|\? (\S*)/.exec(each)?.[1] ?? '/verify').toMatch(/^\/verify[!-~]*$/)
    expect(found.join()).not.toContain('x@b.test')
    expect(granted.some((each) => each.includes('|kept'))).toBe(true)
    for (const each of found) if (each.includes('|kept')) expect(each).not.toMatch(/s=1|Cookie/)
  })
})
