import { expect, test } from 'vitest'
import { answerCodes, failureCodes } from './codes.js'

test.each([
  ['404', [404]],
  ['503, 404 ,503,', [404, 503]],
  [' 599,400', [400, 599]],
])('%j is a list of an annotation (ERR-1)', (text, codes) => {
  expect(failureCodes.parse(text)).toEqual({ ok: true, value: codes })
})

test.each([',', '404 503', '302', '600', '4040', '4xx', '404;', '404\n}', '-404', '404.0', '0x194', '٤٠٤'])(
  '%j is none (ERR-1)',
  (text) => {
    expect(failureCodes.parse(text).ok).toBe(false)
  },
)

test.each([
  ['300,404', [300, 404], undefined],
  ['404,abc,200', [404], 'holds "abc", which is no status from 300 to 599'],
])('%j is a list of the ConfigMap; what is no status is skipped', (text, codes, skipped) => {
  expect(answerCodes.parse(text)).toEqual({ ok: true, value: codes, ...(skipped === undefined ? {} : { skipped }) })
})

test.each(['abc', '200,600', ','])('%j has no status at all', (text) => {
  expect(answerCodes.parse(text).ok).toBe(false)
})
