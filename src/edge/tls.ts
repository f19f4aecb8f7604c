import * as ocsp from 'ngx.ocsp'
import * as ssl from 'ngx.ssl'
import * as clienthello from 'ngx.ssl.clienthello'
import { lower } from '#bytes'
import type { HostDocument } from '../model/documents.js'
import type { ClientSettings, HostFeatures, TlsSettings } from '../model/features.js'
import { findCertified, findHost, withoutFinalDot } from '../model/host.js'
import { DEFAULT_CERTIFICATE, DEFAULT_HOST } from '../model/keys.js'
import { beginReading } from './cache.js'
import { askForCertificate, expectClient } from './clients.js'
import { config } from './config.js'
import { nginx } from './ngx.js'
import { openssl } from './openssl.js'
import { tell } from './refused.js'
import { shareCertificate } from './shared-certificate.js'
import { certificate, settings, table, type ParsedCertificate } from './table.js'

/**
 * `ssl_client_hello_by_lua`: ties the TLS session to the name it was made for. One server block serves all hosts, so
 * without this a session made for one host would resume on another, with that host's certificate checks skipped.
 */
export function hello(): void {
  const [connection] = ssl.get_req_ssl_pointer()
  if (connection === undefined) return ngx.exit(ngx.ERROR)
  beginReading()
  const [sent] = clienthello.get_client_hello_server_name()
  const name = sent === undefined ? '' : withoutFinalDot(lower(sent))
  const host = findHost(table, name, nginx)
  if (
    settings().rejectsUnknownNames === true &&
    (host === undefined || host.name === DEFAULT_HOST || host.reserved === true)
  )
    return ngx.exit(ngx.ERROR)
  const clients = asking(host?.features)
  if (clients === undefined && host?.tls?.ciphers === undefined) shareIfOne(connection, name)
  if (host?.tls !== undefined) adapt(connection, host.tls)
  const context = sessionContext(host === undefined || clients === undefined ? name : expectClient(name, host, clients))
  if (openssl.SSL_set_session_id_context(connection, context, context.length) !== 1) ngx.exit(ngx.ERROR)
}

/** As many as a context may have (SSL_MAX_SID_CTX_LENGTH), and as many as a digest in letters has. */
const MOST_BYTES = 32

/** Equal only for connections that may share a session: no text is as long as a digest. An empty one would be none. */
function sessionContext(text: string): string {
  return text !== '' && text.length < MOST_BYTES ? text : ngx.md5(text)
}

/**
 * Most handshakes: there is one certificate for the name, and nothing to be said about it by its phase. OpenSSL keeps
 * with a certificate what clients are verified by, and the level of security that a list of ciphers may name: hosts
 * that say either have one of their own. With HTTP/3 it may carry what NGINX notes of one handshake.
 */
function shareIfOne(connection: object, name: string): void {
  const host = name === '' ? undefined : findCertified(table, name)
  if (host?.otherCertificates !== undefined || config().http3 === true) return
  const key = host?.certificate ?? DEFAULT_CERTIFICATE
  const found = certificate(key)
  if (found !== undefined && currentResponse(found) === undefined) shareCertificate(connection, key, found)
}

/** SSL_OP_CIPHER_SERVER_PREFERENCE. */
const SERVER_PREFERENCE = 0x400000

/** TLS-1. A list that this OpenSSL does not take leaves that of the frame. */
function adapt(connection: object, { ciphers, preference }: TlsSettings): void {
  if (preference === 'client') openssl.SSL_clear_options(connection, SERVER_PREFERENCE)
  if (ciphers === undefined || openssl.SSL_set_cipher_list(connection, ciphers) === 1) return
  openssl.ERR_clear_error()
  tell('OpenSSL takes no cipher of ', ciphers)
}

/** What a host that wants to see certificates says of them. */
function asking(features: HostFeatures | undefined): ClientSettings | undefined {
  const clients = features?.clients
  return clients === undefined || clients.verify === 'off' ? undefined : clients
}

/** `ssl_certificate_by_lua`: the certificates for the server name (CERT-5); the listener's own file if the table has none. */
export function presentCertificate(): void {
  beginReading()
  const [sent] = ssl.server_name()
  const name = sent === undefined ? '' : withoutFinalDot(lower(sent))
  const [connection] = ssl.get_req_ssl_pointer()
  const isAsking = asking(findHost(table, name, nginx)?.features) !== undefined
  if (isAsking && (connection === undefined || !askForCertificate(connection))) return ngx.exit(ngx.ERROR)
  const host = name === '' ? undefined : findCertified(table, name)
  if (host !== undefined && presentAll(host)) return
  // What an engine refuses depends on its OpenSSL: the default certificate is better than no handshake.
  if (certificate(DEFAULT_CERTIFICATE) === undefined) return
  ssl.clear_certs()
  present(DEFAULT_CERTIFICATE)
  staple(DEFAULT_CERTIFICATE)
}

/** OpenSSL keeps a certificate for each kind of key, and chooses by what the client can verify. */
function presentAll({ certificate: first, otherCertificates: others }: HostDocument): boolean {
  if (first === undefined) return false
  ssl.clear_certs()
  let isAny = present(first)
  // Which one OpenSSL chooses is not known here, and the response of another is worse than none.
  if (others === undefined) staple(first)
  else for (const other of others) isAny = present(other) || isAny
  return isAny
}

/** For a client that asks for it. Whatever becomes of it, the handshake goes on. */
function staple(key: string): void {
  const response = currentResponse(certificate(key))
  if (response === undefined) return
  ocsp.set_ocsp_status_resp(response)
  // From 3.6 on OpenSSL reads the response; what it says of one that it cannot read would end the handshake later.
  openssl.ERR_clear_error()
}

function currentResponse(found: ParsedCertificate | undefined): string | undefined {
  return found?.response !== undefined && ngx.now() < found.until ? found.response : undefined
}

function present(key: string): boolean {
  const found = certificate(key)
  if (found === undefined) return false
  const [hasChain] = ssl.set_cert(found.chain)
  const [hasKey] = ssl.set_priv_key(found.key)
  return hasChain === true && hasKey === true
}
