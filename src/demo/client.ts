import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { TLSSocket } from 'node:tls'

export interface Reply {
  readonly status: number
  readonly body: string
  readonly location: string | undefined
  /** Common name of the certificate; undefined over HTTP. */
  readonly certificate: string | undefined
}

/** Asks a local listener for a host and path; the certificate is looked at, not verified. */
export function ask(scheme: 'http' | 'https', port: number, host: string, path: string): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path, headers: { host } }
    const asked =
      scheme === 'http'
        ? httpRequest(options)
        : httpsRequest({ ...options, servername: host, rejectUnauthorized: false, agent: false })
    asked.on('response', (response) => {
      const peer =
        'getPeerCertificate' in response.socket ? (response.socket as TLSSocket).getPeerCertificate() : undefined
      let body = ''
      response.on('data', (bytes: Buffer) => (body += bytes.toString()))
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          body: body.trim(),
          location: response.headers.location,
          certificate: peer?.subject.CN,
        }),
      )
    })
    asked.on('error', reject)
    asked.end()
  })
}

/** Waits until the reply is as wanted; gives how many milliseconds that took. */
export async function until(
  reply: () => Promise<Reply>,
  isWanted: (reply: Reply) => boolean,
  milliseconds: number,
): Promise<number> {
  const start = performance.now()
  while (performance.now() - start < milliseconds) {
    const got = await reply().catch(() => undefined)
    if (got !== undefined && isWanted(got)) return performance.now() - start
    await new Promise((next) => setTimeout(next, 5))
  }
  throw new Error(`no right answer within ${milliseconds / 1000} s`)
}
