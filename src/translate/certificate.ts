import type { KeyObject, X509Certificate } from 'node:crypto'
import type { CertificateDocument } from '../model/documents.js'
import type { Secret } from '../snapshot/objects.js'
import { findBreak, readChain } from './certificate-chain.js'
import { printKey, readPrivateKey } from './certificate-key.js'
import { namesOf } from './certificate-names.js'
import { demandsStaple } from './staple.js'

export { expiryProblem } from './certificate-expiry.js'
export { coversHost } from './certificate-names.js'

/** A Secret of type kubernetes.io/tls, read. */
export type CertificateReading = UsableCertificate | UnusableCertificate

interface UsableCertificate {
  readonly ok: true
  readonly document: CertificateDocument
  /** Names it is for, lower case: the SAN's DNS names, or the common name where there is no SAN (CERT-2). */
  readonly names: readonly string[]
  /** Of a host's certificates for each kind of key, the client's offer decides which one is served. */
  readonly keyKind: string
  /** It demands that an OCSP response is stapled (RFC 7633). */
  readonly mustStaple: boolean
  /** Milliseconds since the epoch. */
  readonly notBefore: number
  readonly notAfter: number
  /** Message of `tls/chain-broken`; undefined: the chain fits together. It is served all the same. */
  readonly chain: string | undefined
}

interface UnusableCertificate {
  readonly ok: false
  readonly code: 'tls/secret-incomplete' | 'tls/certificate-unreadable' | 'tls/key-mismatch'
  /** What is wrong, that the default certificate is served instead, how to put it right; does not name the Secret. */
  readonly message: string
  /** Its first and last part, for where something else is served instead. */
  readonly fault: string
  readonly advice: string
}

const readings = new WeakMap<Secret, CertificateReading>()

/**
 * Reads `tls.crt` (PEM, leaf first: CERT-7) and `tls.key` (PEM: PKCS#8, PKCS#1 or SEC 1); once for each Secret object,
 * which stays the same while the Secret does. Never throws, whatever the bytes.
 */
export function readCertificate(secret: Secret): CertificateReading {
  const known = readings.get(secret)
  if (known !== undefined) return known
  const reading = read(secret)
  readings.set(secret, reading)
  return reading
}

function read(secret: Secret): CertificateReading {
  const crt = contentOf(secret, 'tls.crt')
  const key = contentOf(secret, 'tls.key')
  if (crt === '' || key === '') return incomplete(crt === '', key === '')
  const chain = readChain(crt)
  if (!chain.ok) return unreadable(`tls.crt ${chain.fault}`, CHAIN_ADVICE)
  const privateKey = readPrivateKey(key)
  if (!privateKey.ok) return unreadable(`tls.key ${privateKey.fault}`, KEY_ADVICE)
  const owner = chain.chain.findIndex((certificate) => hasKey(certificate, privateKey.key))
  if (owner !== 0) return mismatch(owner, chain.chain.length)
  const notBefore = Date.parse(chain.leaf.validFrom)
  const notAfter = Date.parse(chain.leaf.validTo)
  if (Number.isNaN(notBefore) || Number.isNaN(notAfter)) {
    return unreadable('tls.crt cannot be read: the validity of certificate 1 is not a time', CHAIN_ADVICE)
  }
  return {
    ok: true,
    document: {
      chain: chain.chain.map((certificate) => certificate.toString()).join(''),
      key: printKey(privateKey.key),
    },
    names: namesOf(chain.leaf),
    keyKind: privateKey.key.asymmetricKeyType ?? 'unknown',
    mustStaple: demandsStaple(chain.leaf.raw),
    notBefore,
    notAfter,
    chain: findBreak(chain.chain),
  }
}

/** One character per byte; what is not ASCII stands outside the blocks, or makes them unreadable. */
function contentOf(secret: Secret, key: 'tls.crt' | 'tls.key'): string {
  return (secret.data[key]?.toString('latin1') ?? '').trim()
}

function hasKey(certificate: X509Certificate, key: KeyObject): boolean {
  try {
    return certificate.checkPrivateKey(key)
  } catch {
    return false
  }
}

const CHAIN_ADVICE = 'Put the certificate in PEM form there, followed by those of its issuers.'
const KEY_ADVICE = 'Put the private key of the certificate there, in PEM form and without a passphrase.'

function incomplete(noChain: boolean, noKey: boolean): CertificateReading {
  const what = noChain && noKey ? 'tls.crt and tls.key are' : noChain ? 'tls.crt is' : 'tls.key is'
  const advice = 'A TLS Secret needs both: the certificate and its private key.'
  return unusable('tls/secret-incomplete', `${what} missing or empty`, advice)
}

function unreadable(fault: string, advice: string): CertificateReading {
  return unusable('tls/certificate-unreadable', fault, advice)
}

function mismatch(owner: number, count: number): CertificateReading {
  return owner < 0
    ? unusable(
        'tls/key-mismatch',
        'tls.key is not the key of the first certificate in tls.crt',
        'Put the two that belong together there.',
      )
    : unusable(
        'tls/key-mismatch',
        `tls.key is the key of certificate ${owner + 1} of ${count} in tls.crt`,
        'Put that certificate first.',
      )
}

function unusable(code: UnusableCertificate['code'], fault: string, advice: string): UnusableCertificate {
  return { ok: false, code, fault, advice, message: `${fault}, so the default certificate is served. ${advice}` }
}
