import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { enginesForTests } from '../support/engine.js'
import { answerCookie, answerLocation } from './locations-answers.js'
import { startLua, type LuaRuntime } from './lua.js'
import { tableOf } from './world.js'

const empty = tableOf({ hosts: [], backends: [] })
const textOf = (...parts: readonly string[]): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...parts), { maxLength: 12 }).map((all) => all.join(''))
const cookies = textOf(
  'a=b',
  ';',
  ' ',
  'Domain=',
  'DOMAIN=.',
  'path=',
  '/',
  '/app',
  'x.test',
  'X.Test',
  '=',
  'Secure',
  '\u00ff',
)
const urls = textOf('http://', 'x.test', ':8080', '/', '/app', '10.0.0.2:8080', '?a=b', 'HTTP://')

describe('PRX-6: cookies of a backend', () => {
  test.each([
    ['a=b; Domain=x.test; Path=/app/1', 'x.test', 'y.test', 'a=b; Domain=y.test; Path=/app/1'],
    ['a=b; domain=.X.test', 'x.test', 'y.test', 'a=b; domain=.y.test'],
    ['a=b; Domain=sub.x.test', 'x.test', 'y.test', 'a=b; Domain=sub.x.test'],
    ['Domain=x.test', 'x.test', 'y.test', 'Domain=x.test'],
  ])('the Domain of %j, from %j to %j', (cookie, from, to, expected) => {
    expect(answerCookie(empty, cookie, from, to).split('|')[0]).toBe(expected)
  })
  test.each([
    ['a=b; Path=/app/1; Secure', '/app/', '/', 'a=b; Path=/1; Secure'],
    ['a=b; path=/App/', '/app/', '/', 'a=b; path=/App/'],
    ['a=b;Path=/app', '/app', '/x', 'a=b;Path=/x'],
  ])('the Path of %j, from %j to %j', (cookie, from, to, expected) => {
    expect(answerCookie(empty, cookie, from, to).split('|')[1]).toBe(expected)
  })
})

describe('PRX-5: Location and Refresh of a backend', () => {
  test.each([
    ['http://in.test/a', 'http://in.test/', 'https://out.test/', 'https://out.test/a'],
    ['http://in.test/a', 'http://in.test/', '/', 'https://a.test/a'],
    ['/a', '/', '/b/', 'https://a.test/b/a'],
    ['http://other.test/', 'http://in.test/', '/', '-'],
    ['http://10.0.0.2:8080/x', '', '', 'https://a.test/x'],
    ['https://10.0.0.2:8080/x', '', '', 'https://a.test/x'],
    ['http://10.0.0.1:80/x', '', '', '-'],
  ])('%j, from %j to %j', (location, from, to, expected) => {
    const refresh = expected === '-' ? '-' : `5; URL=${expected}`
    expect(answerLocation(empty, location, from, to)).toBe(`${expected}|${refresh}`)
  })
})

const engines = await enginesForTests()

describe.each(engines)('LuaJIT of NGINX $version', (engine) => {
  let lua: LuaRuntime<string>
  beforeAll(async () => {
    lua = await startLua(engine, 'locations-answers')
  })
  afterAll(async () => {
    await lua?.stop()
  })
  test.each([
    [answerCookie, fc.sample(fc.tuple(cookies, cookies, cookies), 5000)],
    [answerLocation, fc.sample(fc.tuple(urls, urls, urls), 5000)],
  ] as const)('%o is the same as in JavaScript', async (answer, calls) => {
    const inLua = await lua.call(answer.name, calls)
    const inJavaScript = calls.map((call) => answer(empty, ...call))
    const differing = calls.findIndex((_, i) => inLua[i] !== inJavaScript[i])
    expect(differing < 0 ? [] : [calls[differing], inLua[differing], inJavaScript[differing]]).toEqual([])
  })
})
