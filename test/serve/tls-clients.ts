import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2'
import { type Agent, request } from 'node:https'
import type { IncomingHttpHeaders } from 'node:http'
import { connect, type ConnectionOptions, type SecureVersion, type TLSSocket } from 'node:tls'

/** A certificate with its key, both PEM. */
export interface Identity {
  readonly chain: string
  readonly key: string
}

export interface TlsRequest {
  /** The Host header. */
  readonly host: string
  /** The name that is sent (SNI); default: the host. Empty: none. */
  readonly serverName?: string
  readonly path?: string
  readonly method?: string
  readonly body?: string
  readonly identity?: Identity | undefined
  readonly headers?: Readonly<Record<string, string | string[]>>
  readonly agent?: Agent
  /** What the client offers. */
  readonly tls?: Pick<ConnectionOptions, 'sigalgs'>
}

export interface TlsReply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
  /** The connection had been used before. */
  readonly reused: boolean
}

/** Asks over HTTPS, on a connection of its own unless there is an agent. */
export function askTls(port: number, asked: TlsRequest): Promise<TlsReply> {
  const { host, serverName = host, path = '/', method = 'GET', identity, headers = {}, agent, tls } = asked
  return new Promise((resolve, reject) => {
    const client = request(
      {
        ...connectionTo(port, serverName, identity),
        ...tls,
        path,
        method,
        headers: { host, ...headers },
        agent: agent ?? false,
      },
      (response) => {
        let body = ''
        response.on('data', (bytes: Buffer) => (body += bytes.toString()))
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body, reused: client.reusedSocket }),
        )
        response.on('error', reject)
      },
    )
    client.on('error', reject)
    client.end(asked.body)
  })
}

export function connectionTo(port: number, serverName: string, identity: Identity | undefined): ConnectionOptions {
  return {
    host: '127.0.0.1',
    port,
    // Node would send the address otherwise, which NGINX takes for no name.
    servername: serverName,
    rejectUnauthorized: false,
    ...(identity === undefined ? {} : { cert: identity.chain, key: identity.key }),
  }
}

export interface Session {
  readonly ticket: Buffer
  readonly status: number
}

/** Asks once on a connection of its own, and gives what resumes its session; or resumes `session`. */
export function askWithSession(
  port: number,
  version: SecureVersion,
  asked: Pick<TlsRequest, 'host' | 'identity' | 'serverName'>,
  session?: Buffer,
): Promise<Session & { readonly resumed: boolean; readonly isTicket: boolean; readonly text: string }> {
  const { host, serverName = host, identity } = asked
  return new Promise((resolve, reject) => {
    let ticket: Buffer | undefined
    let resumed = false
    let isTicket = false
    let text = ''
    const socket: TLSSocket = connect({
      ...connectionTo(port, serverName, identity),
      minVersion: version,
      maxVersion: version,
      ...(session === undefined ? {} : { session }),
    })
    socket.setTimeout(10_000, () => socket.destroy(new Error('no answer')))
    socket.on('session', (bytes: Buffer) => (ticket = bytes))
    socket.on('secureConnect', () => {
      resumed = socket.isSessionReused()
      isTicket = socket.getTLSTicket() !== undefined
      socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
    })
    socket.on('data', (bytes: Buffer) => (text += bytes.toString()))
    socket.on('error', reject)
    socket.on('close', () =>
      resolve({
        ticket: ticket ?? Buffer.alloc(0),
        status: Number(text.split(' ')[1] ?? 0),
        resumed,
        isTicket,
        text,
      }),
    )
  })
}

/** An HTTP/2 connection that was opened for a name. */
export interface Http2Connection {
  ask(
    authority: string,
    more?: { readonly path?: string; readonly method?: string; readonly headers?: Readonly<Record<string, string>> },
  ): Promise<{ readonly status: number; readonly body: string }>
  close(): void
}

export function openHttp2(port: number, serverName: string, identity: Identity | undefined): Http2Connection {
  const session: ClientHttp2Session = connectHttp2(`https://127.0.0.1:${port}`, {
    ...connectionTo(port, serverName, identity),
    ALPNProtocols: ['h2'],
  })
  session.on('error', () => undefined)
  return {
    ask: (authority, { path = '/', method = 'GET', headers = {} } = {}) =>
      new Promise((resolve, reject) => {
        const stream = session.request({ ':path': path, ':method': method, ':authority': authority, ...headers })
        let status = 0
        let body = ''
        stream.on('response', (headers) => (status = headers[':status'] ?? 0))
        stream.on('data', (bytes: Buffer) => (body += bytes.toString()))
        stream.on('end', () => resolve({ status, body }))
        stream.on('error', reject)
        stream.end()
      }),
    close: () => session.destroy(),
  }
}
