import * as ffi from 'ffi'
import * as ssl from 'ngx.ssl'
import * as clienthello from 'ngx.ssl.clienthello'
import { lower } from '#bytes'
import { findCertificate, withoutFinalDot } from '../model/host.js'
import { DEFAULT_CERTIFICATE } from '../model/keys.js'
import { beginReading } from './cache.js'
import { certificate, table, type ParsedCertificate } from './table.js'

ffi.cdef('int SSL_set_session_id_context(void *ssl, const char *sid_ctx, unsigned int sid_ctx_len);')

/**
 * `ssl_client_hello_by_lua`: ties the TLS session to the name it was made for. One server block serves all hosts, so
 * without this a session made for one host would resume on another, with that host's certificate checks skipped.
 */
export function hello(): void {
  const [name] = clienthello.get_client_hello_server_name()
  const [connection] = ssl.get_req_ssl_pointer()
  if (connection === undefined) return ngx.exit(ngx.ERR)
  const context = sessionContext(name === undefined ? '' : lower(name))
  if (ffi.C.SSL_set_session_id_context(connection, context, context.length) !== 1) ngx.exit(ngx.ERR)
}

/** 16 bytes; equal only for connections that may share a session. */
function sessionContext(serverName: string): string {
  return ngx.md5_bin(serverName)
}

/** `ssl_certificate_by_lua`: the certificate for the server name (CERT-5); the listener's own file if the table has none. */
export function presentCertificate(): void {
  beginReading()
  const [name] = ssl.server_name()
  const key = name === undefined ? undefined : findCertificate(table, withoutFinalDot(lower(name)))
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
