import { getRequestListener } from '@hono/node-server'
import { createServer, type RequestListener } from 'node:http'
import type { Socket } from 'node:net'
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
  const answer = getRequestListener(createAdmin(options).fetch, { overrideGlobalObjects: false })
  const server = createServer(
    {
      headersTimeout: 5_000,
      requestTimeout: 10_000,
      keepAliveTimeout: 5_000,
      connectionsCheckingInterval: 1_000,
      maxHeaderSize: 16_384,
    },
    withoutQueues((request, response) => void answer(request, response)),
  )
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

/** One that is being sent, and the next one. No browser asks for more on one connection before it has its answers. */
const MOST_AT_ONCE = 2

/**
 * Cuts off who sends many requests on one connection and takes no answer. Node hands on everything that it has read,
 * which may be a thousand requests at a time, and would keep an answer to each of them.
 */
function withoutQueues(answer: RequestListener): RequestListener {
  const underWay = new WeakMap<Socket, number>()
  return (request, response) => {
    const { socket } = request
    if (socket.destroyed) return
    const count = (underWay.get(socket) ?? 0) + 1
    if (count > MOST_AT_ONCE) {
      socket.destroy()
      return
    }
    underWay.set(socket, count)
    response.once('close', () => underWay.set(socket, (underWay.get(socket) ?? 1) - 1))
    answer(request, response)
  }
}
