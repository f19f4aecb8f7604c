import { request } from 'node:http'
import { connect } from 'node:http2'

export interface Question {
  readonly path?: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** The status of an answer over HTTP/1.1. A body without Content-Length among the headers goes in chunks. */
export function statusOf(port: number, host: string, { path = '/', method, headers, body }: Question): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        // A connection of its own: a reload of an older NGINX closes kept ones.
        agent: false,
        host: '127.0.0.1',
        port,
        path,
        method: method ?? (body === undefined ? 'GET' : 'POST'),
        headers: { host, 'user-agent': 'test', accept: '*/*', ...headers },
      },
      (response) => {
        response.resume()
        response.on('end', () => resolve(response.statusCode ?? 0))
        response.on('error', reject)
      },
    )
    asked.on('error', reject)
    asked.end(body)
  })
}

/** The same over HTTP/2 and TLS, without a length of the body. */
export function statusOverHttp2(port: number, host: string, { path = '/', body }: Question): Promise<number> {
  return new Promise((resolve, reject) => {
    const session = connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false, servername: host })
    session.on('error', reject)
    const stream = session.request({
      ':authority': host,
      ':path': path,
      ':method': body === undefined ? 'GET' : 'POST',
      'user-agent': 'test',
      accept: '*/*',
      ...(body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
    })
    stream.on('error', reject)
    stream.on('response', (headers) => {
      stream.resume()
      stream.on('end', () => {
        session.close()
        resolve(Number(headers[':status']))
      })
    })
    stream.end(body)
  })
}
