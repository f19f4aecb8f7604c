import { config } from './config.js'
import { variables } from './variables.js'

/** The Host header of the request, or what stands for it over HTTP/3 (`src/frame/http3.ts`). */
export function askedHost(): string | undefined {
  if (config().http3 !== true) return variables['http_host']
  const host = variables['asked_host']
  return host === '' ? undefined : host
}

export function isHttp3(): boolean {
  return config().http3 === true && variables['http3'] === 'h3'
}

/** Whether the client would go over to another protocol, which it cannot from HTTP/3. */
export function isUpgrade(): boolean {
  const name = variables[config().http3 === true ? 'asked_upgrade' : 'http_upgrade']
  return name !== undefined && name !== ''
}

/**
 * What HTTP/1.1 says of a connection makes an answer of HTTP/3 malformed, and clients give it up (RFC 9114, 4.2). NGINX
 * leaves out some of it, not what backends or users add.
 */
export function leaveOutConnection(): void {
  if (variables['http3'] !== 'h3') return
  for (const name of OF_CONNECTIONS) if (ngx.header[name] !== undefined) ngx.header[name] = undefined
}

const OF_CONNECTIONS = ['Connection', 'Keep-Alive', 'Proxy-Connection', 'Upgrade']
