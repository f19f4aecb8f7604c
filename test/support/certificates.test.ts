import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { createAuthority, type IssuedLeaf, openssl } from './certificates.js'

const folder = mkdtempSync(join(tmpdir(), 'fairlead-certificates-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('what the test authority issues, as openssl sees it', () => {
  const authority = createAuthority('Tests')
  const hour = 3_600_000

  it.each([
    ['an EC leaf of the root', authority.issue({ names: ['a.example'] }), 'a.example'],
    ['an EC leaf of the intermediate', authority.issue({ names: ['a.example'], intermediate: true }), 'a.example'],
    ['an RSA leaf', authority.issue({ names: ['a.example'], keyType: 'rsa', intermediate: true }), 'a.example'],
    ['an Ed25519 leaf', authority.issue({ names: ['a.example'], keyType: 'ed25519' }), 'a.example'],
    ['a wildcard leaf', authority.issue({ names: ['x.example', '*.a.example'] }), 'b.a.example'],
    ['a leaf with a common name only', authority.issue({ names: [], commonName: 'a.example' }), 'a.example'],
  ])('%s verifies', (_, leaf, host) => {
    expect(verify(leaf, host)).toContain(': OK')
    expect(openssl(['pkey', '-pubout'], leaf.key)).toBe(openssl(['x509', '-noout', '-pubkey'], leaf.certificate))
  })

  it.each([
    ['another name', authority.issue({ names: ['a.example'] }), 'b.example', 'hostname mismatch'],
    ['two labels below a wildcard', authority.issue({ names: ['*.a.example'] }), 'c.b.a.example', 'hostname mismatch'],
    [
      'an expired one',
      authority.issue({ names: ['a.example'], notBefore: Date.now() - 2 * hour, notAfter: Date.now() - hour }),
      'a.example',
      'certificate has expired',
    ],
    [
      'one that is not valid yet',
      authority.issue({ names: ['a.example'], notBefore: Date.now() + hour }),
      'a.example',
      'certificate is not yet valid',
    ],
    [
      'one without its intermediate',
      { ...authority.issue({ names: ['a.example'], intermediate: true }), chain: '' },
      'a.example',
      'unable to get local issuer certificate',
    ],
    [
      'one of another authority',
      { ...authority.issue({ names: ['a.example'] }), ca: createAuthority('Tests').certificate },
      'a.example',
      'unable to get local issuer certificate',
    ],
  ])('%s does not', (_, leaf, host, reason) => {
    expect(() => verify(leaf, host)).toThrow(reason)
  })

  it('gives a chain of leaf and intermediate', () => {
    const direct = authority.issue({ names: ['a.example'] })
    expect(direct.chain).toBe(direct.certificate)
    const { certificate, chain } = authority.issue({ names: ['a.example'], intermediate: true })
    const between = authority.issue({ names: ['b.example'], intermediate: true })
    expect(chain.startsWith(certificate)).toBe(true)
    expect(chain.slice(certificate.length)).toBe(between.chain.slice(between.certificate.length))
    expect(chain.match(/BEGIN/g)).toHaveLength(2)
  })
})

let count = 0

/** Throws with openssl's reason where the leaf is refused. */
function verify({ certificate, chain, ca }: IssuedLeaf, host: string): string {
  count += 1
  const file = (name: string, text: string): string => {
    const path = join(folder, `${count}-${name}.pem`)
    writeFileSync(path, text)
    return path
  }
  const trusted = ['-CAfile', file('ca', ca), '-no-CApath', '-no-CAstore']
  const untrusted = chain === '' ? [] : ['-untrusted', file('chain', chain)]
  const purpose = ['-x509_strict', '-purpose', 'sslserver', '-verify_hostname', host]
  return openssl(['verify', ...trusted, ...untrusted, ...purpose, file('leaf', certificate)])
}
