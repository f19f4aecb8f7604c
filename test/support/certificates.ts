import { execFileSync } from 'node:child_process'
import { generateKeyPairSync, type KeyObject, sign, X509Certificate } from 'node:crypto'
import * as der from '../../src/controller/der.js'
import { issueCertificate, type Issuer } from '../../src/controller/x509.js'

const DAY = 86_400_000

export type KeyType = 'ec' | 'rsa' | 'ed25519'

export interface LeafRequest {
  /** DNS names of the subject alternative name, wildcards too; empty: no such extension. */
  readonly names: readonly string[]
  /** Default: the first name. */
  readonly commonName?: string
  /** Milliseconds since the epoch; default: a day ago, and in 90 days. */
  readonly notBefore?: number
  readonly notAfter?: number
  /** Default `ec` (P-256). An RSA key (2048 bits) takes some tenths of a second. */
  readonly keyType?: KeyType
  /** Default: a server's. */
  readonly purpose?: 'server' | 'client' | 'responder'
  /** Further extensions, as DER. */
  readonly more?: readonly Buffer[]
  /** true: issued by an intermediate certificate of the authority, the same one for all its leafs; `two`: by one of that. */
  readonly intermediate?: boolean | 'two'
}

/** PEM throughout. */
export interface IssuedLeaf {
  /** The leaf alone. */
  readonly certificate: string
  /** PKCS#8. */
  readonly key: string
  /** Leaf first, then the intermediate if there is one; what belongs in `tls.crt`. */
  readonly chain: string
  /** What a client has to trust. */
  readonly ca: string
}

export interface Authority {
  readonly certificate: string
  /** PKCS#8 PEM. */
  readonly key: string
  issue(request: LeafRequest): IssuedLeaf
  /** A revocation list of the root in PEM; `nextUpdate` in milliseconds since the epoch, by default in a day. */
  revoke(certificates: readonly string[], nextUpdate?: number): string
}

interface Signer {
  readonly certificate: string
  readonly issuer: Issuer
}

/** A certification authority for tests, with a fresh EC P-256 key; valid for ten years around now. */
export function createAuthority(name: string): Authority {
  const root = createSigner(`${name} root`, undefined)
  let intermediate: Signer | undefined
  return {
    certificate: root.certificate,
    key: printKey(root.issuer.privateKey),
    issue(request) {
      if (request.intermediate === undefined || request.intermediate === false)
        return issueLeaf(request, root, '', root.certificate)
      intermediate ??= createSigner(`${name} intermediate`, root)
      if (request.intermediate === 'two') {
        const second = createSigner(`${name} second intermediate`, intermediate)
        return issueLeaf(request, second, second.certificate + intermediate.certificate, root.certificate)
      }
      return issueLeaf(request, intermediate, intermediate.certificate, root.certificate)
    },
    revoke: (certificates, nextUpdate = Date.now() + DAY) => revocationList(root.issuer, certificates, nextUpdate),
  }
}

function createSigner(commonName: string, parent: Signer | undefined): Signer {
  const { publicKey, privateKey } = createKeys('ec')
  const issuer = { commonName, organization: 'Fairlead tests', privateKey }
  const now = Date.now()
  const certificate = issueCertificate(
    {
      commonName,
      organization: issuer.organization,
      names: [],
      notBefore: now - 5 * 365 * DAY,
      notAfter: now + 5 * 365 * DAY,
      authority: true,
      publicKey,
    },
    parent?.issuer ?? issuer,
  )
  return { certificate, issuer }
}

function issueLeaf(request: LeafRequest, signer: Signer, between: string, ca: string): IssuedLeaf {
  const { names, commonName = names[0] ?? 'leaf', keyType = 'ec' } = request
  const { publicKey, privateKey } = createKeys(keyType)
  const now = Date.now()
  const certificate = issueCertificate(
    {
      commonName,
      organization: 'Fairlead tests',
      names,
      notBefore: request.notBefore ?? now - DAY,
      notAfter: request.notAfter ?? now + 90 * DAY,
      authority: false,
      ...(request.purpose === undefined ? {} : { purpose: request.purpose }),
      ...(request.more === undefined ? {} : { more: request.more }),
      publicKey,
    },
    signer.issuer,
  )
  return { certificate, key: printKey(privateKey), chain: certificate + between, ca }
}

/** RFC 5280, 5.1. */
function revocationList(issuer: Issuer, certificates: readonly string[], nextUpdate: number): string {
  const algorithm = der.sequence(der.objectIdentifier('1.2.840.10045.4.3.2'))
  const attribute = (type: string, text: string): Buffer =>
    der.set(der.sequence(der.objectIdentifier(type), der.utf8String(text)))
  const revoked = certificates.map((pem) => {
    const serial = Buffer.from(new X509Certificate(pem).serialNumber, 'hex')
    return der.sequence(der.integer(serial), der.time(Date.now() - DAY))
  })
  const body = der.sequence(
    der.integer(Buffer.from([1])),
    algorithm,
    der.sequence(attribute('2.5.4.10', issuer.organization), attribute('2.5.4.3', issuer.commonName)),
    der.time(Date.now() - DAY),
    der.time(nextUpdate),
    ...(revoked.length === 0 ? [] : [der.sequence(...revoked)]),
  )
  const list = der.sequence(body, algorithm, der.bitString(sign('sha256', body, issuer.privateKey)))
  return `-----BEGIN X509 CRL-----\n${(list.toString('base64').match(/.{1,64}/g) ?? []).join('\n')}\n-----END X509 CRL-----\n`
}

function createKeys(keyType: KeyType): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  if (keyType === 'rsa') return generateKeyPairSync('rsa', { modulusLength: 2048 })
  if (keyType === 'ed25519') return generateKeyPairSync('ed25519')
  return generateKeyPairSync('ec', { namedCurve: 'P-256' })
}

function printKey(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString()
}

/** What the openssl command prints; throws where the command is absent, or says no. `input` is its standard input. */
export function openssl(args: readonly string[], input: string | Buffer = ''): string {
  return execFileSync('openssl', args, { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] })
}
