import type { CertificateDocument } from '../model/documents.js'
import { createProblem } from '../problems/create.js'
import type { Problem } from '../problems/problem.js'
import type { Secret } from '../snapshot/objects.js'
import type { Snapshot } from '../snapshot/snapshot.js'
import { readCertificate } from './certificate.js'
import type { Span } from './certificate-expiry.js'
import { ALWAYS, type CertificateCell, readCell, stapleOf, type Stapling } from './certificates.js'
import type { TranslateOptions } from './options.js'
import { problemOf } from './reference.js'

/** The certificate for names without one of their own, with what is to say about it within a span of time. */
export interface DefaultCertificate extends Span {
  /** undefined where the Secret is missing, or none is named. */
  readonly secret: Secret | undefined
  readonly document: CertificateDocument
  /** Where the Secret can be used. */
  readonly cell: CertificateCell | undefined
  readonly problems: readonly Problem[]
}

/** CERT-3: that of `--default-ssl-certificate`, else the fallback; `previous` itself where nothing changed. */
export function readDefaultCertificate(
  snapshot: Snapshot,
  options: TranslateOptions,
  fallback: CertificateDocument,
  now: number,
  stapling: Stapling,
  previous: DefaultCertificate | undefined,
): DefaultCertificate {
  const name = options.defaultCertificate
  const secret = name === '' ? undefined : snapshot.secrets.get(name)
  const cell = secret === undefined ? undefined : readCell(secret, now, stapleOf(stapling, secret), previous?.cell)
  if (cell !== undefined) return cell === previous?.cell ? previous : { ...cell, cell }
  const problems = name === '' ? [] : secret === undefined ? [missing(name)] : unusable(secret)
  const isSame = previous?.cell === undefined && previous?.secret === secret && previous?.document === fallback
  return isSame ? previous : { secret, document: fallback, cell: undefined, problems, ...ALWAYS }
}

function missing(name: string): Problem {
  const [namespace = '', secret = ''] = name.split('/')
  const message = `There is no Secret ${name}, which --default-ssl-certificate names. The self-signed certificate is served until it exists.`
  return createProblem('tls/secret-not-found', { kind: 'Secret', namespace, name: secret }, '', message)
}

function unusable(secret: Secret): Problem[] {
  const reading = readCertificate(secret)
  return reading.ok ? [] : [problemOf(reading.code, secret, 'data', reading.message)]
}
