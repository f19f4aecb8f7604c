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
  ): Promise<void> {
    const inLua = await lua.call(answer.name, calls)
    // Each of them takes texts.
    const inJavaScript = calls.map((call) => answer(empty, ...(call as never[])))
    const differing = calls.findIndex((_, i) => inLua[i] !== inJavaScript[i])
    expect(differing < 0 ? [] : [calls[differing], inLua[differing]]).toEqual([])
    expect(inLua.length).toBe(calls.length)
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
