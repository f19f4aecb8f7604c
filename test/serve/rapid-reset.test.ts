import { createServer } from 'node:net'
import { connect as connectHttp2 } from 'node:http2'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { attackHttp2, block, END_HEADERS, END_STREAM, frame, HEADERS, PING, reset } from '../floods/http2.js'
import { freePort } from '../support/ports.js'
import { annotated, ingress, service, slice, writeObjects } from './manifests.js'
import { createProgram, type Program, until } from './program.js'

let connections = 0
const backend = createServer((socket) => {
  connections++
  socket.on('error', () => undefined)
  socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhere'))
})
let program: Program

beforeAll(async () => {
  const port = await freePort()
  await new Promise<void>((resolve) => backend.listen(port, '127.0.0.1', resolve))
  program = await createProgram()
  writeObjects(program.manifests, 'app', [
    ingress('plain', 'plain.test', 'app'),
    annotated('rewritten', 'rewritten.test', 'app', { 'rewrite-target': '/other' }),
    annotated('limited', 'limited.test', 'app', { 'limit-connections': '1' }),
    annotated('old', 'old.test', 'app', { 'proxy-http-version': '1.0' }),
    service('app'),
    slice('app', [port]),
    // Each worker finds out for itself.
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'ingress-nginx-controller', namespace: 'ingress-nginx' },
      data: { 'worker-processes': '1' },
    },
  ])
  await program.start()
})

afterAll(async () => {
  await program.remove()
  backend.close()
})

test.each(['plain.test', 'rewritten.test', 'limited.test', 'old.test'])(
  'streams of %s that are reset at once soon reach no backend (CVE-2023-44487)',
  async (host) => {
    // Twenty times in a row: a connection may be seen a round late.
    let calm = 0
    await until(async () => (calm = (await reachedBy(host)) === 0 ? calm + 1 : 0) === 20, 8_000)
    expect(await answered(host)).toBe('200 here')
  },
)

/** Connections that the backend had for fifty streams that were reset at once. */
async function reachedBy(host: string): Promise<number> {
  const before = connections
  const attacker = await attackHttp2(program.https, host)
  const frames = Array.from({ length: 50 }, (_, index) => {
    const stream = 2 * index + 1
    return [frame(HEADERS, END_STREAM | END_HEADERS, stream, block(host, '/')), reset(stream)]
  })
  await attacker.send(...frames.flat(), frame(PING, 0, 0, Buffer.alloc(8)))
  await until(() => Promise.resolve(attacker.frames.includes(PING)), 5_000)
  expect(attacker.isOver).toBe(false)
  attacker.socket.destroy()
  return connections - before
}

function answered(host: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const session = connectHttp2(`https://127.0.0.1:${program.https}`, { rejectUnauthorized: false, servername: host })
    session.on('error', reject)
    const asked = session.request({ ':path': '/', ':authority': host })
    let text = ''
    asked.on('response', ({ ':status': status }) => (text = `${status} `))
    asked.on('data', (bytes: Buffer) => (text += bytes.toString()))
    asked.on('end', () => {
      session.close()
      resolve(text)
    })
    asked.end()
  })
}
