import { connect as connectHttp2 } from 'node:http2'
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { connect as connectTls } from 'node:tls'

export interface Reply {
  readonly status: number
  readonly body: string
  readonly location: string | undefined
}

export interface Ports {
  readonly http: number
  readonly https: number
}

/** Asks over one of the four ways a client has. */
export function ask(
  way: { scheme: 'http' | 'https'; version: 1 | 2 },
  ports: Ports,
  host: string,
  path: string,
): Promise<Reply> {
  return way.version === 1 ? askHttp1(way.scheme, ports, host, path) : askHttp2(way.scheme, ports, host, path)
}

function askHttp1(scheme: 'http' | 'https', ports: Ports, host: string, path: string): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', path, headers: { host }, agent: false as const }
    const asked =
      scheme === 'http'
        ? requestHttp({ ...options, port: ports.http })
        : requestHttps({ ...options, port: ports.https, servername: host, rejectUnauthorized: false })
    asked.on('response', (response) => {
      let body = ''
      response.on('data', (bytes: Buffer) => (body += bytes.toString()))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body, location: response.headers.location }))
    })
    asked.on('error', reject)
    asked.end()
  })
}

function askHttp2(scheme: 'http' | 'https', ports: Ports, host: string, path: string): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const port = scheme === 'http' ? ports.http : ports.https
    const session = connectHttp2(`${scheme}://127.0.0.1:${port}`, { servername: host, rejectUnauthorized: false })
    session.on('error', reject)
    const stream = session.request({ ':authority': host, ':path': path })
    let status = 0
    let location: string | undefined
    let body = ''
    stream.on('response', (headers) => {
      status = headers[':status'] ?? 0
      location = headers.location
    })
    stream.on('data', (bytes: Buffer) => (body += bytes.toString()))
    stream.on('end', () => {
      session.close()
      resolve({ status, body, location })
    })
    stream.on('error', reject)
    stream.end()
  })
}

/** The names of the certificate that is served for a server name. */
export function certificateNames(port: number, servername: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ host: '127.0.0.1', port, servername, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().subjectaltname ?? '')
      socket.end()
    })
    socket.on('error', reject)
  })
}
