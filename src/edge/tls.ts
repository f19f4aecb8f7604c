import * as ssl from 'ngx.ssl'
import * as clienthello from 'ngx.ssl.clienthello'
import { lower } from '#bytes'
import type { ClientSettings, HostFeatures, TlsSettings } from '../model/features.js'
import { findCertificate, findHost, withoutFinalDot } from '../model/host.js'
import { DEFAULT_CERTIFICATE, DEFAULT_HOST } from '../model/keys.js'
import { beginReading } from './cache.js'
import { askForCertificate, expectClient } from './clients.js'
import { nginx } from './ngx.js'
import { openssl } from './openssl.js'
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
  if (settings().rejectsUnknownNames === true && (host === undefined || host.name === DEFAULT_HOST))
    return ngx.exit(ngx.ERROR)
  if (host?.tls !== undefined) adapt(connection, host.tls)
  const clients = asking(host?.features)
  // 16 bytes; equal only for connections that may share a session.
  const context = ngx.md5_bin(host === undefined || clients === undefined ? name : expectClient(name, host, clients))
  if (openssl.SSL_set_session_id_context(connection, context, context.length) !== 1) ngx.exit(ngx.ERROR)
}

/** SSL_OP_CIPHER_SERVER_PREFERENCE. */
const SERVER_PREFERENCE = 0x400000

/** TLS-1. A list that this OpenSSL does not take leaves that of the frame. */
function adapt(connection: object, { ciphers, preference }: TlsSettings): void {
  if (preference === 'client') openssl.SSL_clear_options(connection, SERVER_PREFERENCE)
  if (ciphers === undefined || openssl.SSL_set_cipher_list(connection, ciphers) === 1) return
  openssl.ERR_clear_error()
  ngx.log(ngx.ERR, 'OpenSSL takes no cipher of ', ciphers)
}

/** What a host that wants to see certificates says of them. */
function asking(features: HostFeatures | undefined): ClientSettings | undefined {
  const clients = features?.clients
  return clients === undefined || clients.verify === 'off' ? undefined : clients
}

/** `ssl_certificate_by_lua`: the certificate for the server name (CERT-5); the listener's own file if the table has none. */
export function presentCertificate(): void {
  beginReading()
  const [sent] = ssl.server_name()
  const name = sent === undefined ? '' : withoutFinalDot(lower(sent))
  const [connection] = ssl.get_req_ssl_pointer()
  const isAsking = asking(findHost(table, name, nginx)?.features) !== undefined
  if (isAsking && (connection === undefined || !askForCertificate(connection))) return ngx.exit(ngx.ERROR)
  const key = name === '' ? undefined : findCertificate(table, name)
  const found = (key === undefined ? undefined : certificate(key)) ?? certificate(DEFAULT_CERTIFICATE)
  if (found === undefined || present(found)) return
  // What an engine refuses depends on its OpenSSL: the default certificate is better than no handshake.
  const standard = certificate(DEFAULT_CERTIFICATE)
  if (standard !== undefined) present(standard)
}

function present({ chain, key }: ParsedCertificate): boolean {
  ssl.clear_certs()
  const [hasChain] = ssl.set_cert(chain)
  const [hasKey] = ssl.set_priv_key(key)
  return hasChain === true && hasKey === true
}
