import { connect as connectHttp2 } from 'node:http2'
import { createServer, request, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { enginesForTests } from '../support/engine.js'
import { openWebSocket } from './clients.js'
import { startTestBackend, type TestBackend } from './backends.js'
import { annotated, service, slice, writeObjects } from './manifests.js'
import { createProgram, type Program, until } from './program.js'

const MEGABYTE = 1024 * 1024
const engines = await enginesForTests()

/** What backends were asked, as `method path`. */
let asked: string[] = []

describe.each(engines)('section 7 through NGINX $version', (engine) => {
  let program: Program
  let backends: Backend[]
  let sockets: TestBackend

  beforeAll(async () => {
    backends = await Promise.all([startBackend(), startBackend()])
    sockets = await startTestBackend('sockets')
    program = await createProgram()
    write({})
    await program.start(undefined, ['--nginx', engine.binary])
    // A combination that is in no frame from the start: it is live once the workers of the old frame are gone.
    await until(async () => (await ask('tuned.test', '/')).status === 200, 30_000)
  })

  afterAll(async () => {
    await program?.remove()
    for (const backend of backends ?? []) backend.close()
    sockets?.close()
  })

  function write(configMap: Readonly<Record<string, string>>): void {
    const [one, two] = backends
    if (one === undefined || two === undefined) throw new Error('no backends')
    writeObjects(program.manifests, 'app', [
      ...hosts.map(([host, annotations]) => annotated(host, host, backendOf(host), annotations)),
      service('one'),
      slice('one', [one.port]),
      service('both'),
      slice('both', [one.port, two.port]),
      service('sockets'),
      slice('sockets', [sockets.port]),
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { namespace: 'ingress-nginx', name: 'ingress-nginx-controller' },
        data: configMap,
      },
    ])
  }

  const ask = (host: string, path: string, options: Options = {}): Promise<Reply> =>
    askOf(program.http, host, path, options)

  test('PRX-1: a body is measured by its Content-Length before any of it is read', async () => {
    expect(await ask('plain.test', '/length', { body: MEGABYTE })).toMatchObject({
      status: 200,
      text: String(MEGABYTE),
    })
    expect(await ask('plain.test', '/length', { body: MEGABYTE + 1 })).toMatchObject({ status: 413 })
    expect(await ask('large.test', '/length', { body: 9 * MEGABYTE })).toMatchObject({
      status: 200,
      text: String(9 * MEGABYTE),
    })
    expect(await ask('large.test', '/length', { body: 9 * MEGABYTE + 1 })).toMatchObject({ status: 413 })
    expect(await ask('small.test', '/length', { body: 1001 })).toMatchObject({ status: 413 })
    expect(await ask('endless.test', '/length', { body: 20 * MEGABYTE })).toMatchObject({ status: 200 })
  })

  test('PRX-1: a body in chunks is measured while it is read, to the next power of two', async () => {
    expect(await ask('plain.test', '/length', { body: 1000, chunked: true })).toMatchObject({
      status: 200,
      text: '1000',
    })
    expect(await ask('plain.test', '/length', { body: MEGABYTE + 1, chunked: true })).toMatchObject({ status: 413 })
    expect(await ask('large.test', '/length', { body: 9 * MEGABYTE + 1, chunked: true })).toMatchObject({ status: 200 })
    expect(await ask('large.test', '/length', { body: 16 * MEGABYTE + 1, chunked: true })).toMatchObject({
      status: 413,
    })
    expect(await ask('small.test', '/length', { body: 1025, chunked: true })).toMatchObject({ status: 413 })
    expect(await ask('endless.test', '/length', { body: 20 * MEGABYTE, chunked: true })).toMatchObject({ status: 200 })
  })

  test('PRX-1: and so is one over HTTP/2 that does not say its length', async () => {
    expect(await askHttp2(program.http, 'plain.test', '/length', 1000)).toBe('200 1000')
    expect(await askHttp2(program.http, 'plain.test', '/length', 2 * MEGABYTE)).toContain('413')
    expect(await askHttp2(program.http, 'large.test', '/length', 2 * MEGABYTE)).toBe(`200 ${2 * MEGABYTE}`)
  })

  test('PRX-2: silence for longer than the read timeout is answered with 504, in the clear and in a profile', async () => {
    expect(await ask('brisk.test', '/hang')).toMatchObject({ status: 504 })
    expect(await ask('tuned.test', '/hang')).toMatchObject({ status: 504 })
  })

  test('PRX-8: a WebSocket that is silent for longer than the read timeout is closed', async () => {
    const socket = await openWebSocket(program.http, 'sockets.test')
    await socket.ping('one')
    // Not before its time: what is said within a second keeps it open.
    await socket.ping('two')
    await socket.waitForEnd(20_000)
  })

  test('PRX-3 RTY-1: a status is a reason for another endpoint where it is listed, up to the number of tries', async () => {
    asked = []
    expect(await ask('both.test', '/status/502')).toMatchObject({ status: 502 })
    expect(asked).toEqual(['GET /status/502', 'GET /status/502'])
    asked = []
    expect(await ask('plain.test', '/status/502')).toMatchObject({ status: 502 })
    expect(asked).toEqual(['GET /status/502'])
    asked = []
    expect(await ask('both.test', '/status/502', { body: 3 })).toMatchObject({ status: 502 })
    expect(asked).toEqual(['POST /status/502'])
    asked = []
    expect(await ask('twice.test', '/status/502', { body: 3 })).toMatchObject({ status: 502 })
    expect(asked).toEqual(['POST /status/502', 'POST /status/502', 'POST /status/502'])
  })

  test('PRX-3: no further endpoint is tried when the time for it is over; the answer is that of the last try', async () => {
    asked = []
    expect(await ask('late.test', '/hang')).toMatchObject({ status: 504 })
    expect(asked).toEqual(['GET /hang'])
  })

  test('PRX-5 PRX-6: locations and cookies of the backend are put right', async () => {
    const { headers } = await ask('moved.test', '/redirect')
    expect(headers.location).toBe('https://shop.test/there?x=1')
    expect(headers['refresh']).toBe('3; url=https://shop.test/there?x=1')
    expect(headers['set-cookie']).toEqual(['a=1; Domain=shop.test; Path=/x', 'b=2; Domain=other.test; Path=/y; Secure'])
    const plain = (await ask('plain.test', '/redirect')).headers
    expect(plain.location).toBe('http://internal.test/there?x=1')
    expect(plain['set-cookie']).toEqual([
      'a=1; Domain=internal.test; Path=/app/x',
      'b=2; Domain=other.test; Path=/app/y; Secure',
    ])
  })

  test('PRX-4: without request buffering the backend gets the body as it comes', async () => {
    expect(await startOfBody(program.http, 'streamed.test')).toBe(true)
    expect(await startOfBody(program.http, 'plain.test')).toBe(false)
  })

  test('an answer that arrives bit by bit is passed on bit by bit: server-sent events', async () => {
    expect(await events(program.http, 'plain.test')).toEqual(['data: 0\n\n', 'data: 1\n\n', 'data: 2\n\n'])
  })

  test('a head that is larger than the buffer is 502, and fits into a larger one', async () => {
    expect(await ask('plain.test', '/head')).toMatchObject({ status: 502 })
    expect(await ask('tuned.test', '/head')).toMatchObject({ status: 200 })
  })

  test('proxy-http-version: the backend is asked in HTTP/1.0', async () => {
    expect(await ask('old.test', '/version')).toMatchObject({ status: 200, text: '1.0' })
    expect(await ask('plain.test', '/version')).toMatchObject({ status: 200, text: '1.1' })
  })

  test('every key of the ConfigMap that is a default is live without a restart', async () => {
    const before = program.generation()
    write({ 'proxy-body-size': '2k', 'proxy-read-timeout': '1', 'proxy-cookie-path': '/app/ /' })
    await until(async () => (await ask('plain.test', '/length', { body: 2049 })).status === 413, 20_000)
    expect(await ask('plain.test', '/length', { body: 2048 })).toMatchObject({ status: 200 })
    expect(await ask('plain.test', '/hang')).toMatchObject({ status: 504 })
    expect((await ask('plain.test', '/redirect')).headers['set-cookie']?.[0]).toBe('a=1; Domain=internal.test; Path=/x')
    expect(await ask('large.test', '/length', { body: 3 * MEGABYTE })).toMatchObject({ status: 200 })
    // A limit for bodies in chunks that no frame has had.
    await until(async () => (await ask('plain.test', '/length', { body: 2049, chunked: true })).status === 413, 30_000)
    expect(program.generation()).toBe(before + 1)
    write({})
    await until(async () => (await ask('plain.test', '/length', { body: 2049 })).status === 200, 20_000)
  })
})

function backendOf(host: string): string {
  if (host === 'sockets.test') return 'sockets'
  return ['both.test', 'twice.test', 'late.test'].includes(host) ? 'both' : 'one'
}

const hosts: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ['plain.test', {}],
  ['large.test', { 'proxy-body-size': '9m' }],
  ['small.test', { 'proxy-body-size': '1000' }],
  ['endless.test', { 'proxy-body-size': '0' }],
  ['brisk.test', { 'proxy-read-timeout': '1' }],
  ['sockets.test', { 'proxy-read-timeout': '2', 'proxy-send-timeout': '2' }],
  ['both.test', { 'proxy-next-upstream': 'error timeout http_502', 'proxy-next-upstream-tries': '2' }],
  ['twice.test', { 'proxy-next-upstream': 'error timeout http_502 non_idempotent' }],
  ['late.test', { 'proxy-read-timeout': '1', 'proxy-next-upstream-timeout': '1' }],
  [
    'moved.test',
    {
      'proxy-redirect-from': 'http://internal.test/',
      'proxy-redirect-to': 'https://shop.test/',
      'proxy-cookie-domain': 'internal.test shop.test',
      'proxy-cookie-path': '/app/ /',
    },
  ],
  ['streamed.test', { 'proxy-request-buffering': 'off' }],
  ['old.test', { 'proxy-http-version': '1.0' }],
  [
    'tuned.test',
    { 'proxy-buffering': 'on', 'proxy-buffer-size': '32k', 'proxy-buffers-number': '6', 'proxy-read-timeout': '1' },
  ],
]

interface Backend {
  readonly port: number
  close(): void
}

async function startBackend(): Promise<Backend> {
  const server: Server = createServer((incoming, response) => {
    const path = incoming.url ?? ''
    asked.push(`${incoming.method ?? ''} ${path}`)
    if (path === '/hang') return
    if (path === '/events') return sendEvents(response)
    if (path === '/begin') return void incoming.once('data', () => response.end('begun'))
    if (path === '/redirect') {
      response.setHeader('Refresh', '3; url=http://internal.test/there?x=1')
      response.setHeader('Set-Cookie', [
        'a=1; Domain=internal.test; Path=/app/x',
        'b=2; Domain=other.test; Path=/app/y; Secure',
      ])
      return void response.writeHead(302, { location: 'http://internal.test/there?x=1' }).end()
    }
    if (path === '/head') response.setHeader('X-Long', 'x'.repeat(10_000))
    let length = 0
    incoming.on('data', (bytes: Buffer) => (length += bytes.length))
    incoming.on('end', () => {
      if (path.startsWith('/status/')) response.statusCode = Number(path.slice(8))
      response.end(path === '/length' ? String(length) : incoming.httpVersion)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port, // it listens on TCP
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** Each event only when the client has said, by asking for it, that it has the one before. */
let next: (() => void) | undefined

function sendEvents(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  let count = 0
  next = () => {
    response.write(`data: ${count++}\n\n`)
    if (count === 3) response.end()
  }
  next()
}

function events(port: number, host: string): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const received: string[] = []
    request({ host: '127.0.0.1', port, path: '/events', headers: { host } }, (response) => {
      response.on('data', (bytes: Buffer) => {
        received.push(bytes.toString())
        if (received.length < 3) next?.()
      })
      response.on('end', () => resolve(received))
    })
      .on('error', reject)
      .end()
  })
}

/** Whether the backend has the beginning of a body of which the end was not sent. */
function startOfBody(port: number, host: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', reject)
    socket.setTimeout(3_000, () => {
      socket.destroy()
      resolve(false)
    })
    socket.on('data', (bytes: Buffer) => {
      socket.destroy()
      resolve(bytes.toString().includes('begun'))
    })
    socket.write(`POST /begin HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 100\r\n\r\nhalf of it`)
  })
}

interface Options {
  /** Bytes to send; absent: a GET without any. */
  readonly body?: number
  readonly chunked?: boolean
}

interface Reply {
  readonly status: number
  readonly text: string
  readonly headers: IncomingHttpHeaders
}

function askOf(port: number, host: string, path: string, { body, chunked = false }: Options): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const length = body === undefined || chunked ? {} : { 'content-length': String(body) }
    const method = body === undefined ? 'GET' : 'POST'
    let answered = false
    const sent = request({ host: '127.0.0.1', port, path, method, headers: { host, ...length } }, (response) => {
      answered = true
      let text = ''
      response.on('data', (bytes: Buffer) => (text += bytes.toString()))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text, headers: response.headers }))
    })
    // NGINX may answer and close before it has read what it refuses.
    sent.on('error', (error) => (answered ? undefined : reject(error)))
    if (body !== undefined) sent.write(Buffer.alloc(body, 'x'))
    sent.end()
  })
}

function askHttp2(port: number, host: string, path: string, body: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const session = connectHttp2(`http://127.0.0.1:${port}`)
    session.on('error', reject)
    const stream = session.request({ ':method': 'POST', ':path': path, ':authority': host })
    let status = ''
    let text = ''
    stream.on('response', (headers) => (status = String(headers[':status'])))
    stream.on('data', (bytes: Buffer) => (text += bytes.toString()))
    stream.on('error', () => undefined)
    stream.on('close', () => {
      session.close()
      resolve(`${status} ${text}`)
    })
    stream.end(Buffer.alloc(body, 'x'))
  })
}
