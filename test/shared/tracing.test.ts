import fc from 'fast-check'
import { expect, test } from 'vitest'
import { enginesForTests } from '../support/engine.js'
import { startLua } from './lua.js'
import { answerTraceParent } from './tracing-answers.js'
import { tableOf } from './world.js'

const empty = tableOf({ hosts: [], backends: [] })
const hex = (length: number): fc.Arbitrary<string> =>
  fc
    .array(fc.constantFrom(...'0123456789abcdef'.split('')), { minLength: length, maxLength: length })
    .map((all) => all.join(''))
const whole = fc.tuple(hex(2), hex(32), hex(16), hex(2)).map((parts) => parts.join('-'))
/** One byte is another one, or some more follow. */
const almost = fc
  .tuple(whole, fc.nat(54), fc.constantFrom('', 'g', 'A', '-', '\xff'), fc.constantFrom('', '-', '0', '-x'))
  .map(([text, at, other, more]) => `${text.slice(0, at)}${other}${text.slice(at + 1)}${more}`)
const zeros = fc.constantFrom(`00-${'0'.repeat(32)}-${'1'.repeat(16)}-01`, `00-${'1'.repeat(32)}-${'0'.repeat(16)}-01`)

test.each(await enginesForTests())(
  'OTEL-3: LuaJIT of NGINX $version reads traceparent as JavaScript does',
  { timeout: 120_000 },
  async (engine) => {
    const lua = await startLua<'answerTraceParent'>(engine, 'tracing-answers')
    try {
      const calls = fc.sample(fc.oneof(whole, almost, zeros, fc.string()), 3000).map((text) => [latin1(text)])
      const inLua = await lua.call('answerTraceParent', calls)
      expect(inLua).toEqual(calls.map(([text]) => answerTraceParent(empty, text)))
      expect(inLua.filter((one) => one !== 'none').length).toBeGreaterThan(100)
      expect(inLua.filter((one) => one === 'none').length).toBeGreaterThan(100)
    } finally {
      await lua.stop()
    }
  },
)

function latin1(text: string): string {
  return Buffer.from(text).toString('latin1')
}
