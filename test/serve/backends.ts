import { createHash } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * A backend that answers with its name; `/slow` sends a chunk every 100 ms for as long as asked; it also speaks
 * WebSocket.
 */
export interface TestBackend {
  readonly name: string
  readonly port: number
  close(): void
}

export async function startTestBackend(name: string): Promise<TestBackend> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://backend')
    if (url.pathname !== '/slow') return void response.end(name)
    let left = Number(url.searchParams.get('chunks'))
    const timer = setInterval(() => {
      response.write('x'.repeat(1000))
      if (--left > 0) return
      clearInterval(timer)
      response.end()
    }, 100)
    response.on('close', () => clearInterval(timer))
  })
  echoWebSocket(server)
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

/** The opening handshake of RFC 6455; after it every byte comes back as it is. */
function echoWebSocket(server: Server): void {
  server.on('upgrade', (request, socket) => {
    const key = request.headers['sec-websocket-key'] ?? ''
    const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    )
    socket.on('error', () => socket.destroy())
    socket.pipe(socket)
  })
}
