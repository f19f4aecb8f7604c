import { connect, createServer, type ServerHttp2Stream } from 'node:http2'
import { listen, type Started } from './listen.js'

/** gRPC: `Slow` answers with the status of a missed deadline, every other method with the messages that it gets. */
export async function startGrpc(): Promise<Started> {
  const server = createServer()
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    const slow = headers[':path'] === '/echo.Echo/Slow'
    const seen = { 'x-seen-host': String(headers['host']), 'x-seen-forwarded': String(headers['x-forwarded-for']) }
    stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...seen }, { waitForTrailers: true })
    stream.on('wantTrailers', () =>
      stream.sendTrailers(
        slow
          ? { 'grpc-status': '4', 'grpc-message': `deadline of ${String(headers['grpc-timeout'])} exceeded` }
          : { 'grpc-status': '0' },
      ),
    )
    stream.on('data', (bytes: Buffer) => (slow ? undefined : stream.write(bytes)))
    stream.on('end', () => stream.end())
    stream.on('error', () => undefined)
  })
  return { port: await listen(server), close: () => server.close() }
}

export interface Called {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly messages: readonly string[]
  readonly trailers: Readonly<Record<string, unknown>>
}

/** A call over HTTP/2 in the clear; each message is sent when the answer to the one before is there. */
export function call(
  port: number,
  host: string,
  path: string,
  texts: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Promise<Called> {
  return new Promise((resolve, reject) => {
    const session = connect(`http://127.0.0.1:${port}`)
    session.on('error', reject)
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      ':authority': host,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...more,
    })
    let headers: Record<string, unknown> = {}
    let trailers: Record<string, unknown> = {}
    let received = Buffer.alloc(0)
    const messages: string[] = []
    const left = [...texts]
    const send = (): void => {
      const text = left.shift()
      if (text === undefined) return void stream.end()
      const frame = Buffer.alloc(5 + text.length)
      frame.writeUInt32BE(text.length, 1)
      frame.write(text, 5)
      stream.write(frame)
      if (path.endsWith('Slow')) stream.end()
    }
    stream.on('response', (got) => (headers = got))
    stream.on('trailers', (got) => (trailers = got))
    stream.on('data', (bytes: Buffer) => {
      received = Buffer.concat([received, bytes])
      while (received.length >= 5 && received.length >= 5 + received.readUInt32BE(1)) {
        const end = 5 + received.readUInt32BE(1)
        messages.push(received.toString('utf8', 5, end))
        received = received.subarray(end)
        send()
      }
    })
    stream.on('error', reject)
    stream.on('close', () => {
      session.close()
      resolve({ status: Number(headers[':status']), headers, messages, trailers })
    })
    send()
  })
}
