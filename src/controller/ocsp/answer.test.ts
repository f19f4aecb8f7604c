import { afterAll, describe, expect, test } from 'vitest'
import { createOcspAuthority } from '../../../test/support/ocsp.js'
import { type OcspAnswer, readAnswer } from './answer.js'
import { type OcspQuestion, questionOf } from './question.js'

const authority = createOcspAuthority('answers')
const others = createOcspAuthority('others')
const responder = 'http://ocsp.example.com:8080/path'
const leaf = authority.issue({ names: ['shop.test'], responder })
const sibling = authority.issue({ names: ['other.test'], responder })
const revoked = authority.issue({ names: ['gone.test'], responder })
const foreign = others.issue({ names: ['shop.test'], responder })
authority.revoke(revoked)

afterAll(() => {
  authority.remove()
  others.remove()
})

function ask(chain: string): OcspQuestion {
  const asked = questionOf(chain)
  if (!asked.ok) throw new Error(asked.reason)
  return asked.question
}

const question = ask(leaf.chain)
const HOUR = 3_600_000
const kindOf = (answer: OcspAnswer): string => (answer.kind === 'unusable' ? answer.reason : answer.kind)

describe('what a responder is asked', () => {
  test('the responder that the certificate names', () => {
    expect(question.responder.href).toBe(responder)
  })

  test.each([
    ['no responder', authority.issue({ names: ['a.test'] }).chain, 'it names no responder'],
    [
      'one of another scheme',
      authority.issue({ names: ['a.test'], responder: 'ldap://x/y' }).chain,
      'it names no responder',
    ],
    ['a file', authority.issue({ names: ['a.test'], responder: 'file:///etc/passwd' }).chain, 'it names no responder'],
    ['no issuer', leaf.certificate, 'the certificate of its issuer does not follow it in tls.crt'],
    ['another issuer', leaf.certificate + foreign.ca, 'the certificate of its issuer does not follow it in tls.crt'],
  ])('%s', (_, chain, reason) => {
    expect(questionOf(chain)).toEqual({ ok: false, reason })
  })
})

describe('what openssl answers', () => {
  test.each(['authority', 'delegate'] as const)('good, signed by the %s', (signer) => {
    const answer = readAnswer(authority.answer(question.request, { signer }), question, Date.now())
    expect(answer.kind).toBe('good')
    expect(answer.kind === 'good' ? answer.until : 0).toBeGreaterThan(Date.now() + 23 * HOUR)
  })

  test('revoked, and since when', () => {
    const asked = ask(revoked.chain)
    const answer = readAnswer(authority.answer(asked.request), asked, Date.now())
    expect(answer).toEqual({ kind: 'revoked', since: Date.parse('2026-01-01T00:00:00Z') })
  })

  test.each<readonly [fact: string, answer: () => Buffer, now: number, said: RegExp]>([
    [
      'signed by a certificate that may not',
      () => authority.answer(question.request, { signer: 'stranger' }),
      0,
      /not signed by the issuer/,
    ],
    ['of another authority', () => others.answer(ask(foreign.chain).request), 0, /another certificate/],
    ['about another certificate', () => authority.answer(ask(sibling.chain).request), 0, /another certificate/],
    ['too old', () => authority.answer(question.request), 25 * HOUR, /counted until/],
    ['of tomorrow', () => authority.answer(question.request), -HOUR, /clocks differ/],
    ['an error', () => Buffer.from('30030a0103', 'hex'), 0, /is an error: tryLater/],
    ['a page', () => Buffer.from('<html>'), 0, /cannot be read/],
    ['nothing', () => Buffer.alloc(0), 0, /cannot be read/],
    [
      'with something behind it',
      () => Buffer.concat([authority.answer(question.request), Buffer.from([5, 0])]),
      0,
      /cannot be read/,
    ],
  ])('not taken: %s', (_, answer, later, said) => {
    expect(kindOf(readAnswer(answer(), question, Date.now() + later))).toMatch(said)
  })

  test('no byte of what is signed can be changed, and no other one makes it throw', () => {
    const good = authority.answer(question.request)
    const taken: number[] = []
    for (let at = 0; at < good.length; at++) {
      const changed = Buffer.from(good)
      changed[at] = (changed[at] ?? 0) ^ 0x01
      const answer = readAnswer(changed, question, Date.now())
      if (answer.kind !== 'unusable') taken.push(at)
      if (answer.kind === 'revoked') throw new Error(`byte ${at} makes it revoked`)
    }
    // What is not signed: how long things are does not count as such, nor the certificates that openssl adds.
    const head = 60
    expect(taken.filter((at) => at > head && at < good.indexOf(Buffer.from(question.id.subarray(-10))) + 40)).toEqual(
      [],
    )
  })

  test('an answer that is cut off is none', () => {
    const good = authority.answer(question.request)
    for (let length = 0; length < good.length; length += 7)
      expect(readAnswer(good.subarray(0, length), question, Date.now()).kind).toBe('unusable')
  })
})
