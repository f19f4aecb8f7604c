import { readFileSync } from 'node:fs'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { replaceFile } from '../disk/replace-file.js'
import { createSelfSigned, type KeyPair } from './self-signed.js'

const DAY = 86_400_000

const SUBJECT = {
  commonName: 'Kubernetes Ingress Controller Fake Certificate',
  organization: 'Acme Co',
  names: ['ingress.local'],
  days: 365,
}

/**
 * The self-signed certificate of a state folder (CERT-3): made once, kept, and made anew when it would expire within a
 * month. `files` are the paths NGINX names in its frame. Throws what the file system says.
 */
export function keepFallbackCertificate(files: { certificate: string; key: string }, now: number): KeyPair {
  const known = readKept(files)
  if (known !== undefined && Date.parse(new X509Certificate(known.certificate).validTo) - now > 30 * DAY) return known
  const made = createSelfSigned({ ...SUBJECT, now })
  replaceFile(files.key, made.key)
  replaceFile(files.certificate, made.certificate)
  return made
}

function readKept(files: { certificate: string; key: string }): KeyPair | undefined {
  try {
    const kept = { certificate: readFileSync(files.certificate, 'utf8'), key: readFileSync(files.key, 'utf8') }
    return new X509Certificate(kept.certificate).checkPrivateKey(createPrivateKey(kept.key)) ? kept : undefined
  } catch {
    return undefined
  }
}
