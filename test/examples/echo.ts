import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A backend that answers with what it was asked: its name, the request target as it came, and X-Forwarded-Prefix. */
export interface Echo {
  readonly name: string
  readonly port: number
  close(): void
}

export async function startEcho(name: string): Promise<Echo> {
  const server = createServer((request, response) => {
    const prefix = request.headers['x-forwarded-prefix']
    response.end(`${name} ${request.url ?? ''}${prefix === undefined ? '' : ` prefix ${String(prefix)}`}`)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    name,
    port: (server.address() as AddressInfo).port, // it listens on TCP
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
