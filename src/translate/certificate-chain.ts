import { X509Certificate } from 'node:crypto'
import { decodePemBody, readPemBlocks } from './certificate-pem.js'

/** The last two are OpenSSL's: an old name, and a certificate with trust settings behind it. */
const LABELS = ['CERTIFICATE', 'X509 CERTIFICATE', 'TRUSTED CERTIFICATE']

export type ChainReading =
  | { readonly ok: true; readonly leaf: X509Certificate; readonly chain: readonly X509Certificate[] }
  /** A clause that continues `tls.crt`. */
  | { readonly ok: false; readonly fault: string }

/** The certificates of a PEM bundle in the order of the file; other blocks in it are skipped. */
export function readChain(pem: string): ChainReading {
  const blocks = readPemBlocks(pem).filter(({ label }) => LABELS.includes(label))
  const chain: X509Certificate[] = []
  for (const [index, { body }] of blocks.entries()) {
    const which = `certificate ${index + 1} of ${blocks.length}`
    if (body === undefined) return { ok: false, fault: `is cut off: ${which} has no END line` }
    const bytes = decodePemBody(body)
    if (bytes === undefined) return { ok: false, fault: `cannot be read: ${which} is not base64` }
    const certificate = index === 0 ? parseCertificate(bytes) : parseIssuer(bytes)
    if (certificate === undefined) return { ok: false, fault: `cannot be read: ${which} is not an X.509 certificate` }
    chain.push(certificate)
  }
  const [leaf] = chain
  return leaf === undefined ? { ok: false, fault: 'holds no certificate in PEM form' } : { ok: true, leaf, chain }
}

/**
 * What is wrong with the order of a chain; undefined: each certificate was issued by the one after it, by its names and
 * by its signature (RFC 8446, 4.4.2). Whether somebody trusts the last one is not asked.
 */
export function findBreak(chain: readonly X509Certificate[]): string | undefined {
  for (const [index, issuer] of chain.entries()) {
    const subject = chain[index - 1]
    if (subject === undefined || isIssuedBy(subject, issuer)) continue
    return (
      `Certificate ${index + 1} of tls.crt did not issue certificate ${index}. The chain is served as it is, and some ` +
      `clients will refuse it. Order tls.crt leaf first, each certificate followed by the one that issued it.`
    )
  }
  return undefined
}

function parseCertificate(bytes: Buffer): X509Certificate | undefined {
  try {
    return new X509Certificate(bytes)
  } catch {
    return undefined
  }
}

const ISSUERS = 64
const issuers = new Map<string, X509Certificate>()

/**
 * Thousands of leafs share a few issuers; parsing one, and its public key, takes as long as all the rest of a chain but
 * for the signature. The oldest of `ISSUERS` is forgotten.
 */
function parseIssuer(bytes: Buffer): X509Certificate | undefined {
  const text = bytes.toString('latin1')
  const known = issuers.get(text)
  if (known !== undefined) return known
  const certificate = parseCertificate(bytes)
  if (certificate === undefined) return undefined
  const [oldest] = issuers.keys()
  if (oldest !== undefined && issuers.size >= ISSUERS) issuers.delete(oldest)
  issuers.set(text, certificate)
  return certificate
}

function isIssuedBy(subject: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return subject.checkIssued(issuer) && subject.verify(issuer.publicKey)
  } catch {
    // OpenSSL does not know the kind of the issuer's key, so no client that uses it does either.
    return false
  }
}
