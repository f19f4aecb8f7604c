import { request } from 'node:http'
import { createServer, type Socket } from 'node:net'
import { listen, type Started } from './listen.js'

/** A responder of FastCGI 1.0 that answers with the parameters it got. */
export async function startFastCgi(): Promise<Started> {
  const server = createServer((socket: Socket) => {
    let received = Buffer.alloc(0)
    let parameters = Buffer.alloc(0)
    socket.on('error', () => undefined)
    socket.on('data', (bytes: Buffer) => {
      received = Buffer.concat([received, bytes])
      while (received.length >= 8) {
        const length = received.readUInt16BE(4)
        const whole = 8 + length + received.readUInt8(6)
        if (received.length < whole) return
        const [type, id] = [received.readUInt8(1), received.readUInt16BE(2)]
        const content = received.subarray(8, 8 + length)
        if (type === 4) parameters = Buffer.concat([parameters, content])
        if (type === 5 && length === 0) {
          const body = `Content-Type: application/json\r\n\r\n${JSON.stringify(readParameters(parameters))}`
          socket.write(Buffer.concat([record(6, id, Buffer.from(body)), record(6, id), record(3, id, Buffer.alloc(8))]))
          parameters = Buffer.alloc(0)
        }
        received = received.subarray(whole)
      }
    })
  })
  return { port: await listen(server), close: () => server.close() }
}

function record(type: number, id: number, content = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(8)
  head.writeUInt8(1, 0)
  head.writeUInt8(type, 1)
  head.writeUInt16BE(id, 2)
  head.writeUInt16BE(content.length, 4)
  return Buffer.concat([head, content])
}

function readParameters(bytes: Buffer): Record<string, string> {
  const found: Record<string, string> = {}
  let at = 0
  const length = (): number => {
    const short = bytes.readUInt8(at)
    at += short < 128 ? 1 : 4
    return short < 128 ? short : bytes.readUInt32BE(at - 4) & 0x7f_ff_ff_ff
  }
  while (at < bytes.length) {
    const [name, value] = [length(), length()]
    found[bytes.toString('latin1', at, at + name)] = bytes.toString('latin1', at + name, at + name + value)
    at += name + value
  }
  return found
}

/** Parses the answer of the responder. */
export function askScript(port: number, path: string, headers: Readonly<Record<string, string>>): Promise<object> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, headers }, (response) => {
      let text = ''
      response.on('data', (bytes: Buffer) => (text += bytes.toString()))
      response.on('end', () => resolve(JSON.parse(text) as object)) // of our own server
    })
      .on('error', reject)
      .end()
  })
}
