import { afterAll, describe, expect, test } from 'vitest'
import { X509Certificate } from 'node:crypto'
import { createOcspAuthority } from '../../test/support/ocsp.js'
import { answerFor, demandsStaple, type Staple, stapled, stapleProblem } from './staple.js'

const authority = createOcspAuthority('staple')
afterAll(() => authority.remove())

const document = { chain: 'chain', key: 'key' }
const plain = { document, mustStaple: false }
const demanding = { document, mustStaple: true }
const good: Staple = { kind: 'good', chain: 'chain', response: 'QQ==', until: 1_700_000_000_999 }

test.each([true, false])('must-staple is %s where the certificate says so (RFC 7633)', (mustStaple) => {
  const { certificate } = authority.issue({ names: ['a.test'], responder: 'http://b.test/', mustStaple })
  expect(demandsStaple(new X509Certificate(certificate).raw)).toBe(mustStaple)
})

test('only a good answer goes into the table, with its end in whole seconds', () => {
  expect(stapled(plain, good)).toEqual({ ...document, staple: { response: 'QQ==', until: 1_700_000_000 } })
  for (const other of ['off', undefined, { kind: 'revoked', chain: 'chain', since: 0 }] as const)
    expect(stapled(plain, other)).toBe(document)
})

test('an answer about the certificate before is none', () => {
  expect(answerFor(plain, good)).toBe(good)
  expect(answerFor({ ...plain, document: { ...document, chain: 'renewed' } }, good)).toBeUndefined()
})

describe('what is said', () => {
  const failed: Staple = { kind: 'failed', chain: 'chain', reason: 'gives no answer' }
  const impossible: Staple = { kind: 'impossible', chain: 'chain', reason: 'it names no responder' }
  test.each<readonly [fact: string, staple: Staple, plain: RegExp | undefined, demanding: RegExp | undefined]>([
    ['good', good, undefined, undefined],
    ['nothing is known yet', undefined, undefined, undefined],
    ['switched off', 'off', undefined, /must-staple.*Set enable-ocsp/],
    ['revoked', { kind: 'revoked', chain: 'chain', since: 0 }, /revoked at 1970-01-01T00:00:00Z/, /revoked at/],
    ['no answer', failed, /its OCSP responder gives no answer/, /gives no answer.*must-staple/],
    ['nobody to ask', impossible, undefined, /it names no responder.*must-staple/],
  ])('%s', (_, staple, ofPlain, ofDemanding) => {
    for (const [one, wanted] of [
      [plain, ofPlain],
      [demanding, ofDemanding],
    ] as const) {
      const message = stapleProblem(one, staple)?.message
      if (wanted === undefined) expect(message).toBeUndefined()
      else expect(message).toMatch(wanted)
    }
  })
})
