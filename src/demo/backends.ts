import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A backend that says who it is. */
export interface Backend {
  readonly name: string
  /** The Service that leads to it, and the name of that one's port. */
  readonly service: { readonly name: string; readonly port: string }
  readonly port: number
  close(): void
}

export async function startBackend(name: string, service: Backend['service']): Promise<Backend> {
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'text/plain')
    response.end(`${name} answers ${request.headers.host ?? ''}${request.url ?? ''}\n`)
  })
  return { name, service, port: await listen(server), close: () => server.close() }
}

/** Ports that were free a moment ago. */
export async function findFreePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer()
      return { server, port: await listen(server) }
    }),
  )
  for (const { server } of servers) server.close()
  return servers.map(({ port }) => port)
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)) // it listens on TCP
  })
}
