import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createInput, createRunFolder, removeFolder, type Running, startFrame } from '../edge/frame-engine.js'
import { get } from '../serve/clients.js'
import { until } from '../serve/program.js'
import { theEngine } from '../support/engine.js'
import { attackHttp2, block, CONTINUATION, field, frame, HEADERS, reset } from './http2.js'

/** What `make build` made. */
const LUA = fileURLToPath(new URL('../../dist/lua', import.meta.url))
const TIMES = 10
const LONG = 'x'.repeat(40_000)

let folder: string
let backend: Server
let running: Running
let plain = 0
let secure = 0

beforeAll(async () => {
  backend = createServer((incoming, outgoing) => incoming.resume().on('end', () => outgoing.end('fine')))
  backend.listen(0, '127.0.0.1')
  await once(backend, 'listening')
  folder = await createRunFolder()
  const engine = await theEngine()
  const input = await createInput(engine, LUA, folder)
  const { port } = backend.address() as AddressInfo // it listens on a port
  running = await startFrame(engine, input, documents(port))
  plain = input.listeners.httpPort
  secure = input.listeners.httpsPort
})

afterAll(async () => {
  await running.stop()
  backend.close()
  backend.closeAllConnections()
  await removeFolder(folder)
})

const linesOf = async (): Promise<readonly string[]> =>
  (await readFile(running.input.paths.errorLog, 'utf8')).split('\n').filter((line) => line !== '')

describe('what a stranger makes NGINX write to its error log', () => {
  const post = 'POST / HTTP/1.1\r\nHost: a.test\r\n'
  test.each<[fault: string, commit: () => Promise<unknown>]>([
    ['no Host', () => send(plain, 'GET / HTTP/1.1\r\n\r\n')],
    ['a Host that is none', () => send(plain, 'GET / HTTP/1.1\r\nHost: a b\r\n\r\n')],
    ['a Host that nobody declared', () => send(plain, 'GET / HTTP/1.1\r\nHost: nobody.test\r\n\r\n')],
    ['bytes that are no request', () => send(plain, '\x00\x01\x02\x03\r\n\r\n')],
    ['TLS on the port for HTTP', () => send(plain, '\x16\x03\x01\x02\x00')],
    ['a header that is too long', () => send(plain, `GET / HTTP/1.1\r\nHost: a.test\r\nX: ${LONG}\r\n\r\n`)],
    ['a target that is too long', () => send(plain, `GET /${LONG} HTTP/1.1\r\nHost: a.test\r\n\r\n`)],
    ['a target above the root', () => send(plain, 'GET /../x HTTP/1.1\r\nHost: a.test\r\n\r\n')],
    ['a method that is none', () => send(plain, 'g{} / HTTP/1.1\r\nHost: a.test\r\n\r\n')],
    ['a version that is none', () => send(plain, 'GET / HTTP/9.1\r\nHost: a.test\r\n\r\n')],
    ['a negative length', () => send(plain, `${post}Content-Length: -1\r\n\r\n`)],
    ['two lengths', () => send(plain, `${post}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`)],
    ['chunks that are none', () => send(plain, `${post}Transfer-Encoding: chunked\r\n\r\nZZ\r\n\r\n`)],
    ['a body that is too long', () => send(plain, `${post}Content-Length: 99999999\r\n\r\n`)],
    ['a body in chunks that is too long', () => send(plain, `${post}Transfer-Encoding: chunked\r\n\r\n200000\r\nx`)],
    ['a body that goes to a file', () => send(plain, `${post}Content-Length: 9000\r\n\r\n${'x'.repeat(9000)}`)],
    ['a body that breaks off', () => send(plain, `${post}Content-Length: 100\r\n\r\nx`, 'break off')],
    ['HTTP on the port for TLS', () => send(secure, 'GET / HTTP/1.1\r\nHost: a.test\r\n\r\n')],
    ['a record of TLS that is none', () => send(secure, `\x16\x03\x01\x02\x00${'\x07'.repeat(512)}`)],
    ['a handshake that breaks off', () => send(secure, '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 'break off')],
    ['a server name that nobody declared', () => shakeHands({ servername: 'nobody.test' })],
    ['no server name', () => shakeHands({})],
    ['an old version of TLS', () => shakeHands({ ...OLD, servername: 'a.test' })],
    ['a cipher that is not offered', () => shakeHands({ ...WEAK, servername: 'a.test' })],
    ['HTTP/2: an authority that is none', () => attack(frame(HEADERS, 5, 1, block('a b', '/')))],
    ['HTTP/2: data of no stream', () => attack(frame(0, 0, 1, Buffer.alloc(10)))],
    ['HTTP/2: a field that is too long', () => attack(...continued())],
    ['HTTP/2: streams that are reset', () => attack(frame(HEADERS, 5, 1, block('a.test', '/')), reset(1))],
  ])('%s: at most a line each, and none that cries for help', async (_, commit) => {
    const before = (await linesOf()).length
    for (let time = 0; time < TIMES; time++) await commit()
    const lines = (await linesOf()).slice(before)
    expect(lines.length).toBeLessThanOrEqual(TIMES)
    expect(lines.filter((line) => /\[(crit|alert|emerg)\]/.test(line))).toEqual([])
    // NGINX itself takes one fault of clients for an error.
    const errors = lines.filter((line) => line.includes('[error]') && !line.includes('sent invalid chunked body'))
    expect(errors).toEqual([])
  })

  test.each([
    ['a certificate and ciphers that the engine does not take', () => shakeHands({ servername: 'broken.test' })],
    ['a profile that is not there', () => get(plain, 'broken.test', '/profile')],
  ])('%s: said once by each worker, not to each client', async (_, meet) => {
    const before = (await linesOf()).length
    for (let time = 0; time < TIMES; time++) await meet()
    await until(async () => (await linesOf()).length > before, 30_000)
    // A second time where the ten are slower than ten seconds.
    expect((await linesOf()).length - before).toBeLessThanOrEqual(4)
  })
})

const OLD: ConnectionOptions = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }
const WEAK: ConnectionOptions = { maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA' }

/** Until there is an answer, or the connection is closed. */
function send(port: number, bytes: string, then: 'wait' | 'break off' = 'wait'): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(bytes, 'latin1', () => {
        if (then === 'break off') socket.destroy()
        // What is to come does not: a part of a head, or of a body.
        else socket.end()
      })
    })
    socket.on('data', () => socket.destroy())
    socket.on('error', () => undefined)
    socket.on('close', () => resolve())
  })
}

function shakeHands(options: ConnectionOptions): Promise<void> {
  return new Promise((resolve) => {
    const socket = connectTls({ host: '127.0.0.1', port: secure, rejectUnauthorized: false, ...options }, () =>
      socket.destroy(),
    )
    socket.on('error', () => undefined)
    socket.on('close', () => resolve())
  })
}

async function attack(...frames: readonly Buffer[]): Promise<void> {
  const attacker = await attackHttp2(secure, 'a.test')
  await attacker.send(...frames)
  await until(() => Promise.resolve(attacker.frames.length > 0 || attacker.isOver), 30_000)
  attacker.socket.destroy()
}

function continued(): readonly Buffer[] {
  const more = Array.from({ length: 10 }, () => frame(CONTINUATION, 0, 1, field('x', 'y'.repeat(8_000))))
  return [frame(HEADERS, 1, 1, block('a.test', '/')), ...more]
}

function documents(port: number): Readonly<Record<string, unknown>> {
  const action = { kind: 'proxy', upstream: 'ns/backend/80', pool: 'http' }
  const paths = { kind: 'literal', exact: {}, prefix: {}, lengths: [] }
  const root = { path: '/', match: 'prefix', action }
  const exact = { '/profile': { path: '/profile', match: 'exact', action, profile: 'p_missing' } }
  return {
    's:settings': { strictTransportSecurity: '', maxBodyBytes: 1_048_576, tries: 1, rejectsUnknownNames: true },
    'u:ns/backend/80': { key: 'ns/backend/80', label: 'b', addresses: ['127.0.0.1'], ports: [port] },
    'c:broken': { chain: 'no certificate', key: 'no key' },
    'h:a.test': { name: 'a.test', paths, root },
    'h:broken.test': {
      name: 'broken.test',
      certificate: 'broken',
      tls: { ciphers: 'NONE-SUCH' },
      paths: { ...paths, exact },
      root,
    },
  }
}
