import { verify, X509Certificate } from 'node:crypto'
import {
  BIT_STRING,
  type DerValue,
  ENUMERATED,
  identifierOf,
  OCTET_STRING,
  readValues,
  SEQUENCE,
  timeOf,
  valuesIn,
} from './der-reader.js'
import type { OcspQuestion } from './question.js'

/** What an answer says, once it is known to be from somebody who may say it. Times in milliseconds since the epoch. */
export type OcspAnswer =
  | { readonly kind: 'good'; readonly until: number }
  | { readonly kind: 'revoked'; readonly since: number }
  /** A clause that continues `the answer of its responder`. */
  | { readonly kind: 'unusable'; readonly reason: string }

/** How far the clocks of responders may be ahead. */
const SKEW = 5 * 60_000
/** How long an answer counts that does not say it: as long as ingress-nginx keeps one. */
const LONGEST = 3 * 24 * 3_600_000

/** Reads and verifies an OCSPResponse (RFC 6960, 4.2); never throws, whatever the bytes. */
export function readAnswer(bytes: Buffer, question: OcspQuestion, now: number): OcspAnswer {
  const [response, ...more] = readValues(bytes) ?? []
  const [status, body] = valuesIn(response, SEQUENCE)
  if (more.length > 0 || status?.tag !== ENUMERATED) return unusable('cannot be read')
  const code = status.content[0] ?? 0
  if (code !== 0) return unusable(`is an error: ${ERRORS[code] ?? `number ${code}`}`)
  const [type, basic] = valuesIn(valuesIn(body, 0xa0)[0], SEQUENCE)
  if (identifierOf(type) !== BASIC || basic?.tag !== OCTET_STRING) return unusable('is of a form that nobody knows')
  const [data, algorithm, signature, certificates] = valuesIn(readValues(basic.content)?.[0], SEQUENCE)
  if (data?.tag !== SEQUENCE || signature?.tag !== BIT_STRING) return unusable('cannot be read')
  const signed = {
    data: data.whole,
    algorithm: identifierOf(valuesIn(algorithm, SEQUENCE)[0]),
    bytes: signature.content.subarray(1),
  }
  const single = findSingle(data, question.id)
  if (single === undefined) return unusable('is about another certificate')
  if (!isSigned(signed, question.issuer, certificates, now)) {
    return unusable('is not signed by the issuer, nor by somebody whom the issuer allows to')
  }
  return readSingle(single, now)
}

/** RFC 6960, 4.2.1. */
const ERRORS: Readonly<Record<number, string>> = {
  1: 'malformedRequest',
  2: 'internalError',
  3: 'tryLater',
  5: 'sigRequired',
  6: 'unauthorized',
}

const BASIC = '1.3.6.1.5.5.7.48.1.1'

function unusable(reason: string): OcspAnswer {
  return { kind: 'unusable', reason }
}

/** The fields of the answer about one certificate, by its CertID. */
function findSingle(data: DerValue, id: Buffer): readonly DerValue[] | undefined {
  const fields = valuesIn(data, SEQUENCE).filter(({ tag }) => tag !== 0xa0)
  // The name or key of the responder, when, and then the answers.
  return valuesIn(fields[2], SEQUENCE)
    .map((single) => valuesIn(single, SEQUENCE))
    .find(([own]) => isSameId(own, id))
}

/** Field by field: of the algorithm's parameters, which are none, there are two spellings. */
function isSameId(own: DerValue | undefined, id: Buffer): boolean {
  const fields = valuesIn(own, SEQUENCE)
  const wanted = valuesIn(readValues(id)?.[0], SEQUENCE)
  return (
    fields.length === 4 &&
    identifierOf(valuesIn(fields[0], SEQUENCE)[0]) === identifierOf(valuesIn(wanted[0], SEQUENCE)[0]) &&
    [1, 2, 3].every((at) => fields[at]?.whole.equals(wanted[at]?.whole ?? Buffer.alloc(0)) === true)
  )
}

function readSingle([, status, thisUpdate, next]: readonly DerValue[], now: number): OcspAnswer {
  const from = timeOf(thisUpdate)
  if (from === undefined || status === undefined) return unusable('cannot be read')
  const until = next?.tag === 0xa0 ? timeOf(valuesIn(next, 0xa0)[0]) : from + LONGEST
  if (until === undefined) return unusable('cannot be read')
  if (from > now + SKEW) return unusable(`counts only from ${new Date(from).toISOString()} on; the clocks differ`)
  if (until <= now) return unusable(`counted until ${new Date(until).toISOString()} only`)
  if (status.tag === 0x80) return { kind: 'good', until: Math.min(until, now + LONGEST * 10) }
  if (status.tag === 0xa1) return { kind: 'revoked', since: timeOf(valuesIn(status, 0xa1)[0]) ?? from }
  return unusable('says that it does not know the certificate')
}

interface Signed {
  readonly data: Buffer
  readonly algorithm: string
  readonly bytes: Buffer
}

/** RFC 6960, 4.2.2.2. */
function isSigned(signed: Signed, issuer: X509Certificate, certificates: DerValue | undefined, now: number): boolean {
  if (isSignedWith(signed, issuer)) return true
  return valuesIn(valuesIn(certificates, 0xa0)[0], SEQUENCE).some(({ whole }) => {
    const delegate = parse(whole)
    return delegate !== undefined && mayAnswer(delegate, issuer, now) && isSignedWith(signed, delegate)
  })
}

const OCSP_SIGNING = '1.3.6.1.5.5.7.3.9'

function mayAnswer(delegate: X509Certificate, issuer: X509Certificate, now: number): boolean {
  try {
    return (
      // The declaration knows no certificate without this extension.
      (delegate.keyUsage as readonly string[] | undefined)?.includes(OCSP_SIGNING) === true &&
      Date.parse(delegate.validFrom) <= now + SKEW &&
      now <= Date.parse(delegate.validTo) &&
      delegate.checkIssued(issuer) &&
      delegate.verify(issuer.publicKey)
    )
  } catch {
    return false
  }
}

/** What clients take too; SHA-1 they do not. `null`: the algorithm is that of the key. */
const DIGESTS = new Map<string, string | null>([
  ['1.2.840.113549.1.1.11', 'sha256'],
  ['1.2.840.113549.1.1.12', 'sha384'],
  ['1.2.840.113549.1.1.13', 'sha512'],
  ['1.2.840.10045.4.3.2', 'sha256'],
  ['1.2.840.10045.4.3.3', 'sha384'],
  ['1.2.840.10045.4.3.4', 'sha512'],
  ['1.3.101.112', null],
])

function isSignedWith({ data, algorithm, bytes }: Signed, signer: X509Certificate): boolean {
  const digest = DIGESTS.get(algorithm)
  if (digest === undefined) return false
  try {
    return verify(digest, data, signer.publicKey, bytes)
  } catch {
    // A key of another kind than the algorithm, or of one that OpenSSL does not know.
    return false
  }
}

function parse(bytes: Buffer): X509Certificate | undefined {
  try {
    return new X509Certificate(bytes)
  } catch {
    return undefined
  }
}
