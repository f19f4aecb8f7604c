/** Everything that must be equal before two requests may use the same upstream connection. */
export interface UpstreamIdentity {
  readonly protocol: 'http/1' | 'http/2' | 'grpc' | 'fcgi'
  /** undefined: no TLS to the backend. */
  readonly tls: UpstreamTls | undefined
}

export interface UpstreamTls {
  readonly serverName: string
  readonly verify: boolean
  readonly verifyDepth: number
  /** Digest of the trusted certificates. */
  readonly authority: string
  /** Digest of the client certificate that is presented. */
  readonly clientCertificate: string
}

/**
 * The pool key of an identity. One server block serves all hosts, so the engine's own key (address and port) would let a
 * request travel on a connection that was verified, or not, for another route. `digest` is a hash of text to text.
 */
export function poolKey(identity: UpstreamIdentity, digest: (text: string) => string): string {
  const { protocol, tls } = identity
  if (tls === undefined) return protocol
  const verified = tls.verify ? `verified ${tls.verifyDepth}` : `unverified ${tls.verifyDepth}`
  const names = `${withLength(tls.serverName)} ${withLength(tls.authority)} ${withLength(tls.clientCertificate)}`
  return digest(`${protocol} ${verified} ${names}`)
}

/** No text can contain the end of itself and the beginning of the next. */
function withLength(text: string): string {
  return `${text.length}:${text}`
}
