import { connect, createServer } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { once } from 'node:events'

/** What a client sends first (ClientHello, RFC 8446, 4.1.2), for any server name of this length. */
export const NAME_LENGTH = 24

/** Takes one from Node's own TLS; gives it for other names. */
export async function createHello(): Promise<(name: string) => Buffer> {
  const placeholder = 'n'.repeat(NAME_LENGTH - 5).concat('.test')
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const client = connectTls({ host: '127.0.0.1', port, servername: placeholder, rejectUnauthorized: false })
  client.on('error', () => undefined)
  const [socket] = (await once(server, 'connection')) as [ReturnType<typeof connect>] // as net.Server says
  const [hello] = (await once(socket, 'data')) as [Buffer] // as net.Socket says
  client.destroy()
  socket.destroy()
  server.close()
  const at = hello.indexOf(placeholder)
  if (at < 0) throw new Error('a ClientHello without its server name')
  return (name) => {
    const copy = Buffer.from(hello)
    copy.write(name, at, NAME_LENGTH, 'latin1')
    return copy
  }
}

/** Opens a handshake, waits for the first bytes of the answer, and goes. Gives whether there were any. */
export function beginHandshake(port: number, hello: Buffer): Promise<boolean> {
  return new Promise((resolve) => {
    let isAnswered = false
    const socket = connect(port, '127.0.0.1', () => socket.write(hello))
    socket.on('data', () => {
      isAnswered = true
      socket.destroy()
    })
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(isAnswered))
  })
}
