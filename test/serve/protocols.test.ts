import {
  createSecureServer,
  createServer as createHttp2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2'
import { createServer as createTlsServer } from 'node:https'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSelfSigned } from '../../src/controller/self-signed.js'
import { enginesForTests } from '../support/engine.js'
import { get } from './clients.js'
import { askScript, startFastCgi } from './fastcgi.js'
import { call, startGrpc } from './grpc.js'
import { listen, type Started } from './listen.js'
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
    const h2c = await startHttp2('clear')
    const h2 = await startHttp2('TLS')
    ends = [grpc.close, tls.close, script.close, h2c.close, h2.close]
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
      ...backend('h2c', h2c.port, 'h2c'),
      ...backend('h2', h2.port, 'H2'),
    ])
    await program.start(undefined, ['--nginx', engine.binary])
  })

  afterAll(async () => {
    await program?.remove()
    for (const end of ends) end()
  })

  test('BP-2 BP-3: a unary gRPC call, with its trailers and the headers of every backend', async () => {
    const { status, messages, trailers, headers } = await call(program.http, 'grpc.test', '/echo.Echo/Unary', ['hello'])
    expect([status, messages, trailers['grpc-status']]).toEqual([200, ['hello'], '0'])
    expect(headers['x-seen-host']).toBe('grpc.test')
    expect(headers['x-seen-forwarded']).toBe('127.0.0.1')
  })

  test('BP-2: a stream in both directions', async () => {
    const { messages, trailers } = await call(program.http, 'grpc.test', '/echo.Echo/Stream', ['one', 'two', 'three'])
    expect([messages, trailers['grpc-status']]).toEqual([['one', 'two', 'three'], '0'])
  })

  test('a deadline reaches the backend, and the status that it answers with the client', async () => {
    const { trailers } = await call(program.http, 'grpc.test', '/echo.Echo/Slow', ['x'], { 'grpc-timeout': '50m' })
    expect([trailers['grpc-status'], trailers['grpc-message']]).toEqual(['4', 'deadline of 50m exceeded'])
  })

  test('BP-1: HTTPS without verification', async () => {
    expect(await get(program.http, 'tls.test', '/x')).toEqual({ status: 200, body: 'over TLS /x' })
  })

  test('H2 and H2C: HTTP/2 with the headers of every backend and none of a connection; closed where NGINX has no HTTP/2', async () => {
    for (const host of ['h2c.test', 'h2.test']) {
      if (engine.facts.proxyHttp2) {
        const seen = await askScript(program.http, '/x?y', { host, upgrade: 'websocket', connection: 'upgrade' })
        expect(seen).toEqual({
          version: '2.0',
          url: '/x?y',
          host,
          forwarded: '127.0.0.1',
          upgrade: 'none',
          connection: 'none',
        })
      } else expect((await get(program.http, host, '/')).status).toBe(503)
    }
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

async function startHttp2(transport: 'clear' | 'TLS'): Promise<Started> {
  const { certificate, key } = selfSigned()
  const server = transport === 'TLS' ? createSecureServer({ cert: certificate, key }) : createHttp2Server()
  server.on('request', (request: Http2ServerRequest, response: Http2ServerResponse) => {
    const { httpVersion: version, url, authority, headers } = request
    const { upgrade = 'none', connection = 'none', 'x-forwarded-for': forwarded } = headers
    response.end(JSON.stringify({ version, url, host: headers.host ?? authority, forwarded, upgrade, connection }))
  })
  return { port: await listen(server), close: () => server.close() }
}

async function startTls(): Promise<Started> {
  const { certificate, key } = selfSigned()
  const server = createTlsServer({ cert: certificate, key }, (request, response) =>
    response.end(`over TLS ${request.url ?? ''}`),
  )
  return { port: await listen(server), close: () => server.close() }
}

function selfSigned(): ReturnType<typeof createSelfSigned> {
  return createSelfSigned({
    commonName: 'backend',
    organization: 'test',
    names: ['backend.test'],
    days: 1,
    now: Date.now(),
  })
}
