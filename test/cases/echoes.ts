import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { completeObjects, type EndpointOf } from './world-of-case.js'

/** What a backend saw of a request; it is the body of its answer. */
export interface Seen {
  /** `namespace/name` of the Service that it stands for. */
  readonly service: string
  readonly target: string
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
}

/** One backend for each Service that cases name; each says what it saw. */
export interface Echoes {
  /** Of a Service that `listenFor` has met. */
  readonly endpointOf: EndpointOf
  listenFor(objects: readonly object[]): Promise<void>
  close(): Promise<void>
}

export async function startEchoes(): Promise<Echoes> {
  const servers = new Map<string, Server>()
  const portOf = (service: string): number => {
    const address = servers.get(service)?.address() as AddressInfo | undefined // they listen on TCP
    return address?.port ?? 1
  }
  return {
    endpointOf: (service) => ({ address: '127.0.0.1', port: portOf(service) }),
    async listenFor(objects) {
      const names = new Set<string>()
      completeObjects(objects, (service) => {
        names.add(service)
        return { address: '127.0.0.1', port: 1 }
      })
      for (const service of names) if (!servers.has(service)) servers.set(service, await listen(service))
    },
    async close() {
      for (const server of servers.values()) {
        server.closeAllConnections()
        await new Promise((resolve) => server.close(resolve))
      }
    },
  }
}

async function listen(service: string): Promise<Server> {
  const server = createServer(({ url, headers }, response) => {
    const seen: Seen = { service, target: url ?? '', headers }
    response.setHeader('Content-Type', 'application/json')
    response.end(JSON.stringify(seen))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}
