import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { createAuthority } from '../support/certificates.js'

const names = new URL('../../dist/translate/certificate-names.js', import.meta.url)

/** A process of its own: other tests of this one have loaded all of TLS. */
function runAlone(...statements: readonly string[]): string {
  return execFileSync(process.execPath, ['--input-type=module', '-e', statements.join('\n')], { encoding: 'utf8' })
}

test('CERT-2: a process that has read the common names of a certificate can open connections over TLS', () => {
  const { certificate } = createAuthority('legacy names').issue({ names: [], commonName: 'Legacy.example.com' })
  const said = runAlone(
    `import { X509Certificate } from 'node:crypto'`,
    `import { namesOf } from ${JSON.stringify(names.href)}`,
    `const names = namesOf(new X509Certificate(${JSON.stringify(certificate)}))`,
    `const { createSecureContext } = await import('node:tls')`,
    `console.log(...names, typeof createSecureContext)`,
  )
  expect(said).toBe('legacy.example.com function\n')
})
