/** Everything that must be equal before two requests may use the same upstream connection. */
export interface UpstreamIdentity {
  readonly protocol: 'http/1' | 'http/2' | 'grpc' | 'fcgi'
  /** undefined: no TLS to the backend. */
  readonly tls: UpstreamTls | undefined
}

export interface UpstreamTls {
  /** The name that the certificate is for. */
  readonly serverName: string
  /** Whether the name is sent (SNI). */
  readonly namesServer: boolean
  readonly verify: boolean
  readonly verifyDepth: number
  /** Digest of the trusted certificates. */
  readonly authority: string
  /** Digest of the client certificate that is presented. */
  readonly clientCertificate: string
  /** As OpenSSL has them; '': NGINX's own. */
  readonly ciphers: string
  readonly protocols: string
}

/** Of HTTP/1.1 in the clear, as error backends are always spoken to (BP-5). */
export const PLAIN_POOL = 'http/1'

/**
 * The pool key of an identity. One server block serves all hosts, so the engine's own key (address and port) would let a
 * request travel on a connection that was verified, or not, for another route. `digest` is a hash of text to text.
 */
export function poolKey(identity: UpstreamIdentity, digest: (text: string) => string): string {
  const { protocol, tls } = identity
  if (tls === undefined) return protocol
  const verified = tls.verify ? `verified ${tls.verifyDepth}` : `unverified ${tls.verifyDepth}`
  const sent = tls.namesServer ? 'named' : 'unnamed'
  const names = `${withLength(tls.serverName)} ${withLength(tls.authority)} ${withLength(tls.clientCertificate)}`
  const session = `${withLength(tls.ciphers)} ${withLength(tls.protocols)}`
  return digest(`${protocol} ${verified} ${sent} ${names} ${session}`)
}

/** No text can contain the end of itself and the beginning of the next. */
function withLength(text: string): string {
  return `${text.length}:${text}`
}
