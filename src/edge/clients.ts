import * as ffi from 'ffi'
import * as ssl from 'ngx.ssl'
import type { AuthorityAttachment } from '../model/attachment.js'
import type { HostDocument } from '../model/documents.js'
import type { ClientSettings } from '../model/features.js'
import { findHost } from '../model/host.js'
import type { MatchPattern } from '../model/match.js'
import { DEFAULT_HOST } from '../model/keys.js'
import type { Presented } from '../request/presented.js'
import { type Authority, readAuthority } from './authority.js'
import { openssl } from './openssl.js'
import { table } from './table.js'
import { variables } from './variables.js'

/** What a connection was opened for, from its ClientHello on: in `ngx.ctx`, where its requests see it. */
interface Opened {
  /** The server name in lower case, without final dot; empty: none. */
  readonly name: string
  /** Name of the host that it stood for. */
  readonly host: string
  /** What certificates are verified by in its handshake; absent: it is not there, or cannot be used. */
  readonly trust: Trust | undefined
  /** What the last look at the certificate came to, and by what: a connection has one certificate, and many requests. */
  seen?: { readonly trust: Trust; readonly passed: boolean; readonly presented: Presented }
}

/** Two of the same `id` trust the same. */
interface Trust extends Authority {
  readonly id: string
  readonly depth: number
}

interface ConnectionContext {
  clients?: Opened
}

/**
 * In the ClientHello: remembers what the connection is opened for. Gives what its TLS session is good for: a session of
 * another name, or one verified by what counts no more, does not resume.
 */
export function expectClient(name: string, { name: host }: HostDocument, settings: ClientSettings): string {
  const trust = trustOf(settings)
  const opened: Opened = { name, host, trust }
  ;(ngx.ctx as ConnectionContext).clients = opened
  // No server name holds a NUL (RFC 6066, 3), so no host without such settings has a context like this.
  return `${name}\0${trust === undefined ? '' : trust.id}`
}

/** SSL_CTRL_SET_VERIFY_CERT_STORE. */
const SET_VERIFY_STORE = 106

/** In the certificate phase: asks for a certificate if the ClientHello said so. false: the handshake cannot go on. */
export function askForCertificate(connection: object): boolean {
  const trust = (ngx.ctx as ConnectionContext).clients?.trust
  // Without it every request is answered 503.
  if (trust === undefined) return true
  // With a list as its first argument it may change what the whole server trusts.
  const [isAsked] = ssl.verify_client(undefined, trust.depth)
  const names = openssl.SSL_dup_CA_list(trust.names)
  if (isAsked !== true || names === undefined) return false
  openssl.SSL_set_client_CA_list(connection, names)
  return openssl.SSL_ctrl(connection, SET_VERIFY_STORE, 1, trust.store) === 1
}

const PLAIN: Presented = { kind: 'plain' }
const MISDIRECTED: Presented = { kind: 'misdirected' }
const UNVERIFIABLE: Presented = { kind: 'unverifiable' }
const NOBODY: Presented = { kind: 'verified', verdict: 'NONE', subject: '', issuer: '', certificate: '' }

/** MTLS-8: only what was presented on a connection for this name counts, verified by what is trusted now. */
export function presentedBy(name: string, settings: ClientSettings, match: MatchPattern): Presented {
  const opened = (ngx.ctx as ConnectionContext).clients
  // Who has been asked came over TLS: only of others that is a question.
  if (opened === undefined) return isOverTls() ? withoutQuestion(settings) : PLAIN
  if (settings.verify === 'off') return NOBODY
  if (!isFor(opened, name, match)) return MISDIRECTED
  const trust = trustOf(settings)
  if (trust === undefined) return UNVERIFIABLE
  const passed = settings.passed === true
  const { seen } = opened
  if (seen !== undefined && seen.trust.id === trust.id && seen.passed === passed) return seen.presented
  const presented = lookAt(opened, trust, passed)
  opened.seen = { trust, passed, presented }
  return presented
}

function isOverTls(): boolean {
  const [connection] = ssl.get_req_ssl_pointer()
  return connection !== undefined
}

function withoutQuestion({ verify }: ClientSettings): Presented {
  return verify === 'off' ? NOBODY : MISDIRECTED
}

/** The verdict of the handshake counts unless something else is trusted since: then the certificate is verified again. */
function lookAt(opened: Opened, trust: Trust, passed: boolean): Presented {
  const isSame = opened.trust !== undefined && opened.trust.id === trust.id
  const verdict = isSame ? variables['ssl_client_verify'] : verify(trust)
  if (verdict === 'NONE') return NOBODY
  return {
    kind: 'verified',
    verdict: verdict ?? 'FAILED:unknown',
    subject: variables['ssl_client_s_dn'] ?? '',
    issuer: variables['ssl_client_i_dn'] ?? '',
    certificate: passed ? (variables['ssl_client_escaped_cert'] ?? '') : '',
  }
}

/** The default server has no name of its own: all names that nobody declared are its. */
function isFor(opened: Opened, name: string, match: MatchPattern): boolean {
  if (opened.name === name) return true
  return opened.host === DEFAULT_HOST && findHost(table, name, { match })?.name === DEFAULT_HOST
}

/** An authority as a worker holds it: read at its first use. */
interface LiveAuthority extends AuthorityAttachment {
  live?: Authority | 'unusable'
  /** As it was last asked for. */
  trust?: Trust
}

function trustOf({ authority: key, depth }: ClientSettings): Trust | undefined {
  const attachment = table.attachment(key)
  if (attachment?.kind !== 'authority') return undefined
  const held: LiveAuthority = attachment
  held.live = held.live ?? readAuthority(held) ?? 'unusable'
  if (held.live === 'unusable') return undefined
  const { store, names } = held.live
  if (held.trust?.depth !== depth) held.trust = { store, names, depth, id: `${held.digest} ${depth}` }
  return held.trust
}

function verify(trust: Trust): string {
  const [connection] = ssl.get_req_ssl_pointer()
  const certificate = connection === undefined ? undefined : openssl.SSL_get1_peer_certificate(connection)
  if (connection === undefined || certificate === undefined) return 'NONE'
  const context = openssl.X509_STORE_CTX_new()
  const verdict = context === undefined ? 'FAILED:no memory' : verifyIn(context, connection, certificate, trust)
  if (context !== undefined) openssl.X509_STORE_CTX_free(context)
  openssl.X509_free(certificate)
  openssl.ERR_clear_error()
  return verdict
}

/** As OpenSSL does it in a handshake. */
function verifyIn(context: object, connection: object, certificate: object, { store, depth }: Trust): string {
  const chain = openssl.SSL_get_peer_cert_chain(connection)
  if (openssl.X509_STORE_CTX_init(context, store, certificate, chain) !== 1) return 'FAILED:no memory'
  if (openssl.X509_STORE_CTX_set_default(context, 'ssl_client') !== 1) return 'FAILED:no purpose'
  const parameters = openssl.X509_STORE_CTX_get0_param(context)
  openssl.X509_VERIFY_PARAM_set_depth(parameters, depth)
  openssl.X509_VERIFY_PARAM_set_auth_level(parameters, openssl.SSL_get_security_level(connection))
  if (openssl.X509_verify_cert(context) === 1) return 'SUCCESS'
  return `FAILED:${ffi.string(openssl.X509_verify_cert_error_string(openssl.X509_STORE_CTX_get_error(context)))}`
}
