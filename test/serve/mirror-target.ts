import { createServer as createPlain, type IncomingHttpHeaders, type RequestListener } from 'node:http'
import { createServer as createSecure } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createSelfSigned } from '../../src/controller/self-signed.js'

/** A request as a mirror got it. */
export interface Received {
  readonly method: string
  readonly target: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A server for copies of requests. `silent`: it takes them, and never answers. */
export interface MirrorServer {
  readonly port: number
  readonly received: readonly Received[]
  close(): void
}

export async function startMirror(kind: 'http' | 'https', manner: 'answering' | 'silent'): Promise<MirrorServer> {
  const received: Received[] = []
  const listener: RequestListener = (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      received.push({ method, target: url, headers, body: Buffer.concat(chunks).toString('latin1') })
      if (manner === 'answering') response.end('nobody reads this')
    })
  }
  const { certificate, key } = createSelfSigned({
    commonName: 'mirror',
    organization: 'test',
    names: ['mirror.test'],
    days: 1,
    now: Date.now(),
  })
  const server = kind === 'http' ? createPlain(listener) : createSecure({ cert: certificate, key }, listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port, // it listens on TCP
    received,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
