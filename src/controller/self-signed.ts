import { generateKeyPairSync } from 'node:crypto'
import { issueCertificate } from './x509.js'

const DAY = 86_400_000

/** A certificate and its key, both PEM. */
export interface KeyPair {
  readonly certificate: string
  readonly key: string
}

/**
 * The certificate for names that have none of their own (CERT-3), with an EC P-256 key: an RSA key takes forty times as
 * long to make. `now` in milliseconds since the epoch.
 */
export function createSelfSigned(now: number): KeyPair {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const subject = { commonName: 'Kubernetes Ingress Controller Fake Certificate', organization: 'Acme Co' }
  const certificate = issueCertificate(
    {
      ...subject,
      names: ['ingress.local'],
      notBefore: now - DAY / 24,
      notAfter: now + 365 * DAY,
      authority: false,
      publicKey,
    },
    { ...subject, privateKey },
  )
  return { certificate, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }
}
