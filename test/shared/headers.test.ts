import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Table } from '../../src/model/table.js'
import { enginesForTests } from '../support/engine.js'
import * as answers from './headers-answers.js'
import { startLua, type LuaRuntime } from './lua.js'
import { tableOf } from './world.js'

const empty = tableOf({ hosts: [], backends: [] })
const textOf = (...parts: readonly string[]): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...parts), { maxLength: 8 }).map((all) => all.join(''))

const origin = textOf('https://', 'HTTPS://', 'a', '.', 'b.test', ':8443', '*', '-', '/', 'null', '\xff')

describe.each(await enginesForTests())('LuaJIT of NGINX $version', (engine) => {
  let lua: LuaRuntime<string>

  beforeAll(async () => {
    lua = await startLua(engine, 'headers-answers')
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
    expect(differing < 0 ? [] : [calls[differing], inLua[differing], inJavaScript[differing]]).toEqual([])
    return inLua
  }

  test('origins are judged as in JavaScript (COR-2, COR-4, COR-5)', async () => {
    const lists = fc.constantFrom('', 'https://a.b.test https://*.b.test:8443 null', 'https://a')
    const vary = fc.option(textOf('Accept', ', ', ',', 'origin', 'Origin', '*'), { nil: undefined })
    const method = fc.constantFrom('OPTIONS', 'GET')
    const known = ['https://a.b.test', 'HTTPS://x.B.test:8443', 'null', undefined].flatMap((one) =>
      ['OPTIONS', 'GET'].map((each) => ['https://a.b.test https://*.b.test:8443 null', one, 'Accept', each]),
    )
    const sampled = fc.sample(fc.tuple(lists, fc.option(origin, { nil: undefined }), vary, method), 5000)
    const found = await agree(answers.answerCors, [...known, ...sampled])
    expect(found.slice(0, 8).map((answer) => answer.split('|')[0])).toEqual([
      '204',
      'passed',
      '204',
      'passed',
      '204',
      'passed',
      'passed',
      'passed',
    ])
  })
})
