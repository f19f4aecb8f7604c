import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { Agent, createServer, request, type Server } from 'node:http'
import type { Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { enginesForTests } from '../support/engine.js'
import { freePort } from '../support/ports.js'
import { until } from '../serve/program.js'
import { buildLua, createInput, createRunFolder, removeFolder, startFrame, type Running } from './frame-engine.js'

/** What the backend saw: for each connection, the methods of its requests. */
let connections: string[][] = []
/** It closes a connection without a word when a second request comes on it: as if both had crossed on the way. */
let closesReused = false
/** It reads each request and closes the connection instead of answering. */
let breaksAll = false
let requests = 0
let servers: Server[] = []
let luaFolder: string
let lua: string

const ONE = ['127.0.0.1']
const LIVING = ['127.0.0.6', '127.0.0.7', '127.0.0.8', '127.0.0.9', '127.0.0.10']
const REFUSING = ['127.0.0.1', '127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.5']

beforeAll(async () => {
  luaFolder = await createRunFolder()
  lua = await buildLua(luaFolder)
})

afterAll(() => removeFolder(luaFolder))

beforeEach(() => {
  connections = []
  closesReused = false
  breaksAll = false
  requests = 0
})

afterEach(() => {
  for (const server of servers) {
    server.close()
    server.closeAllConnections()
  }
  servers = []
})

/** The backend, on the same port of each address. */
async function listen(addresses: readonly string[]): Promise<number> {
  const ofSocket = new WeakMap<Socket, string[]>()
  const port = await freePort()
  for (const address of addresses) {
    const server = createServer({ keepAliveTimeout: 0 }, (incoming, outgoing) => {
      requests++
      if (breaksAll) return void incoming.socket.destroy()
      const seen = ofSocket.get(incoming.socket)
      if (closesReused && seen !== undefined) return void incoming.socket.destroy()
      const methods = seen ?? []
      if (seen === undefined) connections.push(methods)
      ofSocket.set(incoming.socket, methods)
      methods.push(incoming.method ?? '')
      incoming.resume().on('end', () => outgoing.end('here'))
    })
    servers.push(server)
    server.listen(port, address)
    await once(server, 'listening')
  }
  return port
}

/** What is known of its route is kept; that of all other names is decided anew for each request. */
const DECLARED = 'declared.test'
let host: string

const engines = await enginesForTests()
const ways = engines.flatMap((engine) => [DECLARED, 'any.test'].map((name) => ({ engine, name, on: engine.version })))

describe.each(ways)('connections to endpoints of $name, on NGINX $on', ({ engine, name }) => {
  beforeEach(() => void (host = name))

  /** Runs `test` with an NGINX whose one upstream has these endpoints; the backend is at those of `listening`. */
  async function withUpstream(
    addresses: readonly string[],
    listening: readonly string[],
    test: (running: Running, port: number) => Promise<void>,
    tries = 3,
  ): Promise<void> {
    const port = await listen(listening)
    const folder = await createRunFolder()
    const running = await startFrame(engine, await createInput(engine, lua, folder), documents(addresses, port, tries))
    try {
      await test(running, port)
    } finally {
      await running.stop()
      await removeFolder(folder)
    }
  }

  test.each(['POST', 'PATCH', 'LOCK'])(
    'a %s does not use a connection that was kept, a GET does (RTY-1)',
    async (method) => {
      await withUpstream(ONE, ONE, async (running) => {
        for (const each of ['GET', method, 'GET', method]) expect(await ask(running, each)).toBe(200)
        expect(connections).toEqual([['GET', 'GET'], [method], [method]])
      })
    },
  )

  test.each(['GET', 'HEAD', 'PUT', 'DELETE', 'POST', 'PATCH'])(
    'a %s survives a backend that closes its kept connections at that moment (RTY-1)',
    async (method) => {
      closesReused = true
      await withUpstream(ONE, ONE, async (running) => {
        for (let time = 0; time < 6; time++) {
          expect(await ask(running, 'GET')).toBe(200)
          expect(await ask(running, method)).toBe(200)
        }
      })
    },
  )

  test('many POSTs use connections that were in use a moment ago, but not those of GETs', async () => {
    await withUpstream(ONE, ONE, async (running) => {
      const several = new Agent({ keepAlive: true, maxSockets: 8 })
      await until(async () => {
        await Promise.all(Array.from({ length: 400 }, (_, i) => ask(running, i % 8 === 0 ? 'GET' : 'POST', several)))
        return connections.some((seen) => seen.length > 1 && seen.includes('POST'))
      }, 60_000)
      several.destroy()
      expect(connections.filter((seen) => seen.includes('POST') && seen.includes('GET'))).toEqual([])
    })
  })

  test.each(['GET', 'POST'])('no %s fails while half of the endpoints, next to each other, refuse', async (method) => {
    await withUpstream([...REFUSING, ...LIVING], LIVING, async (running) => {
      for (let time = 0; time < 40; time++) expect(await ask(running, method)).toBe(200)
    })
  })

  test.each(['GET', 'POST'])('no %s fails while all endpoints but one refuse (RTY-1)', async (method) => {
    await withUpstream([...REFUSING, ...LIVING], ['127.0.0.10'], async (running) => {
      for (let time = 0; time < 20; time++) expect(await ask(running, method)).toBe(200)
    })
  })

  test('where nobody is reached each endpoint has one try more than the three; then only three (RTY-1, RTY-3)', async () => {
    await withUpstream(REFUSING, LIVING, async (running) => {
      expect(await ask(running, 'GET')).toBe(502)
      expect(await ask(running, 'GET')).toBe(502)
      const [first = [], second = []] = await triedOf(running, 2)
      expect(new Set(first).size).toBe(REFUSING.length)
      expect(first.length).toBe(3 + REFUSING.length - 1)
      expect(second.length).toBe(3)
    })
  })

  test('a try that reached nobody is known where NGINX writes its address in another way than the table', async () => {
    const spellings = ['[0:0:0:0:0:0:0:1]', '[0::1]', '[::0:1]', '[0:0::1]', '[0:0:0::1]', '[0:0:0:0::1]']
    const test = async (running: Running): Promise<void> => {
      for (let time = 0; time < 20; time++) expect(await ask(running, 'GET')).toBe(200)
    }
    await withUpstream([...spellings, '127.0.0.10'], ['127.0.0.10'], test, 2)
  })

  test('a request that was sent three times is not sent a fourth, others being unreachable (RTY-1)', async () => {
    breaksAll = true
    await withUpstream([...REFUSING, ...LIVING], LIVING, async (running) => {
      const sent: number[] = []
      for (let time = 0; time < 10; time++) {
        requests = 0
        expect(await ask(running, 'GET')).toBe(502)
        sent.push(requests)
      }
      // Where the last of the tries is refused, NGINX does not ask for another, so that it may be sent twice only.
      expect(Math.max(...sent)).toBe(3)
      expect(Math.min(...sent)).toBeGreaterThanOrEqual(2)
    })
  })

  test('and so it is once the worker knows that there is nothing to be looked at of such requests', async () => {
    await withUpstream(LIVING, LIVING, async (running) => {
      for (let time = 0; time < 4; time++) expect(await ask(running, 'GET')).toBe(200)
      breaksAll = true
      // A kept connection that breaks is not one of the tries.
      expect(await ask(running, 'GET')).toBe(502)
      for (let time = 0; time < 4; time++) {
        requests = 0
        expect([await ask(running, 'GET'), requests]).toEqual([502, 3])
      }
      const tried = await triedOf(running, 9)
      expect(tried.slice(5).map((endpoints) => new Set(endpoints).size)).toEqual([3, 3, 3, 3])
    })
  })

  test('a single endpoint that refuses is tried three times (RTY-2)', async () => {
    await withUpstream(['127.0.0.1'], LIVING, async (running) => {
      expect(await ask(running, 'GET')).toBe(502)
      expect((await triedOf(running, 1))[0]?.length).toBe(3)
    })
  })

  test('with none but endpoints that refuse the answer is 502, and a request finds the first that is there again', async () => {
    await withUpstream(REFUSING, LIVING, async (running, port) => {
      for (let time = 0; time < 4; time++) expect(await ask(running, 'GET')).toBe(502)
      const late = createServer((_, outgoing) => outgoing.end('here'))
      servers.push(late)
      late.listen(port, '127.0.0.3')
      await once(late, 'listening')
      await until(async () => (await ask(running, 'GET')) === 200, 60_000)
    })
  })
})

function documents(addresses: readonly string[], port: number, tries: number): Readonly<Record<string, unknown>> {
  const action = { kind: 'proxy', upstream: 'ns/backend/80', pool: 'http' }
  const root = { path: '/', match: 'prefix', action }
  const paths = { kind: 'literal', exact: {}, prefix: {}, lengths: [] }
  const upstream = { key: 'ns/backend/80', label: 'ns-backend-80', addresses, ports: addresses.map(() => port) }
  return {
    's:settings': { strictTransportSecurity: 'max-age=1', maxBodyBytes: 1_048_576, tries },
    'u:ns/backend/80': upstream,
    'h:_': { name: '_', paths, root },
    [`h:${DECLARED}`]: { name: DECLARED, paths, root },
  }
}

/** For each of so many requests, which endpoints were tried, by the access log. */
async function triedOf({ input }: Running, count: number): Promise<readonly (readonly string[])[]> {
  let lines: readonly string[] = []
  await until(async () => {
    lines = (await readFile(input.paths.accessLog, 'utf8')).split('\n').filter((line) => line !== '')
    return lines.length === count
  }, 60_000)
  return lines.map((line) => line.match(/127\.0\.0\.\d+:\d+/g) ?? [])
}

/** The status, or 0 where there was no answer. */
function ask({ input }: Running, method: string, agent: Agent | false = false): Promise<number> {
  return new Promise((resolve) => {
    const { httpPort: port } = input.listeners
    const sent = request({ host: '127.0.0.1', port, method, agent, headers: { host } })
    sent.on('error', () => resolve(0))
    sent.on('response', (incoming) => incoming.resume().on('end', () => resolve(incoming.statusCode ?? 0)))
    sent.end(method === 'GET' || method === 'HEAD' ? undefined : 'a body')
  })
}
