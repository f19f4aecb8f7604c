import type { Http2Server } from 'node:http2'
import type { AddressInfo, Server } from 'node:net'

export interface Started {
  readonly port: number
  close(): void
}

/** Listens on a free port of this machine, and gives it. */
export async function listen(server: Server | Http2Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port // it listens on TCP
}
