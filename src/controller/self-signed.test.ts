import { X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openssl } from '../../test/support/certificates.js'
import { createSelfSigned, type KeyPair } from './self-signed.js'

describe('CERT-3: the default certificate', () => {
  const now = Date.UTC(2026, 10, 24, 12)
  const { certificate, key } = createAsDefault(now)

  it('says what openssl can read', () => {
    const text = openssl(['x509', '-noout', '-text'], certificate)
    expect(text).toContain('Version: 3 (0x2)')
    expect(text).toContain('Subject: O = Acme Co, CN = Kubernetes Ingress Controller Fake Certificate')
    expect(text).toContain('Issuer: O = Acme Co, CN = Kubernetes Ingress Controller Fake Certificate')
    expect(text).toContain('Not After : Nov 24 12:00:00 2027 GMT')
    expect(text).toContain('Not Before: Nov 24 11:00:00 2026 GMT')
    expect(text).toContain('NIST CURVE: P-256')
    expect(text).toContain('Signature Algorithm: ecdsa-with-SHA256')
    expect(text).toMatch(/Subject Alternative Name: \n *DNS:ingress\.local\n/)
    expect(text).toMatch(/Basic Constraints: critical\n *CA:FALSE/)
    expect(text).toContain('TLS Web Server Authentication')
  })

  it('verifies against itself', () => {
    const folder = mkdtempSync(join(tmpdir(), 'fairlead-self-signed-'))
    try {
      const file = join(folder, 'certificate.pem')
      writeFileSync(file, certificate)
      const at = ['-attime', String(now / 1000)]
      const server = ['-check_ss_sig', '-purpose', 'sslserver', '-verify_hostname', 'ingress.local']
      expect(openssl(['verify', ...at, ...server, '-CAfile', file, file])).toBe(`${file}: OK\n`)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('belongs to its key', () => {
    expect(openssl(['pkey', '-pubout'], key)).toBe(openssl(['x509', '-noout', '-pubkey'], certificate))
  })

  it('is a new one each time, with a positive serial number of 16 bytes', () => {
    const serials = Array.from({ length: 50 }, () => new X509Certificate(createAsDefault(now).certificate).serialNumber)
    expect(new Set(serials).size).toBe(50)
    for (const serial of serials) expect(serial).toMatch(/^[4-7][0-9A-F]{31}$/)
  })
})

describe('createSelfSigned', () => {
  it('takes names, subject and days', () => {
    const now = Date.UTC(2049, 0, 1)
    const names = ['a.example', '*.b.example']
    const { certificate } = createSelfSigned({ commonName: 'Käse', organization: 'Ümlaut', names, days: 730, now })
    const read = new X509Certificate(certificate)
    expect(read.subject).toBe('O=Ümlaut\nCN=Käse')
    expect(read.subjectAltName).toBe('DNS:a.example, DNS:*.b.example')
    expect(Date.parse(read.validTo)).toBe(now + 730 * 86_400_000)
    expect(read.verify(read.publicKey)).toBe(true)
  })

  it('has no subject alternative name where there are no names', () => {
    const { certificate } = createSelfSigned({ commonName: 'a', organization: 'b', names: [], days: 1, now: 0 })
    expect(new X509Certificate(certificate).subjectAltName).toBeUndefined()
  })
})

function createAsDefault(now: number): KeyPair {
  return createSelfSigned({
    commonName: 'Kubernetes Ingress Controller Fake Certificate',
    organization: 'Acme Co',
    names: ['ingress.local'],
    days: 365,
    now,
  })
}
