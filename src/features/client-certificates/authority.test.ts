import { describe, expect, test } from 'vitest'
import type { Secret } from '../../snapshot/objects.js'
import { createAuthority } from '../../../test/support/certificates.js'
import { readAuthority } from './authority.js'

const one = createAuthority('One')
const two = createAuthority('Two')
const list = one.revoke([two.certificate])

function read(data: Readonly<Record<string, string>>): ReturnType<typeof readAuthority> {
  const bytes = Object.entries(data).map(([name, text]) => [name, Buffer.from(text)])
  return readAuthority({ data: Object.fromEntries(bytes) } as Secret, (text) => String(text.length)) // all that it looks at
}

describe('what client certificates are verified by (MTLS-2)', () => {
  test('certificates, printed anew', () => {
    const text = `Some words\n${one.certificate.replaceAll('\n', '\r\n')}and more${two.certificate}`
    const certificates = one.certificate + two.certificate
    const digest = String(certificates.length + 1)
    expect(read({ 'ca.crt': text })).toEqual({ ok: true, authority: { kind: 'authority', certificates, digest } })
  })

  test('with revocation lists, printed anew', () => {
    const answer = read({ 'ca.crt': one.certificate, 'ca.crl': `\n${list.replaceAll('\n', ' \n')}${two.revoke([])}` })
    expect(answer).toMatchObject({ ok: true, authority: { certificates: one.certificate } })
    expect(answer.ok && answer.authority.revocations?.startsWith(list)).toBe(true)
  })

  test.each<[string, Readonly<Record<string, string>>]>([
    ['no ca.crt', {}],
    ['an empty one', { 'ca.crt': ' \n' }],
    ['no PEM', { 'ca.crt': 'certificate' }],
    ['one of two that cannot be read', { 'ca.crt': `${one.certificate}${one.certificate.replace('MII', 'MIX')}` }],
    ['one that is cut off', { 'ca.crt': one.certificate.slice(0, -40) }],
  ])('not with %s', (_fact, data) => {
    expect(read(data)).toMatchObject({ ok: false, fault: expect.stringContaining('ca.crt') as unknown })
  })

  test.each([
    ['nothing', ''],
    ['no PEM', 'nobody'],
    ['a certificate', one.certificate],
    ['what is cut off', list.slice(0, -30)],
    ['what has bytes behind it', list.replace('\n-----END', 'AAAA\n-----END')],
    ['no base64', list.replace('\nMI', '\nM*')],
    ['one of two that is not of the form', `${list}-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n`],
    ['a certificate under its name', one.certificate.replaceAll('CERTIFICATE', 'X509 CRL').replace('MII', 'MIA')],
  ])('not with a ca.crl of %s', (_fact, crl) => {
    expect(read({ 'ca.crt': one.certificate, 'ca.crl': crl })).toMatchObject({
      ok: false,
      fault: expect.stringContaining('ca.crl') as unknown,
    })
  })
})
