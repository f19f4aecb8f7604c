import { createServer as createHttp2Server, connect, type Http2Server, type ServerHttp2Stream } from 'node:http2'
import { request } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSelfSigned } from '../../src/controller/self-signed.js'
import { enginesForTests } from '../support/engine.js'
import { get } from './clients.js'
import { annotated, service, slice, writeObjects } from './manifests.js'
import { createProgram, type Program, until } from './program.js'

const engines = await enginesForTests()

describe.each(engines)('backend protocols through NGINX $version', (engine) => {
  let program: Program
  let ends: (() => void)[] = []

  beforeAll(async () => {
    const grpc = await startGrpc()
    const tls = await startTls()
    const script = await startFastCgi()
    ends = [grpc.close, tls.close, script.close]
    program = await createProgram()
    const backend = (name: string, port: number, protocol: string): readonly object[] => [
      annotated(name, `${name}.test`, name, { 'backend-protocol': protocol }),
      service(name),
      slice(name, [port]),
    ]
    writeObjects(program.manifests, 'app', [
      ...backend('grpc', grpc.port, 'grpc'),
      ...backend('tls', tls.port, 'HTTPS'),
      ...backend('script', script.port, 'FCGI'),
      annotated('verified', 'verified.test', 'tls', { 'backend-protocol': 'HTTPS', 'proxy-ssl-verify': 'on' }),
    ])
    await program.start(undefined, ['--nginx', engine.binary])
  })

  afterAll(async () => {
    await program?.remove()
    for (const end of ends) end()
  })

  test('BP-2 BP-3: a unary gRPC call, with its trailers and the headers of every backend', async () => {
    const { status, messages, trailers, headers } = await call(program.http, '/echo.Echo/Unary', ['hello'])
    expect([status, messages, trailers['grpc-status']]).toEqual([200, ['hello'], '0'])
    expect(headers['x-seen-host']).toBe('grpc.test')
    expect(headers['x-seen-forwarded']).toBe('127.0.0.1')
  })

  test('BP-2: a stream in both directions', async () => {
    const { messages, trailers } = await call(program.http, '/echo.Echo/Stream', ['one', 'two', 'three'])
    expect([messages, trailers['grpc-status']]).toEqual([['one', 'two', 'three'], '0'])
  })

  test('a deadline reaches the backend, and the status that it answers with the client', async () => {
    const { trailers } = await call(program.http, '/echo.Echo/Slow', ['x'], { 'grpc-timeout': '50m' })
    expect([trailers['grpc-status'], trailers['grpc-message']]).toEqual(['4', 'deadline of 50m exceeded'])
  })

  test('BP-1: HTTPS without verification', async () => {
    expect(await get(program.http, 'tls.test', '/x')).toEqual({ status: 200, body: 'over TLS /x' })
  })

  test('a certificate that shall be verified and is not: closed', async () => {
    expect((await get(program.http, 'verified.test', '/')).status).toBe(503)
  })

  test('BP-4: FastCGI with the standard parameters, and without HTTP_PROXY', async () => {
    const seen = await askScript(program.http, '/a.php?b=c', { host: 'script.test', proxy: 'http://evil.test' })
    expect(seen).not.toHaveProperty('HTTP_PROXY')
    expect(seen).toMatchObject({
      REQUEST_METHOD: 'GET',
      QUERY_STRING: 'b=c',
      SCRIPT_NAME: '/a.php',
      REQUEST_URI: '/a.php?b=c',
      SERVER_NAME: 'script.test',
      HTTP_HOST: 'script.test',
    })
  })

  test('no reload was needed for any of them', async () => {
    await until(() => Promise.resolve(program.generation() === 1), 1_000)
  })
})

interface Started {
  readonly port: number
  close(): void
}

async function listen(server: Server | Http2Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port // it listens on TCP
}

async function startGrpc(): Promise<Started> {
  const server = createHttp2Server()
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

async function startTls(): Promise<Started> {
  const { certificate, key } = createSelfSigned({
    commonName: 'backend',
    organization: 'test',
    names: ['backend.test'],
    days: 1,
    now: Date.now(),
  })
  const server = createTlsServer({ cert: certificate, key }, (request, response) =>
    response.end(`over TLS ${request.url ?? ''}`),
  )
  return { port: await listen(server), close: () => server.close() }
}

/** A responder of FastCGI 1.0 that answers with the parameters it got. */
async function startFastCgi(): Promise<Started> {
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

function askScript(port: number, path: string, headers: Readonly<Record<string, string>>): Promise<object> {
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

interface Called {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly messages: readonly string[]
  readonly trailers: Readonly<Record<string, unknown>>
}

/** A call over HTTP/2 in the clear; each message is sent when the answer to the one before is there. */
function call(
  port: number,
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
      ':authority': 'grpc.test',
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
