import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { get, openWebSocket } from './clients.js'
import { annotated, ingress, mainConfigMap, service, slice, writeObjects } from './manifests.js'
import { createProgram, type Program, until } from './program.js'
import { startTestBackend, type TestBackend } from './backends.js'

let program: Program
let backend: Server
let socketBackend: TestBackend
/** Of each request: its headers, and which connection of the backend it came by. */
let seen: { readonly headers: IncomingHttpHeaders; readonly connection: number }[] = []

beforeAll(async () => {
  let connections = 0
  const numbers = new WeakMap<object, number>()
  backend = createServer((request, response) => {
    seen.push({ headers: request.headers, connection: numbers.get(request.socket) ?? 0 })
    response.end('ok')
  })
  backend.on('connection', (socket) => numbers.set(socket, (connections += 1)))
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve))
  socketBackend = await startTestBackend('socket')
  const { port } = backend.address() as AddressInfo // it listens on TCP
  program = await createProgram()
  writeObjects(program.manifests, 'app', [
    ingress('app', 'app.test', 'app'),
    annotated('kept', 'kept.test', 'app', { 'connection-proxy-header': 'keep-alive' }),
    service('app'),
    slice('app', [port]),
    ingress('socket', 'socket.test', 'socket'),
    service('socket'),
    slice('socket', [socketBackend.port]),
  ])
  // One worker, so that one pool is asked.
  configure({})
  await program.start()
})

afterAll(async () => {
  await program?.remove()
  backend?.closeAllConnections()
  backend?.close()
  socketBackend?.close()
})

function configure(data: Readonly<Record<string, string>>): void {
  const all = { 'worker-processes': '1', ...data }
  writeObjects(program.manifests, 'config', [mainConfigMap(all)])
}

/** How many connections six requests took, one after the other. */
async function connectionsOfSix(host = 'app.test'): Promise<number> {
  seen = []
  for (let i = 0; i < 6; i++) expect((await get(program.http, host, '/')).status).toBe(200)
  return new Set(seen.map(({ connection }) => connection)).size
}

test('CON-1: upstream-keepalive-connections: "0" gives each request a connection that ends', async () => {
  expect(await connectionsOfSix()).toBe(1)
  expect(seen[0]?.headers.connection).not.toBe('close')
  configure({ 'upstream-keepalive-connections': '0' })
  await until(async () => (await connectionsOfSix()) === 6, 10_000)
  await until(async () => {
    await connectionsOfSix()
    return seen.every(({ headers }) => headers.connection === 'close')
  }, 20_000)
  expect(await connectionsOfSix()).toBe(6)
  const socket = await openWebSocket(program.http, 'socket.test')
  await socket.ping('still there ')
  socket.close()
  // The annotation replaces it.
  await connectionsOfSix('kept.test')
  expect(seen[0]?.headers.connection).toBe('keep-alive')
  configure({})
  await until(async () => (await connectionsOfSix()) === 1 && seen[0]?.headers.connection === undefined, 20_000)
})

test('upstream-keepalive-requests, -timeout and -time are live', async () => {
  const first = program.generation()
  configure({ 'upstream-keepalive-requests': '2' })
  // Two for each; the first may be the second one of a connection that was there.
  await until(async () => [3, 4].includes(await connectionsOfSix()), 10_000)
  configure({ 'upstream-keepalive-time': '1s' })
  // After a second of use none of the old connections is used any more.
  // Also once more.
  await until(async () => (await connectionsOfSix()) === 1 && (await connectionsOfSix()) === 1, 10_000)
  const before = seen[0]?.connection
  await until(async () => {
    await connectionsOfSix()
    return !seen.some(({ connection }) => connection === before)
  }, 10_000)
  configure({ 'upstream-keepalive-timeout': '0' })
  await until(async () => (await connectionsOfSix()) === 6, 10_000)
  configure({})
  await until(async () => (await connectionsOfSix()) === 1, 10_000)
  expect(program.generation()).toBe(first)
})

test('the number of connections that a worker keeps is read by NGINX from its file: one reload', async () => {
  configure({})
  await until(async () => (await connectionsOfSix()) === 1, 10_000)
  const first = program.generation()
  configure({ 'upstream-keepalive-connections': '7' })
  await until(() => Promise.resolve(program.generation() === first + 1), 20_000)
  expect(await connectionsOfSix()).toBeLessThan(3)
  configure({})
  await until(() => Promise.resolve(program.generation() === first + 2), 20_000)
})
