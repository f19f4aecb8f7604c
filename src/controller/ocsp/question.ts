import { createHash, X509Certificate } from 'node:crypto'
import * as der from '../der.js'
import { BIT_STRING, type DerValue, INTEGER, SEQUENCE, valuesIn, readValues } from './der-reader.js'

/** What a responder is asked about a certificate (RFC 6960, 4.1.1). */
export interface OcspQuestion {
  readonly issuer: X509Certificate
  /** http or https; the first that the certificate names. */
  readonly responder: URL
  /** DER of a CertID, by which the answer is recognised. */
  readonly id: Buffer
  /** DER of an OCSPRequest. Without a nonce: many responders answer from what they signed before. */
  readonly request: Buffer
}

/** Nobody can be asked: why, as a clause about the certificate. */
interface NoQuestion {
  readonly ok: false
  readonly reason: string
}

/** What to ask about the first certificate of a PEM chain. Never throws, whatever the certificates hold. */
export function questionOf(chain: string): { readonly ok: true; readonly question: OcspQuestion } | NoQuestion {
  try {
    return read(chain)
  } catch {
    // OpenSSL does not know the kind of a key, say.
    return UNREADABLE
  }
}

const UNREADABLE: NoQuestion = { ok: false, reason: 'it cannot be read' }

function read(chain: string): ReturnType<typeof questionOf> {
  const [leaf, issuer] = chain.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  if (leaf === undefined) return UNREADABLE
  const certificate = new X509Certificate(leaf)
  const responder = responderOf(certificate)
  if (responder === undefined) return { ok: false, reason: 'it names no responder' }
  const issued = issuer === undefined ? undefined : new X509Certificate(issuer)
  if (issued === undefined || !certificate.checkIssued(issued))
    return { ok: false, reason: 'the certificate of its issuer does not follow it in tls.crt' }
  const id = idOf(certificate, issued)
  if (id === undefined) return UNREADABLE
  const request = der.sequence(der.sequence(der.sequence(der.sequence(id))))
  return { ok: true, question: { issuer: issued, responder, id, request } }
}

/** Authority information access (RFC 5280, 4.2.2.1). */
function responderOf({ infoAccess }: X509Certificate): URL | undefined {
  for (const line of (infoAccess ?? '').split('\n')) {
    const [, text] = /^OCSP - URI:"?([^"\s]{1,2048})"?$/.exec(line) ?? []
    const url = text === undefined || !URL.canParse(text) ? undefined : new URL(text)
    if (url !== undefined && (url.protocol === 'http:' || url.protocol === 'https:')) return url
  }
  return undefined
}

/** SHA-1 names here, and protects nothing; every responder knows it. */
const SHA1 = '1.3.14.3.2.26'

function idOf(certificate: X509Certificate, issuer: X509Certificate): Buffer | undefined {
  const fields = fieldsOf(certificate)
  const serial = fields?.[0]
  const name = fields?.[2]
  const key = keyOf(issuer)
  if (serial?.tag !== INTEGER || name === undefined || key === undefined) return undefined
  return der.sequence(
    der.sequence(der.objectIdentifier(SHA1), der.nullValue()),
    der.octetString(sha1(name.whole)),
    der.octetString(sha1(key)),
    serial.whole,
  )
}

/** Serial number, algorithm, name of the issuer, and so on: the fields behind the version. */
function fieldsOf({ raw }: X509Certificate): readonly DerValue[] | undefined {
  const [body] = valuesIn(readValues(raw)?.[0], SEQUENCE)
  return valuesIn(body, SEQUENCE).filter(({ tag }) => tag !== 0xa0)
}

/** The key of a certificate without its kind, and without the byte that says how many bits do not count. */
function keyOf({ publicKey }: X509Certificate): Buffer | undefined {
  const bytes = publicKey.export({ type: 'spki', format: 'der' })
  const key = valuesIn(readValues(bytes)?.[0], SEQUENCE)[1]
  return key?.tag === BIT_STRING ? key.content.subarray(1) : undefined
}

function sha1(bytes: Buffer): Buffer {
  return createHash('sha1').update(bytes).digest()
}
