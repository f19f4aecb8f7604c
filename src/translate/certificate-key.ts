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
const SIGNING = ['rsa', 'rsa-pss', 'ec', 'ed25519', 'ed448']

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
  const kind = key.asymmetricKeyType ?? 'unknown'
  return SIGNING.includes(kind)
    ? { ok: true, key }
    : { ok: false, fault: `is of the kind ${kind}, which TLS cannot use; RSA, EC and Ed25519 keys are` }
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
