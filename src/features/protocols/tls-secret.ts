import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import type { ClientCertificateAttachment } from '../../model/attachment.js'
import type { Secret } from '../../snapshot/objects.js'

/** What a Secret has for TLS to a backend (PSSL-2). */
export type TlsSecret =
  | {
      readonly ok: true
      /** Trusted certificates in PEM; undefined: no `ca.crt`, and then the Secret has no effect. */
      readonly authority: string | undefined
      readonly client: ClientCertificateAttachment | undefined
    }
  /** A sentence; never a part of the Secret. */
  | { readonly ok: false; readonly fault: string }

const readings = new WeakMap<Secret, TlsSecret>()

/**
 * Reads `ca.crt`, `tls.crt` and `tls.key`; once for each Secret object. Everything is parsed here and printed anew: NGINX
 * would write a key that it cannot read into its log.
 */
export function readTlsSecret(secret: Secret): TlsSecret {
  const known = readings.get(secret) ?? read(secret)
  readings.set(secret, known)
  return known
}

function read({ data }: Secret): TlsSecret {
  const [ca, crt, key] = (['ca.crt', 'tls.crt', 'tls.key'] as const).map(
    (name) => data[name]?.toString('latin1').trim() ?? '',
  )
  if (ca === undefined || ca === '') return { ok: true, authority: undefined, client: undefined }
  const authority = readCertificates(ca)
  if (authority === undefined) return fault('ca.crt holds no certificates in PEM form that can be read.')
  const trusted = authority.map(String).join('')
  if (crt === undefined || key === undefined || (crt === '' && key === ''))
    return { ok: true, authority: trusted, client: undefined }
  const chain = readCertificates(crt)
  if (chain === undefined) return fault('tls.crt holds no certificates in PEM form that can be read.')
  const read = readKey(key)
  if (read === undefined)
    return fault('tls.key holds no private key in PEM form that can be read without a passphrase.')
  if (!isKeyOf(read, chain)) return fault('tls.key is not the key of the first certificate in tls.crt.')
  const text = read.export({ type: 'pkcs8', format: 'pem' }).toString()
  return {
    ok: true,
    authority: trusted,
    client: { kind: 'client certificate', chain: chain.map(String).join(''), key: text },
  }
}

function fault(sentence: string): TlsSecret {
  return { ok: false, fault: sentence }
}

const BEGIN = '-----BEGIN CERTIFICATE-----'

/** All of them, or undefined: one that is left out could be the one that counts. */
function readCertificates(pem: string): readonly X509Certificate[] | undefined {
  const [, ...bodies] = pem.split(BEGIN)
  if (bodies.length === 0) return undefined
  try {
    return bodies.map((body) => new X509Certificate(`${BEGIN}${body}`))
  } catch {
    return undefined
  }
}

function readKey(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem)
  } catch {
    return undefined
  }
}

function isKeyOf(key: KeyObject, [leaf]: readonly X509Certificate[]): boolean {
  try {
    return leaf?.checkPrivateKey(key) === true
  } catch {
    return false
  }
}
