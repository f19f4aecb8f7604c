import { DEFAULT_CERTIFICATE } from '../model/keys.js'
import type { ProblemCode } from '../problems/catalogue.js'
import type { Problem } from '../problems/problem.js'
import type { Ingress, Secret } from '../snapshot/objects.js'
import type { Snapshot } from '../snapshot/snapshot.js'
import { coversHost, readCertificate } from './certificate.js'
import { addOtherKinds } from './other-kinds.js'
import { problemOf } from './reference.js'

/** Which certificates a host with a TLS section serves; hosts without one have no choice (CERT-4, CERT-6). */
export interface CertificateChoice {
  readonly key: string
  /** The Secret whose certificate is served; undefined: the default one. */
  readonly secret: Secret | undefined
  /** Secrets with other kinds of keys, whose certificates are served to clients that prefer them. */
  readonly others: readonly Secret[]
  /** Keys of the Secrets that were looked at: another one of this key may make another choice. */
  readonly looked: readonly string[]
  readonly problems: readonly Problem[]
}

/**
 * CERT-1: the certificate of a host by the TLS section of `ingress`, the oldest one of the host that has any. `younger`: the
 * others with one, oldest first.
 */
export function chooseCertificate(
  host: string,
  ingress: Ingress,
  younger: readonly Ingress[],
  snapshot: Snapshot,
): CertificateChoice {
  const choice = chooseFirst(host, ingress, snapshot)
  return choice.secret === undefined
    ? choice
    : addOtherKinds(choice, choice.secret, host, [ingress, ...younger], snapshot)
}

function chooseFirst(host: string, ingress: Ingress, snapshot: Snapshot): CertificateChoice {
  const named = ingress.tls.findIndex(({ hosts }) => hosts.some((name) => name.toLowerCase() === host))
  if (named >= 0) return chooseNamed(host, ingress, named, snapshot)
  const looked: string[] = []
  for (const { secretName } of ingress.tls) {
    const name = `${ingress.namespace}/${secretName}`
    looked.push(name)
    const secret = snapshot.secrets.get(name)
    if (secret === undefined) continue
    const reading = readCertificate(secret)
    if (reading.ok && coversHost(reading.names, host)) return served(secret, looked)
  }
  return { key: DEFAULT_CERTIFICATE, secret: undefined, others: [], looked, problems: [] }
}

/** CERT-2: a Secret that cannot be used, or does not cover the host, gives way to the default certificate. */
function chooseNamed(host: string, ingress: Ingress, index: number, snapshot: Snapshot): CertificateChoice {
  const secretName = ingress.tls[index]?.secretName ?? ''
  const standard = { key: DEFAULT_CERTIFICATE, secret: undefined, others: [] }
  if (secretName === '') return { ...standard, looked: [], problems: [] }
  const field = `spec.tls[${index}].secretName`
  const name = `${ingress.namespace}/${secretName}`
  const fallBack = (code: ProblemCode, message: string): CertificateChoice => ({
    ...standard,
    looked: [name],
    problems: [problemOf(code, ingress, field, message)],
  })
  const secret = snapshot.secrets.get(name)
  if (secret === undefined) {
    return fallBack(
      'tls/secret-not-found',
      `There is no Secret ${name}. Host ${host} gets the default certificate until it exists.`,
    )
  }
  const reading = readCertificate(secret)
  if (!reading.ok) return fallBack(reading.code, `Secret ${name}: ${reading.message}`)
  if (coversHost(reading.names, host)) return served(secret, [name])
  const names = reading.names.length === 0 ? 'no name' : reading.names.join(', ')
  const message = `The certificate of Secret ${name} is for ${names}, not for ${host}, which gets the default certificate.`
  return fallBack('tls/host-not-covered', message)
}

function served(secret: Secret, looked: readonly string[]): CertificateChoice {
  return { key: `${secret.namespace}/${secret.name}`, secret, others: [], looked, problems: [] }
}
