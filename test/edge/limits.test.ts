import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import {
  createServer,
  request,
  type ClientRequest,
  type IncomingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { LimitChoices } from '../../src/model/documents.js'
import type { RateLimit } from '../../src/model/features.js'
import type { Profile } from '../../src/nginx/profile.js'
import { printFrame, type FrameInput } from '../../src/frame/frame.js'
import type { AddressRanges } from '../../src/model/address-ranges.js'
import { enginesForTests } from '../support/engine.js'
import { freePort } from '../support/ports.js'
import {
  buildLua,
  createInput,
  createRunFolder,
  removeFolder,
  snapshotText,
  startConfig,
  stop,
} from './frame-engine.js'

let luaFolder: string
let lua: string
let backend: Server
let backendPort = 0
/** Answers to `/held` that the backend has not given yet. */
const waiting = new Map<string, ServerResponse>()

beforeAll(async () => {
  luaFolder = await createRunFolder()
  lua = await buildLua(luaFolder)
  backend = createServer((incoming, outgoing) => {
    const { pathname, search } = new URL(incoming.url ?? '/', 'http://backend')
    if (pathname === '/held') waiting.set(search, outgoing)
    else if (pathname === '/sent-on') outgoing.setHeader('X-Accel-Redirect', '/plain').end()
    else if (pathname === '/astray') outgoing.setHeader('X-Accel-Redirect', 'x').end()
    else if (pathname === '/in-circles') outgoing.setHeader('X-Accel-Redirect', pathname).end()
    else if (pathname.startsWith('/@')) outgoing.setHeader('X-Accel-Redirect', pathname.slice(1)).end()
    else incoming.resume().on('end', () => outgoing.end('fine'))
  })
  backend.listen(0, '127.0.0.1')
  await once(backend, 'listening')
  const address = backend.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  backendPort = address.port
})

afterAll(async () => {
  backend.close()
  backend.closeAllConnections()
  await removeFolder(luaFolder)
})

interface Limited {
  readonly rates?: readonly RateLimit[]
  readonly connections?: number
  readonly exempt?: AddressRanges
}

describe.each(await enginesForTests())('limits on NGINX $version', (engine) => {
  let folder: string
  let child: ChildProcess | undefined

  beforeEach(async () => {
    folder = await createRunFolder()
  })

  afterEach(async () => {
    if (child !== undefined) await stop(child)
    await removeFolder(folder)
  })

  /** `change` works on the printed frame. */
  async function start(
    limits: Limited,
    choices: LimitChoices = {},
    workers = 1,
    change = (text: string): string => text,
    profile?: Profile['name'],
  ): Promise<FrameInput> {
    const input = await createInput(engine, lua, folder, {
      workers: { processes: workers, shutdownTimeoutSeconds: 10 },
      profiles: profile === undefined ? [] : [{ name: profile, directives: [] }],
    })
    await writeFile(input.paths.snapshot, snapshotText(input.format, documents(limits, choices, profile)))
    child = await startConfig(engine, folder, change(printFrame(input)), input.paths.controlSocket)
    return input
  }

  test('LIM-2: a client has its burst and one, then its rate', async () => {
    const { listeners } = await start({ rates: [{ requests: 1, seconds: 60, burst: 3 }] })
    const statuses = []
    for (let i = 0; i < 6; i++) statuses.push((await get(listeners.httpPort)).status)
    expect(statuses).toEqual([200, 200, 200, 200, 503, 503])
  })

  test('LIM-4: all rates hold together, and what one refuses is not counted by another', async () => {
    const slow = { requests: 1, seconds: 60, burst: 1 }
    const { listeners } = await start(
      { rates: [{ requests: 1, seconds: 1, burst: 100 }, slow] },
      { requestStatus: 429 },
    )
    const statuses = []
    for (let i = 0; i < 4; i++) statuses.push((await get(listeners.httpPort)).status)
    expect(statuses).toEqual([200, 200, 429, 429])
  })

  test('LIM-4: who is in the allow list is not counted', async () => {
    const rates = [{ requests: 1, seconds: 60, burst: 0 }]
    const { listeners } = await start({ rates, exempt: { v4: { first: ['7f000000'], last: ['7fffffff'] } } })
    for (let i = 0; i < 5; i++) expect((await get(listeners.httpPort)).status).toBe(200)
  })

  test('LIM-1: the variable of the ConfigMap tells clients apart', async () => {
    const rates = [{ requests: 1, seconds: 60, burst: 0 }]
    const { listeners } = await start({ rates }, { key: '$http_x_client' })
    const statuses = []
    for (const client of ['a', 'b', 'a', undefined, undefined])
      statuses.push((await get(listeners.httpPort, client === undefined ? {} : { 'x-client': client })).status)
    expect(statuses).toEqual([200, 200, 503, 200, 200])
  })

  test('without memory for another client it is refused, and that is said', async () => {
    const rates = [{ requests: 1, seconds: 2, burst: 0 }]
    const small = (text: string): string => text.replace(/fairlead_limits \w+;/, 'fairlead_limits 16k;')
    const { listeners } = await start({ rates }, { key: '$http_x_client' }, 1, small)
    let number = 0
    const next = async (): Promise<number> =>
      (await get(listeners.httpPort, { 'x-client': `client ${number++}` })).status
    const until = async (wanted: number): Promise<void> => {
      for (const end = Date.now() + 30_000; (await next()) !== wanted; )
        if (Date.now() > end) throw new Error(`no ${wanted}`)
    }
    expect(await next()).toBe(200)
    await until(503)
    expect(number).toBeGreaterThan(20)
    expect(await readFile(join(folder, 'error.log'), 'utf8')).toContain('cannot be counted for its limit: no memory')
    // Buckets that are empty make room.
    await until(200)
  })

  test('clients that are gone make room for others, also beside one that stays', async () => {
    const small = (text: string): string => text.replace(/fairlead_connections \w+;/, 'fairlead_connections 16k;')
    const { httpPort } = (await start({ connections: 1 }, { key: '$http_x_client' }, 1, small)).listeners
    const staying = await hold(httpPort, { 'x-client': 'one that stays' })
    try {
      let number = 0
      const next = async (): Promise<number> => (await get(httpPort, { 'x-client': `client ${number++}` })).status
      expect(await next()).toBe(200)
      await until(async () => (await next()) === 503)
      expect(number).toBeGreaterThan(20)
      await until(async () => (await next()) === 200)
      expect((await get(httpPort, { 'x-client': 'one that stays' })).status).toBe(503)
    } finally {
      staying.asked.destroy()
    }
  })

  describe('LIM-3: two requests at a time', () => {
    afterEach(() => {
      for (const answer of waiting.values()) answer.destroy()
    })

    const isFree = (port: number) => async (): Promise<boolean> => (await get(port)).status === 200

    test.each([
      ['in the default location', undefined],
      ['in a profile', 'p_0123456789ab'],
    ] as const)('an answer makes room, %s', async (_, profile) => {
      const { httpPort } = (await start({ connections: 2 }, { connectionStatus: 429 }, 1, undefined, profile)).listeners
      const first = await hold(httpPort)
      expect((await get(httpPort)).status).toBe(200)
      const second = await hold(httpPort)
      expect((await get(httpPort)).status).toBe(429)
      expect((await get(httpPort)).status).toBe(429)
      first.answer('now')
      expect(await first.status).toBe(200)
      await until(isFree(httpPort))
      second.asked.destroy()
    })

    test('so does a client that goes away, and each refusal leaves nothing behind', async () => {
      const { httpPort } = (await start({ connections: 2 })).listeners
      for (let i = 0; i < 5; i++) {
        const held = [await hold(httpPort), await hold(httpPort)]
        expect((await get(httpPort)).status).toBe(503)
        for (const { asked } of held) asked.destroy()
        await until(isFree(httpPort))
      }
    })

    test('and a backend that sends NGINX to another path', async () => {
      const { httpPort } = (await start({ connections: 1 })).listeners
      for (let i = 0; i < 5; i++) expect((await get(httpPort, {}, '/sent-on')).status).toBe(200)
    })

    test.each(['@status', '@error', '@awaited', '@p_0123456789ab', '@p_0123456789ab_awaited'])(
      'and a backend that names %s, which is refused',
      async (location) => {
        const { httpPort } = (
          await start({ connections: 2 }, { connectionStatus: 429 }, 1, undefined, 'p_0123456789ab')
        ).listeners
        for (let i = 0; i < 5; i++) expect((await get(httpPort, {}, `/${location}`)).status).toBe(403)
        await until(isFree(httpPort))
      },
    )

    describe.each([
      ['in the default location', undefined],
      ['in a profile', 'p_0123456789ab'],
    ] as const)('and a backend, %s,', (_where, profile) => {
      test.each([
        ['sends NGINX to what is no path', '/astray', 404],
        ['sends NGINX in circles', '/in-circles', 502],
      ])('that %s', async (_what, path, status) => {
        const { httpPort } = (await start({ connections: 2 }, { connectionStatus: 429 }, 1, undefined, profile))
          .listeners
        for (let i = 0; i < 5; i++) expect((await get(httpPort, {}, path)).status).toBe(status)
        await until(isFree(httpPort))
      })
    })

    test('a worker that is killed gives back what it held', async () => {
      const { httpPort } = (await start({ connections: 2 }, {}, 1, withWorker)).listeners
      const held = [await hold(httpPort), await hold(httpPort)]
      const { status, headers } = await get(httpPort)
      expect(status).toBe(503)
      process.kill(Number(headers['x-worker']), 'SIGKILL')
      expect(await Promise.all(held.map((one) => one.status))).toEqual([0, 0])
      await until(async () => (await get(httpPort).catch(() => undefined))?.status === 200)
      // And not more than that.
      await hold(httpPort)
      await hold(httpPort)
      expect((await get(httpPort)).status).toBe(503)
    })
  })

  test("side by side with NGINX's own limit_req, 98 of 100 decisions are the same", async () => {
    const front = await freePort()
    const { listeners } = await start({ rates: [{ requests: 20, seconds: 1, burst: 10 }] }, {}, 1, (text) => {
      const http = /listen 127\.0\.0\.1:(\d+) default_server/.exec(text)?.[1] ?? ''
      return text.replace('http {', `http {\n${frontServer(front, http)}`)
    })
    expect(listeners.httpPort).toBeGreaterThan(0)
    const pairs = []
    // Bursts with pauses, as clients send them. Two limits that are always full differ for long by what a rounding of clocks
    // began, and so say nothing of each other.
    for (let burst = 0; burst < 25; burst++) {
      for (let left = 1 + Math.floor(Math.random() * 25); left > 0; left--) {
        const { status, headers } = await get(front)
        pairs.push([status, headers['x-native']])
      }
      await sleep(200 + Math.random() * 1000)
    }
    const same = pairs.filter(([status, native]) => (status === 200 ? 'PASSED' : 'REJECTED_DRY_RUN') === native)
    const refused = pairs.filter(([status]) => status === 503)
    expect(refused.length).toBeGreaterThan(10)
    expect(refused.length).toBeLessThan(pairs.length - 50)
    expect(same.length / pairs.length).toBeGreaterThanOrEqual(0.98)
  })

  test('with four workers no span of time sees more than rate times time, burst and one', async () => {
    const rate = { requests: 50, seconds: 1, burst: 20 }
    const { listeners } = await start({ rates: [rate] }, {}, 4, withWorker)
    const asked: { readonly sent: number; readonly answered: number; readonly status: number }[] = []
    const workers = new Set<unknown>()
    const end = performance.now() + 3_000
    const clients = Array.from({ length: 24 }, async () => {
      while (performance.now() < end) {
        const sent = performance.now()
        const { status, headers } = await get(listeners.httpPort)
        asked.push({ sent, answered: performance.now(), status })
        workers.add(headers['x-worker'])
        if (Math.random() < 0.1) await sleep(Math.random() * 200)
      }
    })
    await Promise.all(clients)
    expect(workers.size).toBeGreaterThan(1)
    const admitted = asked.filter(({ status }) => status === 200)
    expect(admitted.length).toBeGreaterThan(rate.burst)
    expect(asked.every(({ status }) => status === 200 || status === 503)).toBe(true)
    for (const from of admitted) {
      for (const to of admitted) {
        if (to.answered < from.sent) continue
        const seconds = (to.answered - from.sent) / 1000
        const inside = admitted.filter(({ sent, answered }) => sent >= from.sent && answered <= to.answered)
        if (inside.length > rate.requests * seconds + rate.burst + 1)
          throw new Error(`${inside.length} admitted in ${seconds} s`)
      }
    }
  })
})

/** A request that the backend holds; given when it has come there. */
async function hold(
  port: number,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly asked: ClientRequest; readonly status: Promise<number>; answer(text: string): void }> {
  const id = `?${randomUUID()}`
  const asked = request({
    host: '127.0.0.1',
    port,
    agent: false,
    path: `/held${id}`,
    headers: { host: 'a.test', ...headers },
  })
  const status = new Promise<number>((resolve) => {
    asked.on('response', (answer) => answer.resume().on('end', () => resolve(answer.statusCode ?? 0)))
    asked.on('error', () => resolve(0))
  })
  asked.end()
  await until(() => waiting.has(id))
  return { asked, status, answer: (text) => waiting.get(id)?.end(text) }
}

async function until(fact: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 40_000; !(await fact()); await sleep(5))
    if (Date.now() > end) throw new Error('it did not come true')
}

/** Decides as NGINX does, without refusing, and asks the frame; both in one process and with one clock. */
function frontServer(port: number, http: string): string {
  return `
  limit_req_zone $binary_remote_addr zone=side:1m rate=20r/s;
  server {
    listen 127.0.0.1:${port};
    location / {
      limit_req zone=side burst=10 nodelay;
      limit_req_dry_run on;
      add_header X-Native $limit_req_status always;
      proxy_set_header Host a.test;
      proxy_pass http://127.0.0.1:${http};
    }
  }`
}

/** Every answer names its worker. */
function withWorker(text: string): string {
  return text.replace('server {', 'server {\n add_header X-Worker $pid always;')
}

function documents(limits: Limited, choices: LimitChoices, profile?: string): Readonly<Record<string, unknown>> {
  const action = { kind: 'proxy', upstream: 'ns/backend/80', pool: 'http' }
  const features = { limits: { counter: 'ns/a', ...limits } }
  const plain = { path: '/plain', match: 'exact', action }
  const root = { path: '/', match: 'prefix', action, features, ...(profile === undefined ? {} : { profile }) }
  return {
    's:settings': { strictTransportSecurity: '', maxBodyBytes: 1_048_576, tries: 1, limits: choices },
    'u:ns/backend/80': { key: 'ns/backend/80', label: 'b', addresses: ['127.0.0.1'], ports: [backendPort] },
    'h:a.test': {
      name: 'a.test',
      paths: { kind: 'literal', exact: { '/plain': plain }, prefix: {}, lengths: [] },
      root,
    },
  }
}

/** On a connection of its own, so that any worker may get it. */
function get(
  port: number,
  headers: Readonly<Record<string, string>> = {},
  path = '/',
): Promise<{ status: number; headers: IncomingHttpHeaders }> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { host: '127.0.0.1', port, agent: false, path, headers: { host: 'a.test', ...headers } },
      (answer) => {
        answer.resume().on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers }))
        answer.on('error', reject)
      },
    )
    asked.on('error', reject)
    asked.end()
  })
}
