import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { enginesForTests } from '../support/engine.js'
import type { RangeList } from '../../src/model/address-ranges.js'
import { cidrList } from '../../src/features/kinds/cidr-list.js'
import * as answers from './limit-answers.js'
import { startLua, type LuaRuntime } from './lua.js'
import { tableOf } from './world.js'

const empty = tableOf({ hosts: [], backends: [] })
const bytes = (lengths: { readonly minLength: number; readonly maxLength: number }, max = 255): fc.Arbitrary<string> =>
  fc.uint8Array({ ...lengths, max }).map((array) => Array.from(array, (byte) => String.fromCharCode(byte)).join(''))
const one = { minLength: 1, maxLength: 1 }

describe.each(await enginesForTests())('LuaJIT of NGINX $version', (engine) => {
  let lua: LuaRuntime<string>

  beforeAll(async () => {
    lua = await startLua(engine, 'limit-answers')
  })

  afterAll(async () => {
    await lua?.stop()
  })

  test('addresses are looked up as in JavaScript (LIM-4)', async () => {
    const address = fc.oneof(
      bytes({ minLength: 4, maxLength: 4 }, 3),
      bytes({ minLength: 16, maxLength: 16 }, 3),
      bytes({ minLength: 4, maxLength: 4 }, 3).map((mapped) => `${'\0'.repeat(10)}\xff\xff${mapped}`),
      bytes(one),
    )
    const prefix = fc.integer({ min: 6, max: 32 })
    const list = fc.array(fc.tuple(bytes({ minLength: 4, maxLength: 4 }, 3), prefix), { minLength: 1, maxLength: 20 })
    const calls = fc.sample(fc.tuple(list, address), 3000).map(([items, asked]) => {
      const texts = items.map(([item, length]) => `${Array.from(item, (one) => one.charCodeAt(0)).join('.')}/${length}`)
      const read = cidrList.parse(`${texts.join(',')},0001:203::/${items.length + 10},::ffff:0.0.0.1`)
      if (!read.ok) throw new Error(read.reason)
      return [digitsOf(read.value.v4), digitsOf(read.value.v6), asked]
    })
    const inJavaScript = calls.map(([v4 = '', v6 = '', asked = '']) => answers.answerAddress(empty, v4, v6, asked))
    expect(await lua.call('answerAddress', calls)).toEqual(inJavaScript)
    expect(new Set(inJavaScript).size).toBe(2)
    // IPv4 within IPv6 among them.
    expect(calls.some(([, , asked = ''], i) => asked.startsWith('\0\0\0\0') && inJavaScript[i] === 'in')).toBe(true)
  })

  test('buckets take the same requests as in JavaScript (LIM-2)', async () => {
    const sample = fc.sample(fc.tuple(bytes(one), bytes(one, 9), bytes({ minLength: 1, maxLength: 60 }, 120)), 2000)
    const inJavaScript = sample.map(([requests, burst, pauses]) => answers.answerBucket(empty, requests, burst, pauses))
    expect(await lua.call('answerBucket', sample)).toEqual(inJavaScript)
    expect(inJavaScript.some((decisions) => decisions.includes('-'))).toBe(true)
  })
})

function digitsOf(ranges: RangeList | undefined): string {
  return (ranges?.first ?? []).map((first, i) => first + (ranges?.last[i] ?? '')).join('')
}
