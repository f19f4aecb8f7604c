import { createHash } from 'node:crypto'
import { poolKey, type UpstreamIdentity, type UpstreamTls } from '../../model/pool-key.js'

/** Keeps connections with this identity apart from all others. */
export function keyOf(protocol: UpstreamIdentity['protocol'], tls: UpstreamTls | undefined): string {
  return poolKey({ protocol, tls }, (text) => digestOf(text).slice(0, 16))
}

/** TLS that verifies nothing and presents nothing. */
export const UNVERIFIED: UpstreamTls = {
  serverName: '',
  namesServer: false,
  verify: false,
  verifyDepth: 1,
  authority: '',
  clientCertificate: '',
  ciphers: '',
  protocols: '',
}

/** SHA-256 in hexadecimal digits. */
export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
