import type { Server as HttpServer, ServerOptions } from 'node:http'
import type { Socket } from 'node:net'

/**
 * How long our own servers wait for their clients: for a head, and for a whole request. Node's own are one and five
 * minutes, and looked after every half minute.
 */
export const PATIENCE: Patience = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 1_000,
}

/** In milliseconds. */
export type Patience = Required<
  Pick<ServerOptions, 'headersTimeout' | 'requestTimeout' | 'connectionsCheckingInterval'>
>

/**
 * Holds a server to so many connections: a new one takes the place of the oldest. Who comes with a short question is
 * answered while others fill the server with connections that say nothing; refusing new ones would lock out the former.
 */
export function keepNewest(server: HttpServer, most: number): void {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    const [oldest] = sockets
    if (sockets.size > most) oldest?.destroy()
  })
}
