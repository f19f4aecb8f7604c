import { X509Certificate } from 'node:crypto'
import type { AuthorityAttachment } from '../../model/attachment.js'
import type { Secret } from '../../snapshot/objects.js'
import { readRevocations } from './revocations.js'

/** What a Secret has to verify client certificates by (MTLS-2). */
export type AuthorityReading =
  | { readonly ok: true; readonly authority: AuthorityAttachment }
  /** A sentence; never a part of the Secret. */
  | { readonly ok: false; readonly fault: string }

const readings = new WeakMap<Secret, AuthorityReading>()

/** Reads `ca.crt` and `ca.crl`; once for each Secret object. What is left out could be what counts, so all of it is read. */
export function readAuthority(secret: Secret, digest: (text: string) => string): AuthorityReading {
  const known = readings.get(secret) ?? read(secret, digest)
  readings.set(secret, known)
  return known
}

function read({ data }: Secret, digest: (text: string) => string): AuthorityReading {
  const [crt = '', crl = ''] = (['ca.crt', 'ca.crl'] as const).map(
    (name) => data[name]?.toString('latin1').trim() ?? '',
  )
  if (crt === '') return { ok: false, fault: 'It has no ca.crt, which client certificates are verified by.' }
  const certificates = readCertificates(crt)
  if (certificates === undefined)
    return { ok: false, fault: 'Its ca.crt holds no certificates in PEM form that can be read.' }
  const revocations = data['ca.crl'] === undefined ? undefined : readRevocations(crl)
  if (data['ca.crl'] !== undefined && revocations === undefined)
    return { ok: false, fault: 'Its ca.crl holds no revocation lists in PEM form that can be read.' }
  return {
    ok: true,
    authority: {
      kind: 'authority',
      certificates,
      ...(revocations === undefined ? {} : { revocations }),
      digest: digest(`${certificates} ${revocations ?? ''}`),
    },
  }
}

const BEGIN = '-----BEGIN CERTIFICATE-----'

/** Parsed and printed anew. */
function readCertificates(pem: string): string | undefined {
  const [, ...bodies] = pem.split(BEGIN)
  if (bodies.length === 0) return undefined
  try {
    return bodies.map((body) => new X509Certificate(`${BEGIN}${body}`).toString()).join('')
  } catch {
    return undefined
  }
}
