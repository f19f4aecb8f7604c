import { createHash, createPublicKey, randomBytes, sign, type KeyObject } from 'node:crypto'
import * as der from './der.js'

/** What a certificate says. */
export interface CertificateRequest {
  readonly commonName: string
  readonly organization: string
  /** DNS names of the subject alternative name; none: no such extension. */
  readonly names: readonly string[]
  readonly notBefore: number
  readonly notAfter: number
  readonly authority: boolean
  /** What it may be used for, where it is not an authority's; default: a server. */
  readonly purpose?: 'server' | 'client' | 'responder'
  /** Further extensions, made by `extension`. */
  readonly more?: readonly Buffer[]
  readonly publicKey: KeyObject
}

/** Who signs; its name and key may be the subject's own. */
export interface Issuer {
  readonly commonName: string
  readonly organization: string
  /** EC P-256 or RSA. */
  readonly privateKey: KeyObject
}

/** Writes and signs an X.509 v3 certificate (RFC 5280); gives PEM. */
export function issueCertificate(request: CertificateRequest, issuer: Issuer): string {
  const algorithm = signatureAlgorithm(issuer.privateKey)
  const body = der.sequence(
    der.context(0, der.integer(Buffer.from([2])), true),
    der.integer(serialNumber()),
    algorithm,
    nameOf(issuer.commonName, issuer.organization),
    der.sequence(der.time(request.notBefore), der.time(request.notAfter)),
    nameOf(request.commonName, request.organization),
    request.publicKey.export({ type: 'spki', format: 'der' }),
    der.context(3, der.sequence(...extensionsOf(request, issuer)), true),
  )
  const certificate = der.sequence(body, algorithm, der.bitString(sign('sha256', body, issuer.privateKey)))
  return toPem(certificate)
}

/** 16 random bytes with the top bit off, so that the number is positive. */
function serialNumber(): Buffer {
  const bytes = randomBytes(16)
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40
  return bytes
}

function signatureAlgorithm(key: KeyObject): Buffer {
  return key.asymmetricKeyType === 'rsa'
    ? der.sequence(der.objectIdentifier('1.2.840.113549.1.1.11'), der.nullValue())
    : der.sequence(der.objectIdentifier('1.2.840.10045.4.3.2'))
}

function nameOf(commonName: string, organization: string): Buffer {
  return der.sequence(attribute('2.5.4.10', organization), attribute('2.5.4.3', commonName))
}

function attribute(type: string, text: string): Buffer {
  return der.set(der.sequence(der.objectIdentifier(type), der.utf8String(text)))
}

function extensionsOf(request: CertificateRequest, issuer: Issuer): Buffer[] {
  const keyUsage = request.authority ? der.bitString(Buffer.from([0x06]), 1) : der.bitString(Buffer.from([0xa0]), 5)
  const constraints = request.authority ? der.sequence(der.boolean(true)) : der.sequence()
  const extensions = [
    extension('2.5.29.19', true, constraints),
    extension('2.5.29.15', true, keyUsage),
    extension('2.5.29.14', false, der.octetString(keyIdentifier(request.publicKey))),
    extension(
      '2.5.29.35',
      false,
      der.sequence(der.context(0, keyIdentifier(createPublicKey(issuer.privateKey)), false)),
    ),
  ]
  if (!request.authority)
    extensions.push(
      extension('2.5.29.37', false, der.sequence(der.objectIdentifier(PURPOSES[request.purpose ?? 'server']))),
    )
  extensions.push(...(request.more ?? []))
  if (request.names.length === 0) return extensions
  const names = request.names.map((name) => der.context(2, Buffer.from(name, 'latin1'), false))
  return [...extensions, extension('2.5.29.17', false, der.sequence(...names))]
}

/** RFC 5280, 4.2.1.12. */
const PURPOSES = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2', responder: '1.3.6.1.5.5.7.3.9' } as const

/** DER of an extension; `content` is DER too. */
export function extension(type: string, critical: boolean, content: Buffer): Buffer {
  const flag = critical ? [der.boolean(true)] : []
  return der.sequence(der.objectIdentifier(type), ...flag, der.octetString(content))
}

function keyIdentifier(key: KeyObject): Buffer {
  return createHash('sha1')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest()
}

function toPem(certificate: Buffer): string {
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}
