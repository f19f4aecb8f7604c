import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Table } from '../../src/model/table.js'
import { enginesForTests } from '../support/engine.js'
import * as answers from './balancing-answers.js'
import { startLua, type LuaRuntime } from './lua.js'
import { tableOf } from './world.js'

const empty = tableOf({ hosts: [], backends: [] })
const bytes = fc
  .uint8Array({ maxLength: 60 })
  .map((array) => Array.from(array, (byte) => String.fromCharCode(byte)).join(''))
const textOf = (...parts: readonly string[]): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...parts), { maxLength: 12 }).map((all) => all.join(''))

const engines = await enginesForTests()

describe.each(engines)('LuaJIT of NGINX $version', (engine) => {
  let lua: LuaRuntime<string>

  beforeAll(async () => {
    lua = await startLua(engine, 'balancing-answers')
  })

  afterAll(async () => {
    await lua?.stop()
  })

  async function agree(
    answer: (table: Table, ...texts: never[]) => string,
    calls: readonly (readonly (string | undefined)[])[],
  ): Promise<readonly string[]> {
    const inLua = await lua.call(answer.name, calls)
    // Each of them takes texts.
    const inJavaScript = calls.map((call) => answer(empty, ...(call as never[])))
    const differing = calls.findIndex((_, i) => inLua[i] !== inJavaScript[i])
    expect(differing < 0 ? [] : [calls[differing], inLua[differing]]).toEqual([])
    expect(inLua.length).toBe(calls.length)
    return inLua
  }

  test('checksums and rings are the same as in JavaScript (routing.md section 13)', async () => {
    await agree(
      answers.answerChecksum,
      fc.sample(bytes, 5000).map((text) => [text]),
    )
    await agree(
      answers.answerRing,
      fc.sample(fc.tuple(fc.integer({ min: 1, max: 60 }), bytes), 200).map(([count, key]) => [`${count}`, key]),
    )
  })

  test('the choice of an endpoint is the same as in JavaScript (LB-3, AFF-2, AFF-6, AFF-7, BAL-0)', async () => {
    const calls = fc
      .sample(fc.tuple(fc.integer({ min: 2, max: 9 }), fc.nat(1_000_000), fc.nat(9)), 1000)
      .map(([count, seed, tried]) => [`${count}`, `${seed}`, tried < count ? `${tried}` : ''])
    await agree(answers.answerChoices, calls)
  })

  test('cookies and dates are the same as in JavaScript (AFF-2, AFF-3)', async () => {
    const header = textOf('route', 'ROUTE', 'x', '=', ' ', ';', ',', '|', 'a', '; route=')
    const calls = fc
      .sample(fc.tuple(header, fc.integer({ min: 0, max: 253_402_300_799 })), 5000)
      .map(([text, seconds]) => [text, 'route', `${seconds}`])
    await agree(answers.answerCookies, [...calls, [undefined, 'route', '0'], ['route=a', '', '0']])
  })

  test('the steps of affinity and balancing do the same as in JavaScript (AFF-1, AFF-6, AFF-11, LB-1)', async () => {
    const session = fc.tuple(
      textOf('route=', '1.7.2', '|', 'a-b-8010.0.0.1:80', 'a-b-80[fd00::1]:81', '; ', 'x=y'),
      fc.constantFrom('balanced', 'persistent'),
      fc.nat(1_000_000),
      fc.nat(3),
    )
    const sessions = fc
      .sample(session, 2000)
      .map(([cookie, mode, seed, failures]) => [cookie, mode, `${seed}`, `${failures}`])
    const spelt = ['route=a-b-80[fd00::1]:81|x', 'persistent', '3', '0']
    expect(await agree(answers.answerSession, [...sessions, spelt])).toContain('2')
    const hashes = fc
      .sample(fc.tuple(textOf('$arg_x', '${pid}', 'a', '$'), fc.nat(1_000_000), fc.nat(4)), 2000)
      .map(([by, seed, failures]) => [by, `${seed}`, `${failures}`])
    await agree(answers.answerBalancing, hashes)
  })

  test('browsers are told apart as in JavaScript (AFF-8)', async () => {
    const parts = [
      'Chrome/',
      'CriOS/',
      '4',
      '6',
      '9',
      'iPhone OS 12_',
      'iPad; CPU OS 12_',
      'Mac OS X 10_14',
      ' Safari/',
    ]
    const calls = fc.sample(textOf(...parts), 5000).map((text) => [text])
    await agree(answers.answerUserAgent, [...calls, [undefined]])
  })

  test('variables in text are the same as in JavaScript', async () => {
    const calls = fc.sample(textOf('$', '{', '}', 'nobody', 'host', '1', '_', '-', '\xff'), 5000).map((text) => [text])
    await agree(answers.answerVariables, calls)
  })
})
