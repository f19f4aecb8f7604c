/** HTTP/1.1 over Lua's sockets: what questions to auth services and copies for mirrors share. */

/** Where a connection goes; IPv6 in brackets. */
export interface Peer {
  readonly address: string
  readonly port: number
  /** TLS, in which nothing is verified. */
  readonly secure: boolean
  /** SNI; undefined: none is sent. */
  readonly serverName: string | undefined
  /** Connections of one name are interchangeable; undefined: this one is not kept for others. */
  readonly pool?: { readonly name: string; readonly size: number }
}

/** Connects, or takes a kept connection of the pool; a text says why not. */
export function openConnection(socket: TcpSocket, peer: Peer): string | undefined {
  const { address, port, pool } = peer
  const [connected, refused] =
    pool === undefined
      ? socket.connect(address, port)
      : socket.connect(address, port, { pool: pool.name, pool_size: pool.size })
  if (connected !== 1) return refused ?? 'no connection'
  if (!peer.secure || socket.getreusedtimes() > 0) return undefined
  const [shaken, unsafe] = socket.sslhandshake(false, peer.serverName, false)
  return shaken === true ? undefined : (unsafe ?? 'no handshake')
}
