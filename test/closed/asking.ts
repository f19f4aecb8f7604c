import { connect } from 'node:http2'
import { Pool } from 'undici'

export interface Answer {
  readonly status: number
  readonly body: string
}

export interface More {
  readonly method?: 'GET' | 'OPTIONS' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * Thousands of questions over a few connections; over HTTPS they are HTTP/2, opened for a name that asks for no
 * certificate.
 */
export interface Asking {
  http(host: string, path: string, more?: More): Promise<Answer>
  https(host: string, path: string): Promise<Answer>
  close(): Promise<void>
}

export function startAsking(ports: { readonly http: number; readonly https: number }, serverName: string): Asking {
  const pool = new Pool(`http://127.0.0.1:${ports.http}`, { connections: 8 })
  const session = connect(`https://127.0.0.1:${ports.https}`, { servername: serverName, rejectUnauthorized: false })
  session.on('error', () => undefined) // its streams fail with it
  return {
    async http(host, path, { method = 'GET', headers = {} } = {}) {
      const { statusCode, body } = await pool.request({ method, path, headers: { host, ...headers } })
      return { status: statusCode, body: await body.text() }
    },
    https: (host, path) =>
      new Promise((resolve, reject) => {
        const stream = session.request({ ':authority': host, ':path': path })
        let status = 0
        let body = ''
        stream.on('response', (headers) => (status = headers[':status'] ?? 0))
        stream.on('data', (bytes: Buffer) => (body += bytes.toString()))
        stream.on('end', () => resolve({ status, body }))
        stream.on('error', reject)
      }),
    async close() {
      session.destroy()
      await pool.destroy()
    },
  }
}

/** In order, some at a time. */
export async function forAll<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values()
  const worker = async (): Promise<void> => {
    for (const item of rest) await act(item)
  }
  await Promise.all(Array.from({ length: 32 }, worker))
}
