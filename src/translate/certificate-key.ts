import { createPrivateKey, type KeyObject } from 'node:crypto'
import { decodePemBody, type PemBlock, readPemBlocks } from './certificate-pem.js'

export type KeyReading =
  | { readonly ok: true; readonly key: KeyObject }
  /** A clause that continues `tls.key`; never a part of the key. */
  | { readonly ok: false; readonly fault: string }

/** DER structure by PEM label: PKCS#8 (RFC 5958), PKCS#1 (RFC 8017), SEC 1 (RFC 5915). */
const STRUCTURES = new Map<string, 'pkcs8' | 'pkcs1' | 'sec1'>([
  ['PRIVATE KEY', 'pkcs8'],
  ['RSA PRIVATE KEY', 'pkcs1'],
  ['EC PRIVATE KEY', 'sec1'],
])

/** What a TLS server can sign a handshake with. */
const KINDS = ['rsa', 'rsa-pss', 'ec', 'ed25519', 'ed448']

/** The curves TLS 1.3 signs with (RFC 8446, 4.2.3); with others NGINX finds no signature algorithm. */
const CURVES = ['prime256v1', 'secp384r1', 'secp521r1']

/**
 * OpenSSL at its security level 2, which is Debian's, counts the strength of an RSA key in steps, so that slightly fewer
 * than 2048 bits pass: 1984 did when tried, 1920 did not.
 */
const LEAST_RSA_BITS = 1984

/** The first private key of a PEM file; other blocks, such as `EC PARAMETERS`, are skipped. */
export function readPrivateKey(pem: string): KeyReading {
  const block = readPemBlocks(pem).find(({ label }) => label.endsWith('PRIVATE KEY'))
  if (block === undefined) return { ok: false, fault: 'holds no private key in PEM form' }
  return readBlock(block)
}

function readBlock({ label, body }: PemBlock): KeyReading {
  if (body === undefined) return { ok: false, fault: 'is cut off: the private key has no END line' }
  // The second form is that of RFC 1421: a header `Proc-Type: 4,ENCRYPTED` above the key.
  if (label === 'ENCRYPTED PRIVATE KEY' || body.includes('ENCRYPTED')) {
    return { ok: false, fault: 'is encrypted with a passphrase, which nobody can type here' }
  }
  const type = STRUCTURES.get(label)
  if (type === undefined) return { ok: false, fault: `is of the form "${label}"; PKCS#8, PKCS#1 and SEC 1 are read` }
  const bytes = decodePemBody(body)
  if (bytes === undefined) return { ok: false, fault: 'cannot be read: the private key is not base64' }
  const key = parseKey(bytes, type)
  if (key === undefined) return { ok: false, fault: `cannot be read: it is not what its label "${label}" says` }
  const weakness = findWeakness(key)
  return weakness === undefined ? { ok: true, key } : { ok: false, fault: weakness }
}

/**
 * Keys that can be read but with which every handshake would fail, in NGINX or in its clients: better to say so here than
 * to leave a host without any certificate.
 */
function findWeakness(key: KeyObject): string | undefined {
  const kind = key.asymmetricKeyType ?? 'unknown'
  if (!KINDS.includes(kind)) return `is of the kind ${kind}, which TLS cannot use; RSA, EC and Ed25519 keys are`
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {}
  if (modulusLength !== undefined && modulusLength < LEAST_RSA_BITS) {
    return `is an RSA key of ${modulusLength} bits, which TLS libraries refuse; 2048 are needed`
  }
  if (kind !== 'ec' || (namedCurve !== undefined && CURVES.includes(namedCurve))) return undefined
  return `is on the curve ${namedCurve ?? 'without a name'}, which TLS clients do not offer; P-256, P-384 and P-521 are used`
}

function parseKey(key: Buffer, type: 'pkcs8' | 'pkcs1' | 'sec1'): KeyObject | undefined {
  try {
    return createPrivateKey({ key, format: 'der', type })
  } catch {
    return undefined
  }
}

/** PKCS#8 PEM, which NGINX reads whatever the kind of key. */
export function printKey(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString()
}
