import { generateKeyPairSync } from 'node:crypto'
import { issueCertificate } from './x509.js'

const HOUR = 3_600_000
const DAY = 24 * HOUR

/** A certificate and its key, both PEM. */
export interface KeyPair {
  readonly certificate: string
  readonly key: string
}

export interface SelfSignedRequest {
  readonly commonName: string
  readonly organization: string
  /** DNS names of the subject alternative name; empty: no such extension. */
  readonly names: readonly string[]
  /** How long it is valid, from `now`. */
  readonly days: number
  /** Milliseconds since the epoch. */
  readonly now: number
  /** Default: a server's. */
  readonly purpose?: 'server' | 'client'
}

/** Makes a certificate that vouches for itself, with an EC P-256 key: an RSA key takes forty times as long. */
export function createSelfSigned(request: SelfSignedRequest): KeyPair {
  const { commonName, organization, names, days, now, purpose } = request
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const certificate = issueCertificate(
    {
      commonName,
      organization,
      names,
      // An hour early, for clients whose clock is behind.
      notBefore: now - HOUR,
      notAfter: now + days * DAY,
      authority: false,
      ...(purpose === undefined ? {} : { purpose }),
      publicKey,
    },
    { commonName, organization, privateKey },
  )
  return { certificate, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }
}
