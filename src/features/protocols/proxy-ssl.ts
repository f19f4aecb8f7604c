import type { UpstreamTls } from '../../model/pool-key.js'
import type { NamedAttachment } from '../../model/attachment.js'
import type { BackendTls } from '../../model/proxy-features.js'
import { variable } from '../../nginx/directive.js'
import { PROFILE_FILES, type ProfileDirective } from '../../nginx/profile.js'
import type { Annotations, Complaint, Context, Values } from '../declare.js'
import { type Kind, parsed, refused } from '../kinds/kind.js'
import { int, textOf, word } from '../kinds/kinds.js'
import { whyForeign } from '../other-namespace.js'
import { digestOf } from './pool.js'
import { readTlsSecret } from './tls-secret.js'

const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const

/** PSSL-6. */
const versions: Kind<readonly string[]> = {
  form: `some of ${VERSIONS.join(' ')}`,
  parse: (text) => {
    const words = text.split(/\s+/)
    const known = VERSIONS.filter((version) => words.includes(version))
    return known.length === 0 ? refused(`names none of ${VERSIONS.join(', ')}`) : parsed(known)
  },
}

/** Longer ones do not fit into a line of nginx.conf. */
const LONGEST_LIST = 2000

const cipherText = textOf('list of ciphers as OpenSSL has it', 'A-Za-z0-9+:_\\-!')

const ciphers: Kind<string> = {
  form: cipherText.form,
  parse: (text) =>
    text.length > LONGEST_LIST ? refused(`is longer than ${LONGEST_LIST} characters`) : cipherText.parse(text),
}

/** Source: annotations.md section 9. */
export const proxySslAnnotations = {
  'proxy-ssl-secret': {
    kind: textOf('namespace/name of a Secret', 'A-Za-z0-9\\-._~/:'),
    doc: 'Secret with ca.crt, which backends are verified by, and tls.crt and tls.key, which are presented to them; with all proxy-ssl settings also for the other Ingresses of the host with HTTPS that have none (proxy-ssl-location-only).',
    effect: 'path',
    risk: 'medium',
    bad: 'refuse',
    fallback: '-',
    example: 'default/backend-tls',
    refersTo: { kind: 'Secret', keyOf: (text: string) => keyOf(text) },
  },
  'proxy-ssl-ciphers': {
    kind: ciphers,
    doc: 'Ciphers of TLS to backends, up to version 1.2.',
    effect: 'path',
    risk: 'medium',
    bad: 'default',
    fallback: 'DEFAULT',
    example: 'HIGH:!aNULL:!MD5',
  },
  'proxy-ssl-protocols': {
    kind: versions,
    doc: 'Versions of TLS to backends.',
    effect: 'path',
    risk: 'low',
    bad: 'default',
    fallback: 'TLSv1.2',
    example: 'TLSv1.2 TLSv1.3',
  },
  'proxy-ssl-name': {
    kind: textOf('host name', 'A-Za-z0-9\\-._~*'),
    doc: 'Name that the certificate of backends must be for, and that is sent to them with proxy-ssl-server-name.',
    effect: 'path',
    risk: 'high',
    bad: 'default',
    fallback: 'dyn',
    example: 'app.default.svc',
  },
  'proxy-ssl-verify': {
    kind: word('on', 'off'),
    doc: 'Certificates of backends must be issued by the ca.crt of proxy-ssl-secret, for the name of proxy-ssl-name; otherwise 502.',
    effect: 'path',
    risk: 'low',
    bad: 'close',
    fallback: 'off',
    example: 'on',
  },
  'proxy-ssl-verify-depth': {
    kind: int({ from: 0 }),
    doc: 'How many certificates may stand between that of a backend and a trusted one.',
    effect: 'path',
    risk: 'low',
    bad: 'default',
    fallback: '1',
    example: '2',
  },
  'proxy-ssl-server-name': {
    kind: word('on', 'off'),
    doc: 'Sends the name to backends (SNI).',
    effect: 'path',
    risk: 'low',
    bad: 'default',
    fallback: 'off',
    example: 'on',
  },
} as const satisfies Annotations

export type ProxySslValues = Values<typeof proxySslAnnotations>

export type ProxySsl =
  /** `none`: TLS without any of it. */
  | { readonly kind: 'none' }
  | { readonly kind: 'closed'; readonly complaint: Complaint }
  | {
      readonly kind: 'tls'
      readonly identity: UpstreamTls
      readonly settings: BackendTls
      readonly attachments: readonly NamedAttachment[]
      readonly directives: readonly ProfileDirective[]
    }

const NONE: ProxySsl = { kind: 'none' }

/**
 * PSSL-1..PSSL-6, GEN-19, for a protocol with TLS. What asks for verification and would go without it is closed, also where
 * the contract ignores the annotations: for another protocol than HTTPS, and without `ca.crt`.
 */
export function readProxySsl(values: ProxySslValues, isHttps: boolean, context: Context): ProxySsl {
  const reference = values['proxy-ssl-secret']
  const verify = values['proxy-ssl-verify'] === 'on'
  if (!isHttps) return verify ? unverifiable('Certificates are verified with backend-protocol HTTPS only.') : NONE
  if (reference === undefined)
    return verify
      ? unverifiable('Verification needs a proxy-ssl-secret with the trusted certificates in ca.crt.')
      : NONE
  const key = keyOf(reference)
  if (key === undefined) return closed(`${JSON.stringify(reference)} is not of the form namespace/name.`)
  const [namespace = '', name = ''] = key.split('/')
  const foreign = whyForeign('Secret', { namespace, name }, context)
  if (foreign !== undefined) return closed(foreign)
  const secret = context.secret(namespace, name)
  if (secret === undefined) return closed(`There is no Secret ${key}.`)
  const read = readTlsSecret(secret)
  if (!read.ok) return closed(`Secret ${key}: ${read.fault}`)
  const { authority, client } = read
  if (authority === undefined) return verify ? unverifiable(`Secret ${key} has no ca.crt to verify with.`) : NONE
  const serverName = values['proxy-ssl-name']
  const identity: UpstreamTls = {
    serverName: serverName ?? '',
    namesServer: values['proxy-ssl-server-name'] === 'on',
    verify,
    verifyDepth: Math.max(1, values['proxy-ssl-verify-depth'] ?? 1),
    authority: digestOf(authority),
    clientCertificate: client === undefined ? '' : digestOf(`${client.chain}${client.key}`),
    ciphers: values['proxy-ssl-ciphers'] ?? 'DEFAULT',
    protocols: (values['proxy-ssl-protocols'] ?? ['TLSv1.2']).join(' '),
  }
  // By what it holds: a private key stands once in the table, however many paths present it, and goes with the last of them.
  const attachments = client === undefined ? [] : [{ key: `client/${identity.clientCertificate}`, attachment: client }]
  const settings = {
    ...(serverName === undefined ? {} : { serverName }),
    ...attachments.map(({ key: attached }) => ({ client: attached }))[0],
  }
  return { kind: 'tls', identity, settings, attachments, directives: directivesOf(identity, settings, authority) }
}

function directivesOf(identity: UpstreamTls, { serverName, client }: BackendTls, file: string): ProfileDirective[] {
  const { namesServer, verify, verifyDepth, authority, ciphers, protocols } = identity
  return [
    ...(client === undefined
      ? []
      : ([
          { name: 'proxy_ssl_certificate', args: [variable('upstream_ssl_certificate')] },
          { name: 'proxy_ssl_certificate_key', args: [variable('upstream_ssl_key')] },
        ] as const)),
    { name: 'proxy_ssl_ciphers', args: [ciphers] },
    ...(serverName === undefined ? [] : [{ name: 'proxy_ssl_name', args: [variable('upstream_ssl_name')] } as const]),
    { name: 'proxy_ssl_protocols', args: protocols.split(' ') },
    { name: 'proxy_ssl_server_name', args: [namesServer ? 'on' : 'off'] },
    // A resumed session has been verified by what held when it was made.
    { name: 'proxy_ssl_session_reuse', args: ['off'] },
    { name: 'proxy_ssl_trusted_certificate', args: [`${PROFILE_FILES}/${authority}.pem`], file },
    { name: 'proxy_ssl_verify', args: [verify ? 'on' : 'off'] },
    { name: 'proxy_ssl_verify_depth', args: [verifyDepth] },
  ]
}

function keyOf(text: string): string | undefined {
  return /^[^/]+\/[^/]+$/.test(text) ? text : undefined
}

function closed(message: string): ProxySsl {
  return { kind: 'closed', complaint: { annotation: 'proxy-ssl-secret', message, instead: 'close' } }
}

function unverifiable(message: string): ProxySsl {
  return { kind: 'closed', complaint: { annotation: 'proxy-ssl-verify', message, instead: 'close' } }
}
