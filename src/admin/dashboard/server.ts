import { createAdaptorServer } from '@hono/node-server'
import type { Server } from 'node:http'
import { createAdmin, type AdminOptions } from './api.js'

export interface AdminServerOptions extends AdminOptions {
  readonly host: string
  readonly port: number
}

export interface AdminServer {
  readonly port: number
  close(): void
}

const MOST_CONNECTIONS = 100
/** A client that neither sends nor takes anything for so long is gone. Streams of events say something more often. */
const IDLE_MILLISECONDS = 30_000

/** Serves the API and the page. Rejects when the port cannot be had. */
export async function startAdminServer(options: AdminServerOptions): Promise<AdminServer> {
  const { host, port } = options
  const server = createAdaptorServer({
    fetch: createAdmin(options).fetch,
    overrideGlobalObjects: false,
    serverOptions: {
      headersTimeout: 5_000,
      requestTimeout: 10_000,
      keepAliveTimeout: 5_000,
      connectionsCheckingInterval: 1_000,
      maxHeaderSize: 16_384,
    },
  }) as Server // no other kind was asked for
  server.maxConnections = MOST_CONNECTIONS
  server.timeout = IDLE_MILLISECONDS
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, host }, resolve)
  })
  server.unref()
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
