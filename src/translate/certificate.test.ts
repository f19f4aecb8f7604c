import { createPrivateKey, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createAuthority, openssl } from '../../test/support/certificates.js'
import type { Secret } from '../snapshot/objects.js'
import { type CertificateReading, coversHost, expiryProblem, readCertificate } from './certificate.js'

const authority = createAuthority('Reading')
const leaf = authority.issue({ names: ['shop.example.com', '*.Shop.example.com'], intermediate: true })
const other = authority.issue({ names: ['other.example.com'] })
const [own, between] = splitChain(leaf.chain)

describe('readCertificate, what is served', () => {
  const base64 = own.replaceAll(/-----[^-]+-----|\s/g, '')
  const good: readonly (readonly [fact: string, crt: string, key: string])[] = [
    ['a leaf alone', own, leaf.key],
    ['CERT-7: a chain, leaf first', leaf.chain, leaf.key],
    ['CERT-7: a chain with the root', leaf.chain + leaf.ca, leaf.key],
    ['CRLF line ends', leaf.chain.replaceAll('\n', '\r\n'), leaf.key.replaceAll('\n', '\r\n')],
    ['no final newline', leaf.chain.trimEnd(), leaf.key.trimEnd()],
    [
      'text between the blocks',
      `Bag Attributes\n  name: Käse\n${own}subject=CN = x\n${between}end`,
      `note\n${leaf.key}`,
    ],
    [
      'blank lines and indentation',
      leaf.chain.replaceAll('\n', '  \n\n    '),
      `\n\n  ${leaf.key.replaceAll('\n', '\n  ')}`,
    ],
    ['one line', `-----BEGIN CERTIFICATE-----${base64}-----END CERTIFICATE-----`, leaf.key.replaceAll('\n', ' ')],
    ['no line end between two certificates', own.trimEnd() + between, leaf.key],
    ['the key in tls.crt as well', leaf.key + leaf.chain, leaf.key],
    ['the certificate in tls.key as well', own, own + leaf.key],
    ['the old label', own.replaceAll('CERTIFICATE', 'X509 CERTIFICATE'), leaf.key],
    ['trust settings behind the certificate', openssl(['x509', '-trustout', '-setalias', 'a'], own), leaf.key],
    ['CERT-8: an expired certificate', ...pair({ names: ['a.example'], notAfter: 1_000_000_000_000, notBefore: 0 })],
  ]

  it.each(good)('%s', (_, crt, key) => {
    const reading = usable(read(crt, key))
    expect(new X509Certificate(reading.document.chain).checkPrivateKey(createPrivateKey(reading.document.key))).toBe(
      true,
    )
    expect(reading.document.key).toMatch(/^-----BEGIN PRIVATE KEY-----\n[^-]+\n-----END PRIVATE KEY-----\n$/)
    expect(reading.document.chain).toMatch(/^(-----BEGIN CERTIFICATE-----\n[^-]+\n-----END CERTIFICATE-----\n)+$/)
    expect(reading.chain).toBeUndefined()
  })

  it('keeps the order and number of the certificates', () => {
    expect(usable(read(leaf.chain, leaf.key)).document.chain).toBe(leaf.chain)
  })

  it('gives the names in lower case and the times of the leaf', () => {
    const notBefore = Date.UTC(2026, 0, 2, 3, 4, 5)
    const notAfter = Date.UTC(2055, 0, 2, 3, 4, 5)
    const { chain, key } = authority.issue({ names: ['a.example', '*.B.example'], notBefore, notAfter })
    expect(read(chain, key)).toMatchObject({ ok: true, names: ['a.example', '*.b.example'], notBefore, notAfter })
  })

  it('reads a Secret once while it stays the same object', () => {
    const secret = secretOf({ 'tls.crt': own, 'tls.key': leaf.key })
    expect(readCertificate(secret)).toBe(readCertificate(secret))
    expect(readCertificate({ ...secret })).not.toBe(readCertificate(secret))
  })
})

describe('readCertificate, forms of private keys', () => {
  const rsa = authority.issue({ names: ['rsa.example'], keyType: 'rsa' })
  const edwards = authority.issue({ names: ['ed.example'], keyType: 'ed25519' })
  const ec = leaf.key
  const forms: readonly (readonly [form: string, label: string, crt: string, key: string])[] = [
    ['PKCS#8 RSA', 'PRIVATE KEY', rsa.chain, rsa.key],
    ['PKCS#1', 'RSA PRIVATE KEY', rsa.chain, openssl(['rsa', '-traditional'], rsa.key)],
    ['PKCS#8 EC', 'PRIVATE KEY', leaf.chain, ec],
    ['SEC 1', 'EC PRIVATE KEY', leaf.chain, openssl(['ec'], ec)],
    [
      'SEC 1 after its parameters',
      'EC PARAMETERS',
      leaf.chain,
      openssl(['ecparam', '-name', 'prime256v1']) + openssl(['ec'], ec),
    ],
    ['Ed25519', 'PRIVATE KEY', edwards.chain, edwards.key],
    ...['secp384r1', 'secp521r1'].map((curve) => {
      const key = ['-newkey', 'ec', '-pkeyopt', `ec_paramgen_curve:${curve}`, '-nodes', '-keyout', '-']
      const pem = openssl(['req', '-x509', ...key, '-subj', '/CN=a.example'])
      return [`EC on ${curve}`, 'PRIVATE KEY', pem, pem] as const
    }),
  ]

  it.each(forms)('%s', (_, label, crt, key) => {
    expect(key).toContain(`-----BEGIN ${label}-----`)
    const { document } = usable(read(crt, key))
    expect(openssl(['pkey', '-pubout'], document.key)).toBe(openssl(['x509', '-pubkey', '-noout'], crt))
  })
})

describe('CERT-2: what is not served', () => {
  const encrypted = openssl(['pkey', '-aes128', '-passout', 'pass:secret'], leaf.key)
  const traditional = openssl(['ec', '-aes128', '-passout', 'pass:secret'], leaf.key)
  const agreement = printKey(generateKeyPairSync('x25519').privateKey)
  const shortKey = printKey(generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey)
  const koblitz = printKey(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey)
  const swapped = own.replace('MII', 'MIJ')
  const bad: readonly (readonly [fact: string, data: Record<string, string>, code: string, says: string])[] = [
    ['no data', {}, 'tls/secret-incomplete', 'tls.crt and tls.key are missing or empty'],
    ['no key', { 'tls.crt': own }, 'tls/secret-incomplete', 'tls.key is missing'],
    ['no certificate', { 'tls.key': leaf.key }, 'tls/secret-incomplete', 'tls.crt is missing'],
    ['an empty certificate', { 'tls.crt': ' \n', 'tls.key': leaf.key }, 'tls/secret-incomplete', 'tls.crt is missing'],
    ['other keys only', { 'cert.pem': own, 'key.pem': leaf.key }, 'tls/secret-incomplete', 'tls.crt and tls.key'],
    ['no PEM', both('hello', leaf.key), 'tls/certificate-unreadable', 'tls.crt holds no certificate in PEM form'],
    ['a key in tls.crt', both(leaf.key, leaf.key), 'tls/certificate-unreadable', 'tls.crt holds no certificate'],
    [
      'half a certificate',
      both(own.slice(0, 300), leaf.key),
      'tls/certificate-unreadable',
      'certificate 1 of 1 has no END',
    ],
    [
      'half a certificate before a whole one',
      both(own.slice(0, 300) + between, leaf.key),
      'tls/certificate-unreadable',
      'certificate 1 of 2 has no END line',
    ],
    [
      'letters that are not base64',
      both(own + between.replace('MII', 'M*I'), leaf.key),
      'tls/certificate-unreadable',
      'certificate 2 of 2 is not base64',
    ],
    [
      'bytes that are no certificate',
      both(swapped, leaf.key),
      'tls/certificate-unreadable',
      'is not an X.509 certificate',
    ],
    [
      'an empty block',
      both('-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n', leaf.key),
      'tls/certificate-unreadable',
      'is not base64',
    ],
    ['a key that is no PEM', both(own, 'secret'), 'tls/certificate-unreadable', 'tls.key holds no private key'],
    ['a certificate in tls.key', both(own, own), 'tls/certificate-unreadable', 'tls.key holds no private key'],
    ['half a key', both(own, leaf.key.slice(0, 90)), 'tls/certificate-unreadable', 'the private key has no END line'],
    ['an encrypted key', both(own, encrypted), 'tls/certificate-unreadable', 'tls.key is encrypted with a passphrase'],
    ['an encrypted key, old form', both(own, traditional), 'tls/certificate-unreadable', 'tls.key is encrypted'],
    [
      'a key under the wrong label',
      both(own, leaf.key.replaceAll('PRIVATE', 'RSA PRIVATE')),
      'tls/certificate-unreadable',
      'it is not what its label "RSA PRIVATE KEY" says',
    ],
    [
      'an OpenSSH key',
      both(own, leaf.key.replaceAll('PRIVATE', 'OPENSSH PRIVATE')),
      'tls/certificate-unreadable',
      'is of the form "OPENSSH PRIVATE KEY"',
    ],
    ['a key that cannot sign', both(own, agreement), 'tls/certificate-unreadable', 'is of the kind x25519'],
    ['a key too short for TLS', both(own, shortKey), 'tls/certificate-unreadable', 'is an RSA key of 1024 bits'],
    ['a curve that TLS lacks', both(own, koblitz), 'tls/certificate-unreadable', 'is on the curve secp256k1'],
    ["another certificate's key", both(leaf.chain, other.key), 'tls/key-mismatch', 'is not the key of the first'],
    [
      'a chain with the leaf last',
      both(between + own, leaf.key),
      'tls/key-mismatch',
      'of certificate 2 of 2 in tls.crt',
    ],
  ]

  it.each(bad)('%s', (_, data, code, says) => {
    const reading = readCertificate(secretOf(data))
    expect(reading).toMatchObject({ ok: false, code })
    const message = reading.ok ? '' : reading.message
    expect(message).toContain(says)
    // What is served instead, and then one sentence with the way out.
    expect(message).toMatch(/, so the default certificate is served\. [A-Z][^.]*(tls\.crt[^.]*)?\.$|needs both: .*\.$/)
    expect(message).not.toContain(leaf.key.split('\n')[1])
  })

  it('costs no more than its length: a file of nothing but BEGIN lines', () => {
    const begins = '-----BEGIN CERTIFICATE-----\n'.repeat(37_000)
    const start = performance.now()
    expect(read(begins, leaf.key)).toMatchObject({ ok: false, code: 'tls/certificate-unreadable' })
    expect(read(own, begins.replaceAll('CERTIFICATE', 'PRIVATE KEY'))).toMatchObject({ ok: false })
    expect(performance.now() - start).toBeLessThan(2_000)
  })

  it('never throws, whatever byte of a certificate or key is wrong', () => {
    const outcomes = new Set<string>()
    for (const part of ['tls.crt', 'tls.key'] as const) {
      const [pem, label] = part === 'tls.crt' ? [own, 'CERTIFICATE'] : [leaf.key, 'PRIVATE KEY']
      const der = Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64')
      for (let at = 0; at < der.length; at++) {
        for (const flip of [0x01, 0x80, 0xff]) {
          const bytes = Buffer.from(der)
          bytes[at] = (bytes[at] ?? 0) ^ flip
          const text = `-----BEGIN ${label}-----\n${bytes.toString('base64')}\n-----END ${label}-----\n`
          const data = {
            'tls.crt': own + between,
            'tls.key': leaf.key,
            [part]: part === 'tls.crt' ? text + between : text,
          }
          const reading = readCertificate(secretOf(data))
          if (reading.ok) expiryProblem(reading, Date.UTC(2026, 10, 24))
          outcomes.add(reading.ok ? `served, chain ${reading.chain === undefined ? 'whole' : 'broken'}` : reading.code)
        }
      }
    }
    expect([...outcomes].sort()).toEqual([
      'served, chain broken',
      'served, chain whole',
      'tls/certificate-unreadable',
      'tls/key-mismatch',
    ])
  })
})

describe('CERT-7: chains that do not fit together are served with a warning', () => {
  const stranger = createAuthority('Reading')
  const broken: readonly (readonly [fact: string, crt: string, says: string])[] = [
    ['an unrelated certificate', own + other.certificate, 'Certificate 2 of tls.crt did not issue certificate 1'],
    ['the intermediate left out', own + leaf.ca, 'Certificate 2 of tls.crt did not issue certificate 1'],
    ['the leaf twice', own + leaf.chain, 'Certificate 2 of tls.crt did not issue certificate 1'],
    ['root before intermediate', own + leaf.ca + between, 'Certificate 2 of tls.crt did not issue certificate 1'],
    ['the last one wrong', leaf.chain + other.certificate, 'Certificate 3 of tls.crt did not issue certificate 2'],
    ['a signature that does not hold', withOtherSignature(own) + between, 'Certificate 2 of tls.crt did not issue'],
    ['an issuer of the same name with another key', leaf.chain + stranger.certificate, 'Certificate 3 of tls.crt'],
  ]

  it.each(broken)('%s', (_, crt, says) => {
    const reading = usable(read(crt, leaf.key))
    expect(reading.chain).toContain(says)
    expect(reading.chain).toMatch(/is served as it is, .* Order tls\.crt leaf first/)
  })
})

describe('CERT-2: the names of a certificate', () => {
  it('is the common name where there is no SAN', () => {
    expect(namesOf({ names: [], commonName: 'Legacy.example.com' })).toEqual(['legacy.example.com'])
  })

  it('is not the common name where there is a SAN', () => {
    expect(namesOf({ names: ['a.example'], commonName: 'b.example' })).toEqual(['a.example'])
  })

  it.each([
    ['a SAN of addresses only', '/CN=b.example', 'IP:192.0.2.1,email:a@b.example,URI:https://c.example', []],
    [
      'DNS names among others',
      '/CN=x',
      'IP:2001:db8::1,DNS:a.example,URI:https://b.example/,DNS:*.c.example',
      ['a.example', '*.c.example'],
    ],
    ['the last of several common names', '/CN=first.example/O=x/CN=last.example', undefined, ['last.example']],
    ['a common name beside another attribute', '/O=x/CN=a.example+OU=y', undefined, ['a.example']],
    ['no common name', '/O=x', undefined, []],
  ])('%s', (_, subject, san, names) => {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', '-']
    const extension = san === undefined ? [] : ['-addext', `subjectAltName=${san}`]
    const pem = openssl(['req', '-new', '-x509', ...key, '-multivalue-rdn', '-subj', subject, ...extension])
    expect(usable(read(pem, pem)).names).toEqual(names)
  })

  it.each([
    ['a comma', 'a, DNS:evil.example, DNS:b'],
    ['a quote', 'a", DNS:evil.example, DNS:"b'],
    ['a NUL', 'evil.example\0.a'],
    ['a line break', 'a\nDNS:evil.example'],
  ])('%s inside a DNS name makes no second name', (_, name) => {
    expect(namesOf({ names: ['before.example', name, 'after.example'] })).toEqual(['before.example', 'after.example'])
  })
})

describe('coversHost', () => {
  it.each([
    ['shop.example.com', ['shop.example.com'], true],
    ['SHOP.Example.com', ['shop.example.com'], true],
    ['shop.example.com', ['a.example.com', '*.example.com'], true],
    ['a_b.example.com', ['*.example.com'], true],
    ['example.com', ['*.example.com'], false],
    ['a.shop.example.com', ['*.example.com'], false],
    ['*.example.com', ['*.example.com'], true],
    ['*.example.com', ['example.com', 'a.example.com'], false],
    ['*.a.example.com', ['*.example.com'], false],
    ['shop.example.com', ['s*.example.com', '*op.example.com'], false],
    ['shop.example.com', ['shop.*.com', '*'], false],
    ['shop.example.com', ['xshop.example.com', 'shop.example.co'], false],
    ['shopxexample.com', ['shop.example.com'], false],
    ['localhost', ['localhost'], true],
    ['localhost', ['*'], false],
    ['shop.example.com', [], false],
  ])('%s by %j: %s', (host, names, covered) => {
    expect(coversHost(names, host)).toBe(covered)
  })
})

describe('CERT-8: expiryProblem', () => {
  const DAY = 86_400_000
  const notBefore = Date.UTC(2026, 0, 1)
  const notAfter = Date.UTC(2026, 3, 1)
  it.each([
    ['in the middle', notBefore + 30 * DAY, undefined, ''],
    ['at its first moment', notBefore, undefined, ''],
    ['before it', notBefore - 1, 'tls/expired', 'is not valid before 2026-01-01T00:00:00Z'],
    ['more than ten days before the end', notAfter - 10 * DAY - 1, undefined, ''],
    ['ten days before the end', notAfter - 10 * DAY, 'tls/expires-soon', 'expires on 2026-04-01T00:00:00Z'],
    ['at its last moment', notAfter, 'tls/expires-soon', 'expires on 2026-04-01T00:00:00Z'],
    ['after it', notAfter + 1, 'tls/expired', 'expired on 2026-04-01T00:00:00Z. It is served'],
  ])('%s', (_, now, code, says) => {
    const problem = expiryProblem({ notBefore, notAfter }, now)
    expect(problem?.code).toBe(code)
    expect(problem?.message ?? '').toContain(says)
  })
})

function read(crt: string, key: string): CertificateReading {
  return readCertificate(secretOf(both(crt, key)))
}

function both(crt: string, key: string): Record<string, string> {
  return { 'tls.crt': crt, 'tls.key': key }
}

function pair(request: Parameters<typeof authority.issue>[0]): [crt: string, key: string] {
  const { chain, key } = authority.issue(request)
  return [chain, key]
}

function namesOf(request: Parameters<typeof authority.issue>[0]): readonly string[] {
  return usable(read(...pair(request))).names
}

function usable(reading: CertificateReading): Extract<CertificateReading, { ok: true }> {
  if (!reading.ok) throw new Error(reading.message)
  return reading
}

function secretOf(data: Readonly<Record<string, string>>): Secret {
  return Object.freeze({
    kind: 'Secret',
    namespace: 'shop',
    name: 'tls',
    uid: '',
    createdAt: undefined,
    annotations: {},
    labels: {},
    source: undefined,
    type: 'kubernetes.io/tls',
    data: Object.fromEntries(Object.entries(data).map(([key, text]) => [key, Buffer.from(text, 'utf8')])),
  })
}

function printKey(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString()
}

/** The signature is the last value of a certificate. */
function withOtherSignature(pem: string): string {
  const der = Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64')
  der[der.length - 1] = (der.at(-1) ?? 0) ^ 1
  return `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`
}

function splitChain(chain: string): [leaf: string, intermediate: string] {
  const [first, second] = chain.match(/-----BEGIN[^]*?-----END CERTIFICATE-----\n/g) ?? []
  if (first === undefined || second === undefined) throw new Error('expected two certificates')
  return [first, second]
}
