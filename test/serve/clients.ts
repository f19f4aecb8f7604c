import { Agent, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Load {
  readonly count: { requests: number; readonly failed: string[] }
  stop(): Promise<void>
}

/** Keep-alive clients that ask one after the other and count whatever is not 200 with the wanted body. */
export function startLoad(
  port: number,
  clients: number,
  ask: () => { readonly host: string; readonly body: RegExp },
): Load {
  const agent = new Agent({ keepAlive: true, maxSockets: clients })
  const count = { requests: 0, failed: [] as string[] }
  let busy = true
  const loops = Array.from({ length: clients }, async () => {
    while (busy) {
      const { host, body } = ask()
      const reply = await get(port, host, '/', agent).catch((cause: unknown) => ({ status: 0, body: String(cause) }))
      count.requests += 1
      if (reply.status !== 200 || !body.test(reply.body))
        count.failed.push(`${host}: ${reply.status} ${reply.body.slice(0, 80)}`)
    }
  })
  return {
    count,
    async stop() {
      busy = false
      await Promise.all(loops)
      agent.destroy()
    },
  }
}

export function get(
  port: number,
  host: string,
  path: string,
  agent?: Agent,
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { host: '127.0.0.1', port, path, headers: { host }, ...(agent === undefined ? {} : { agent }) },
      (response) => {
        let body = ''
        response.on('data', (bytes: Buffer) => (body += bytes.toString()))
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
        response.on('error', reject)
      },
    )
    asked.on('error', reject)
    asked.end()
  })
}

/** A connection that speaks WebSocket; `ping` sends a text and waits for the same text. */
export async function openWebSocket(
  port: number,
  host: string,
): Promise<{ ping(text: string): Promise<void>; waitForEnd(milliseconds: number): Promise<void>; close(): void }> {
  const socket = connect(port, '127.0.0.1')
  let received = ''
  let broken: string | undefined
  socket.on('data', (bytes: Buffer) => (received += bytes.toString()))
  socket.on('error', (error) => (broken = error.message))
  socket.on('close', () => (broken ??= 'closed'))
  socket.write(
    `GET / HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGVzdA==\r\nSec-WebSocket-Version: 13\r\n\r\n`,
  )
  const wait = async (text: string): Promise<void> => {
    for (const end = Date.now() + 5_000; !received.includes(text); await sleep(2)) {
      if (broken !== undefined || Date.now() > end)
        throw new Error(`WebSocket: ${broken ?? 'no answer'}; got ${received.slice(0, 100)}`)
    }
  }
  await wait('101 Switching Protocols')
  await wait('\r\n\r\n')
  return {
    async ping(text) {
      received = ''
      socket.write(text)
      await wait(text)
    },
    async waitForEnd(milliseconds) {
      for (const end = Date.now() + milliseconds; broken === undefined; await sleep(20)) {
        if (Date.now() > end) throw new Error(`the WebSocket is open after ${milliseconds} ms`)
      }
    },
    close: () => socket.destroy(),
  }
}

/** Serial number of the certificate that is served for a name. */
export function servedCertificate(port: number, name: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ host: '127.0.0.1', port, servername: name, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().fingerprint256)
      socket.end()
    })
    socket.on('error', reject)
  })
}

/** Sends bytes as they are and gives the first line of the answer. */
export function sendRaw(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect(port, '127.0.0.1', () => socket.write(bytes, 'latin1'))
    let received = ''
    socket.setTimeout(5_000, () => socket.destroy())
    socket.on('data', (data: Buffer) => {
      received += data.toString('latin1')
      if (received.includes('\r\n')) socket.destroy()
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(received.split('\r\n')[0] ?? ''))
  })
}
