import { openssl } from './openssl.js'
import type { ParsedCertificate } from './table.js'

/** A TLS connection of nobody, which holds a certificate and its key for connections of clients to share. */
interface Holder {
  /** Whose certificate and key these are: another object once the certificate was renewed. */
  readonly certificate: ParsedCertificate
  /** The `SSL_CTX` of the listener whose connections may share them. */
  readonly context: object
  /** `SSL`. It is given back here, not by Lua's collector, which sees a pointer of it and not its 16 KB. */
  readonly connection: object
}

/** Of one kind, the newer and the older ones. */
const LIMIT = 1_024

let holders: Record<string, Holder | undefined> = {}
let before: Record<string, Holder | undefined> = {}
let count = 0

/**
 * In the ClientHello, before OpenSSL has chosen anything: gives a connection the certificate by reference, and no
 * certificate phase follows. By copies OpenSSL would look at each handshake once more whether the key is that of the
 * certificate. Its session id context has to be set afterwards, and nothing that is kept with a certificate may be.
 * false: the certificate phase presents it.
 */
export function shareCertificate(connection: object, key: string, certificate: ParsedCertificate): boolean {
  const context = openssl.SSL_get_SSL_CTX(connection)
  const known = holders[key] ?? before[key]
  const isGood = known !== undefined && known.certificate === certificate && known.context === context
  const holder = isGood ? known : hold(certificate, context)
  if (holder === undefined) return false
  if (holders[key] !== holder) keep(key, holder)
  return openssl.SSL_copy_session_id(connection, holder.connection) === 1
}

function keep(key: string, holder: Holder): void {
  const newer = holders[key]
  const older = before[key]
  before[key] = undefined
  if (older !== undefined && older !== holder) release(older)
  if (newer !== undefined) release(newer)
  else if (count < LIMIT) count++
  else beginAnew()
  holders[key] = holder
}

function beginAnew(): void {
  for (const key in before) {
    const holder = before[key]
    if (holder !== undefined) release(holder)
  }
  before = holders
  holders = {}
  count = 1
}

/** Connections that share the certificate keep it. */
function release({ connection }: Holder): void {
  openssl.SSL_free(connection)
}

/** undefined: this OpenSSL refuses the certificate, which the certificate phase says. */
function hold(certificate: ParsedCertificate, context: object): Holder | undefined {
  const connection = openssl.SSL_new(context)
  if (connection === undefined) return undefined
  // With the certificate goes whether there is a certificate phase.
  openssl.SSL_set_cert_cb(connection, undefined, undefined)
  openssl.SSL_certs_clear(connection)
  if (present(connection, certificate)) return { certificate, context, connection }
  openssl.ERR_clear_error()
  openssl.SSL_free(connection)
  return undefined
}

/** SSL_CTRL_CHAIN_CERT, with which 1 asks for a reference of its own (SSL_add1_chain_cert). */
const CHAIN_CERTIFICATE = 89

function present(connection: object, { chain, key }: ParsedCertificate): boolean {
  if (openssl.SSL_use_certificate(connection, openssl.OPENSSL_sk_value(chain, 0)) !== 1) return false
  for (let i = 1; i < openssl.OPENSSL_sk_num(chain); i++) {
    if (openssl.SSL_ctrl(connection, CHAIN_CERTIFICATE, 1, openssl.OPENSSL_sk_value(chain, i)) !== 1) return false
  }
  return openssl.SSL_use_PrivateKey(connection, key) === 1
}
