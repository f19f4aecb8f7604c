import { Agent as HttpAgent, request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from 'node:tls'
import { endpointAddresses } from '../hosts.js'

export interface Reply {
  readonly status: number
  readonly body: string
  readonly strictTransportSecurity: string | undefined
}

const kept = new HttpAgent({ keepAlive: true, maxSockets: 4 })

export function ask(
  scheme: 'http' | 'https',
  port: number,
  host: string,
  path = '/',
  headers: Readonly<Record<string, string>> = {},
  /** What it shows if it is asked for a certificate. */
  identity?: { readonly cert: string; readonly key: string },
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path, headers: { host, ...headers }, timeout: 10_000 }
    const asked =
      scheme === 'http'
        ? httpRequest({ ...options, agent: kept })
        : httpsRequest({ ...options, servername: host, rejectUnauthorized: false, agent: false, ...identity })
    asked.on('response', (response) => {
      let body = ''
      response.on('data', (bytes: Buffer) => (body += bytes.toString()))
      response.on('end', () => {
        const strictTransportSecurity = response.headers['strict-transport-security']
        resolve({ status: response.statusCode ?? 0, body: body.trim(), strictTransportSecurity })
      })
    })
    asked.on('timeout', () => asked.destroy(new Error('no answer within 10 s')))
    asked.on('error', reject)
    asked.end()
  })
}

/** Whether it is the answer of an endpoint of this host's backend. */
export function isFrom({ status, body }: Reply, index: number): boolean {
  return status === 200 && endpointAddresses(index).includes(body.split(' ')[0] ?? '')
}

/** SHA-256 fingerprint of the certificate that is served for a name. */
export function servedFingerprint(port: number, host: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, servername: host, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().fingerprint256)
      socket.destroy()
    })
    socket.on('error', reject)
  })
}

/** Asks until it is so; gives the milliseconds that took. A failed question counts as "not yet". */
export async function until(
  what: string,
  isSo: () => Promise<boolean>,
  patienceSeconds: number,
  pauseMilliseconds = 2,
): Promise<number> {
  const start = performance.now()
  while (performance.now() - start < patienceSeconds * 1000) {
    if (await isSo().catch(() => false)) return performance.now() - start
    await sleep(pauseMilliseconds)
  }
  throw new Error(`${what}: not within ${patienceSeconds} s`)
}
