import type { CertificateDocument } from '../model/documents.js'
import type { ProblemCode } from '../problems/catalogue.js'

/** What is known of a certificate from its OCSP responder, and of which: `chain` is that of its document. */
export type StapleAnswer =
  /** `response`: DER in base64. Times in milliseconds since the epoch. */
  | { readonly kind: 'good'; readonly chain: string; readonly response: string; readonly until: number }
  | { readonly kind: 'revoked'; readonly chain: string; readonly since: number }
  /** `reason` continues `its OCSP responder`. */
  | { readonly kind: 'failed'; readonly chain: string; readonly reason: string }
  /** Nobody can be asked. `reason` is a clause about the certificate. */
  | { readonly kind: 'impossible'; readonly chain: string; readonly reason: string }

/** `off`: without `enable-ocsp`. undefined: nothing is known yet. */
export type Staple = StapleAnswer | 'off' | undefined

/** What of a certificate matters here. */
export interface Staplable {
  readonly document: CertificateDocument
  /** It says that clients may refuse it without a staple (RFC 7633). */
  readonly mustStaple: boolean
}

/** The answer, if it is about this certificate and not about the one before it. */
export function answerFor({ document }: Staplable, answer: StapleAnswer | undefined): StapleAnswer | undefined {
  return answer?.chain === document.chain ? answer : undefined
}

/** The document as it goes into the table. */
export function stapled({ document }: Staplable, staple: Staple): CertificateDocument {
  if (typeof staple !== 'object' || staple.kind !== 'good') return document
  return { ...document, staple: { response: staple.response, until: Math.floor(staple.until / 1000) } }
}

/** What is wrong about the staple. */
export function stapleProblem(
  { mustStaple }: Staplable,
  staple: Staple,
): { readonly code: ProblemCode; readonly message: string } | undefined {
  const refusing = mustStaple ? ' It demands a staple (must-staple): clients that heed that refuse it without.' : ''
  if (staple === 'off') {
    if (!mustStaple) return undefined
    const message = `No OCSP response is stapled to the certificate.${refusing} Set enable-ocsp in the ConfigMap.`
    return { code: 'tls/no-staple', message }
  }
  switch (staple?.kind) {
    case 'revoked': {
      const since = new Date(staple.since).toISOString().replace('.000', '')
      const message = `The certificate was revoked at ${since}, says its OCSP responder. It is served without a staple, and clients will refuse it. Replace it.`
      return { code: 'tls/revoked', message }
    }
    case 'failed': {
      const message = `No OCSP response is stapled to the certificate: its OCSP responder ${staple.reason}.${refusing} It is asked again.`
      return { code: 'tls/no-staple', message }
    }
    case 'impossible': {
      if (!mustStaple) return undefined
      const message = `No OCSP response can be stapled to the certificate: ${staple.reason}.${refusing}`
      return { code: 'tls/no-staple', message }
    }
    case 'good':
    case undefined:
      return undefined
  }
}

/** The extension of RFC 7633 that demands status_request, in DER: its name; what it holds. */
const FEATURE = Buffer.from('06082b06010505070118', 'hex')
const STATUS_REQUEST = Buffer.from('3003020105', 'hex')

/** Whether a certificate (DER) demands that its status is stapled. */
export function demandsStaple(certificate: Buffer): boolean {
  const at = certificate.indexOf(FEATURE)
  // Between them there are a flag and the head of a string.
  return at >= 0 && certificate.subarray(at + FEATURE.length, at + FEATURE.length + 10).includes(STATUS_REQUEST)
}
