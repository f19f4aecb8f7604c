import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { authorization, encodeParameters, signedHeaders } from './sign.js'

interface Vector {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What the official client library sent; test/cloud/oracle/record.cjs says how they were made. */
const vectors = JSON.parse(
  readFileSync(new URL('../../../test/cloud/oracle/vectors.json', import.meta.url), 'utf8'),
) as readonly Vector[]

describe('signature version 3 (loadbalancer.md section 6.4)', () => {
  test.each(vectors.map((vector) => [vector.headers['x-acs-action'], vector] as const))(
    '%s is signed as the official library signs it',
    (_, { method, url, headers, body }) => {
      const { authorization: expected = '', ...rest } = headers
      const query = Object.fromEntries(new URL(url, 'http://cloud').searchParams)
      const key = { id: 'testid', secret: 'testsecret' }
      expect(authorization({ method, path: '/', query, headers: rest, body }, key)).toBe(expected)
    },
  )

  test('there is a vector with a query, one with a form, one with a token', () => {
    expect(vectors.some(({ url }) => url.includes('?'))).toBe(true)
    expect(vectors.some(({ body }) => body !== '')).toBe(true)
    expect(vectors.some(({ headers }) => 'x-acs-security-token' in headers)).toBe(true)
  })

  test('date, nonce, digest of the body and token are headers, and signed', () => {
    const request = { method: 'POST', path: '/', query: {}, headers: { host: 'h' }, body: 'a=b' }
    const key = { id: 'i', secret: 's', token: 't' }
    const headers = signedHeaders(request, key, 'once', Date.UTC(2026, 0, 2, 3, 4, 5, 678))
    expect(headers).toMatchObject({
      'x-acs-date': '2026-01-02T03:04:05Z',
      'x-acs-signature-nonce': 'once',
      'x-acs-content-sha256': expect.stringMatching(/^[\da-f]{64}$/),
      'x-acs-security-token': 't',
    })
    expect(headers['authorization']).toContain(
      'SignedHeaders=host;x-acs-content-sha256;x-acs-date;x-acs-security-token;x-acs-signature-nonce,',
    )
  })
})

test('parameters are in the order of bytes, and encoded as RFC 3986 says', () => {
  expect(encodeParameters({ 'b.2': "a b*'()!~", 'b.10': 'ü', B: '' })).toBe('B=&b.10=%C3%BC&b.2=a%20b%2A%27%28%29%21~')
})
