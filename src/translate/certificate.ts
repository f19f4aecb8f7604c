import { createPrivateKey, X509Certificate } from 'node:crypto'
import type { CertificateDocument } from '../model/documents.js'
import type { Secret } from '../snapshot/objects.js'

/** A Secret of type kubernetes.io/tls, read. */
export type CertificateReading =
  | {
      readonly ok: true
      readonly document: CertificateDocument
      /** Names it is for, lower case: the SAN's DNS names, or the common name where there is no SAN (CERT-2). */
      readonly names: readonly string[]
      /** Milliseconds since the epoch. */
      readonly notBefore: number
      readonly notAfter: number
      /** What is wrong with the chain; it is served all the same. */
      readonly chain: string | undefined
    }
  | {
      readonly ok: false
      readonly code: 'tls/secret-incomplete' | 'tls/certificate-unreadable' | 'tls/key-mismatch'
      readonly message: string
    }

const readings = new WeakMap<Secret, CertificateReading>()

/** Reads `tls.crt` and `tls.key`; once for each Secret object, which stays the same while the Secret does. */
export function readCertificate(secret: Secret): CertificateReading {
  const known = readings.get(secret)
  if (known !== undefined) return known
  const reading = read(secret)
  readings.set(secret, reading)
  return reading
}

function read(secret: Secret): CertificateReading {
  const missing = ['tls.crt', 'tls.key'].filter((key) => (secret.data[key]?.length ?? 0) === 0)
  if (missing.length > 0) {
    const message = `it has no ${missing.join(' and no ')}, so the default certificate is served. A TLS Secret needs both keys.`
    return { ok: false, code: 'tls/secret-incomplete', message }
  }
  const chain = parseChain(secret.data['tls.crt']?.toString('latin1') ?? '')
  if (typeof chain === 'string') return unreadable(`tls.crt ${chain}`)
  const [leaf] = chain
  if (leaf === undefined) return unreadable('tls.crt holds no certificate')
  const key = parseKey(secret.data['tls.key']?.toString('latin1') ?? '')
  if (typeof key === 'string') return unreadable(`tls.key ${key}`)
  if (!leaf.checkPrivateKey(key)) {
    const message =
      'tls.key is not the key of the first certificate in tls.crt, so the default certificate is served. Put the leaf first, and its own key beside it.'
    return { ok: false, code: 'tls/key-mismatch', message }
  }
  return {
    ok: true,
    document: {
      chain: chain.map((certificate) => certificate.toString()).join(''),
      key: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    },
    names: namesOf(leaf),
    notBefore: Date.parse(leaf.validFrom),
    notAfter: Date.parse(leaf.validTo),
    chain: brokenChain(chain),
  }
}

function unreadable(what: string): CertificateReading {
  return { ok: false, code: 'tls/certificate-unreadable', message: `${what}, so the default certificate is served.` }
}

const CERTIFICATE_BLOCK =
  /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[\s\S]*?-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g

function parseChain(pem: string): X509Certificate[] | string {
  const blocks = pem.match(CERTIFICATE_BLOCK) ?? []
  const certificates: X509Certificate[] = []
  for (const [index, block] of blocks.entries()) {
    try {
      certificates.push(new X509Certificate(block))
    } catch {
      return `cannot be parsed (certificate ${index + 1} of ${blocks.length})`
    }
  }
  return certificates
}

const KEY_BLOCK = /-----BEGIN ([A-Z ]*)PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----/

function parseKey(pem: string): ReturnType<typeof createPrivateKey> | string {
  const block = KEY_BLOCK.exec(pem)
  if (block === null) return 'holds no private key in PEM form'
  if (block[1] === 'ENCRYPTED ' || block[0].includes('ENCRYPTED')) {
    return 'is encrypted with a passphrase; store the key without one'
  }
  try {
    return createPrivateKey(block[0])
  } catch {
    return 'cannot be parsed'
  }
}

function namesOf(leaf: X509Certificate): string[] {
  const alternative = leaf.subjectAltName
  if (alternative === undefined) {
    const common = /^CN=(.+)$/m.exec(leaf.subject)?.[1]
    return common === undefined ? [] : [common.toLowerCase()]
  }
  return alternative
    .split(/,\s*/)
    .filter((entry) => entry.startsWith('DNS:'))
    .map((entry) => entry.slice(4).toLowerCase())
}

/** Each certificate after the first should have issued the one before it. */
function brokenChain(chain: readonly X509Certificate[]): string | undefined {
  for (const [index, issuer] of chain.entries()) {
    const subject = chain[index - 1]
    if (subject === undefined) continue
    if (subject.checkIssued(issuer) && subject.verify(issuer.publicKey)) continue
    return `Certificate ${index + 1} of tls.crt did not issue certificate ${index}: some clients will refuse the chain. Order it leaf first, each followed by its issuer.`
  }
  return undefined
}

/** Whether a certificate for `names` is good for `host`; a wildcard stands for one label (RFC 9525, 6.3). */
export function coversHost(names: readonly string[], host: string): boolean {
  const wanted = host.toLowerCase()
  const dot = wanted.indexOf('.')
  const wildcard = dot > 0 ? `*${wanted.slice(dot)}` : wanted
  return names.some((name) => name === wanted || name === wildcard)
}

const DAY = 86_400_000
const SOON_DAYS = 10

/** CERT-8: said, and served anyway. `now` in milliseconds since the epoch. */
export function expiryProblem(
  reading: Extract<CertificateReading, { ok: true }>,
  now: number,
): { readonly code: 'tls/expired' | 'tls/expires-soon'; readonly message: string } | undefined {
  const { notBefore, notAfter } = reading
  const until = new Date(notAfter).toISOString()
  if (now > notAfter) {
    return {
      code: 'tls/expired',
      message: `The certificate expired on ${until}. It is served; clients will refuse it. Renew it.`,
    }
  }
  if (now < notBefore) {
    const from = new Date(notBefore).toISOString()
    return {
      code: 'tls/expired',
      message: `The certificate is not valid before ${from}. It is served; clients will refuse it until then.`,
    }
  }
  if (notAfter - now > SOON_DAYS * DAY) return undefined
  return { code: 'tls/expires-soon', message: `The certificate expires on ${until}, in less than ${SOON_DAYS} days.` }
}
