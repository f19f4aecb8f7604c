import { expect, test } from 'vitest'
import { parseTraceParent, sampleOf } from './trace-context.js'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const SPAN = '00f067aa0ba902b7'

test.each([
  ['the example of the standard', `00-${TRACE}-${SPAN}-01`, true],
  ['one that is not sampled', `00-${TRACE}-${SPAN}-00`, false],
  ['one with other flags too', `00-${TRACE}-${SPAN}-03`, true],
  ['one of a later version', `cc-${TRACE}-${SPAN}-01`, true],
  ['one of a later version that goes on', `cc-${TRACE}-${SPAN}-01-what-the-future-brings`, true],
])('OTEL-3: %s is read', (_, text, sampled) => {
  expect(parseTraceParent(text)).toEqual({ trace: TRACE, span: SPAN, sampled })
})

test.each([
  ['nothing', ''],
  ['the version that is none', `ff-${TRACE}-${SPAN}-01`],
  ['a trace of zeros', `00-${'0'.repeat(32)}-${SPAN}-01`],
  ['a span of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
  ['letters in upper case', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
  ['a short trace', `00-${TRACE.slice(1)}-${SPAN}-01`],
  ['a long span', `00-${TRACE}-${SPAN}0-01`],
  ['one of version 00 that goes on', `00-${TRACE}-${SPAN}-01-more`],
  ['one of a later version with more digits', `cc-${TRACE}-${SPAN}-011`],
  ['two of them', `00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`],
  ['other letters', `00-${TRACE.replace('4', 'g')}-${SPAN}-01`],
  ['blanks around it', ` 00-${TRACE}-${SPAN}-01`],
  ['a line end', `00-${TRACE}-${SPAN}-0\n`],
])('OTEL-3: %s is none', (_, text) => {
  expect(parseTraceParent(text)).toBeUndefined()
})

test('traces are sampled by the upper bits of their second half', () => {
  expect(sampleOf(`${'f'.repeat(16)}${'0'.repeat(16)}`)).toBe(0)
  expect(sampleOf(`${'0'.repeat(16)}8${'0'.repeat(15)}`)).toBe(2 ** 51)
  expect(sampleOf('f'.repeat(32))).toBe(2 ** 52 - 1)
})
