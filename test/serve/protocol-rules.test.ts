import { createServer, type Http2Server } from 'node:http2'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestBackend, type TestBackend } from './backends.js'
import { get, openWebSocket } from './clients.js'
import { askScript, startFastCgi } from './fastcgi.js'
import { call } from './grpc.js'
import { listen, type Started } from './listen.js'
import { annotated, ingress, service, slice, writeObjects } from './manifests.js'
import { createProgram, type Program } from './program.js'

let program: Program
let script: Started
let plain: TestBackend
let silent: Http2Server

beforeAll(async () => {
  script = await startFastCgi()
  plain = await startTestBackend('plain')
  silent = createServer() // Takes calls and answers none.
  program = await createProgram()
  writeObjects(program.manifests, 'app', [
    atPaths('php', 'mixed.test', 'script', ['/a', '/b'], { 'backend-protocol': 'FCGI' }),
    withDefault('own', 'own.test', 'script', { 'backend-protocol': 'FCGI' }),
    atPaths('pages', 'mixed.test', 'plain', ['/pages'], {}),
    annotated('silent', 'silent.test', 'silent', { 'backend-protocol': 'GRPC', 'proxy-read-timeout': '1' }),
    ingress('socket', 'socket.test', 'plain'),
    service('script'),
    slice('script', [script.port]),
    service('plain'),
    slice('plain', [plain.port]),
    service('silent'),
    slice('silent', [await listen(silent)]),
  ])
  await program.start(undefined, ['--default-backend-service', 'test/plain'])
})

afterAll(async () => {
  await program?.remove()
  script?.close()
  plain?.close()
  silent?.close()
})

test('BP-5: the default backend of a host whose paths are FastCGI is asked by HTTP', async () => {
  expect(await get(program.http, 'mixed.test', '/elsewhere')).toEqual({ status: 200, body: 'plain' })
})

test('BP-5 DEF-3: the default backend that an Ingress itself names has the protocol of that Ingress', async () => {
  expect(await askScript(program.http, '/elsewhere.php', { host: 'own.test' })).toMatchObject({
    SCRIPT_NAME: '/elsewhere.php',
  })
})

test('BP-6: every path of an Ingress has its protocol, and another Ingress of the same host its own', async () => {
  for (const path of ['/a/x.php', '/b/y.php'])
    expect(await askScript(program.http, path, { host: 'mixed.test' })).toMatchObject({ SCRIPT_NAME: path })
  expect(await get(program.http, 'mixed.test', '/pages')).toEqual({ status: 200, body: 'plain' })
})

test('BP-7: WebSocket over HTTP, without any annotation', async () => {
  const socket = await openWebSocket(program.http, 'socket.test')
  await socket.ping('over HTTP')
  socket.close()
})

test('PRX-7: proxy-read-timeout holds for a gRPC backend that does not answer', async () => {
  expect((await call(program.http, 'silent.test', '/echo.Echo/Slow', ['x'])).status).toBe(504)
})

/** One path, and a default backend for the others. */
function withDefault(
  name: string,
  host: string,
  backend: string,
  annotations: Readonly<Record<string, string>>,
): object {
  const made = atPaths(name, host, backend, ['/a'], annotations) as { spec: object } // made by us
  return { ...made, spec: { ...made.spec, defaultBackend: { service: { name: backend, port: { number: 80 } } } } }
}

function atPaths(
  name: string,
  host: string,
  backend: string,
  paths: readonly string[],
  annotations: Readonly<Record<string, string>>,
): object {
  const to = { service: { name: backend, port: { number: 80 } } }
  const http = { paths: paths.map((path) => ({ path, pathType: 'Prefix', backend: to })) }
  return {
    ...annotated(name, host, backend, annotations),
    spec: { ingressClassName: 'nginx', rules: [{ host, http }] },
  }
}
