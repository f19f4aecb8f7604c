import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, request, type ClientRequest, type IncomingHttpHeaders, type Server } from 'node:http'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MAX_DOCUMENT_BYTES } from '../../src/frame/push-limit.js'
import { createProfile } from '../../src/nginx/profile.js'
import { printFrame } from '../../src/frame/frame.js'
import {
  buildLua,
  createInput,
  createRunFolder,
  removeFolder,
  startFrame,
  testConfig,
  type Running,
} from './frame-engine.js'
import { enginesForTests } from '../support/engine.js'

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
const buffered = createProfile([{ name: 'proxy_buffering', args: ['on'] }], sha256)
const proxy = { kind: 'proxy', upstream: 'ns/backend/80', pool: 'http' }

let luaFolder: string
let lua: string
let backend: Server
let backendPort = 0
let received: { url: string; headers: IncomingHttpHeaders }[] = []

beforeAll(async () => {
  luaFolder = await createRunFolder()
  lua = await buildLua(luaFolder)
  backend = createServer((incoming, outgoing) => {
    received.push({ url: incoming.url ?? '', headers: incoming.headers })
    const accel = new URL(incoming.url ?? '', 'http://backend').searchParams.get('accel')
    if (accel !== null) outgoing.setHeader('X-Accel-Redirect', accel)
    outgoing.setHeader('Date', 'Sun, 06 Nov 1994 08:49:37 GMT')
    outgoing.setHeader('Server', 'backend')
    incoming.resume().on('end', () => outgoing.end(`backend saw ${incoming.url}`))
  })
  backend.on('upgrade', (incoming, socket) => {
    received.push({ url: incoming.url ?? '', headers: incoming.headers })
    socket.end(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\nhello through the tunnel',
    )
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

describe.each(await enginesForTests())('the frame on NGINX $version', (engine) => {
  let folder: string
  let running: Running

  beforeAll(async () => {
    folder = await createRunFolder()
    const input = await createInput(engine, lua, folder, { profiles: [buffered], tableBytes: 64 * 1024 * 1024 })
    running = await startFrame(engine, input, documents())
  })

  afterAll(async () => {
    await running.stop()
    await removeFolder(folder)
  })

  test('nginx -t accepts it, also with IPv6 where there is any, all addresses, many profiles, without session cache', async () => {
    const own = await createRunFolder()
    try {
      const input = await createInput(engine, lua, own)
      const profiles = Array.from({ length: 100 }, (_, i) =>
        createProfile([{ name: 'client_max_body_size', args: [`${i + 1}k`] }], sha256),
      )
      const { httpPort, httpsPort } = input.listeners
      const ipv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ family }) => family === 'IPv6'))
      for (const each of [
        input,
        { ...input, profiles },
        { ...input, listeners: { httpPort, httpsPort, ipv4: true, ipv6 } },
        { ...input, settings: { ...input.settings, sslSessionCacheBytes: 0, reusePort: false, clientMaxBodyBytes: 0 } },
      ]) {
        expect(await testConfig(engine, own, printFrame(each))).toBeUndefined()
      }
    } finally {
      await removeFolder(own)
    }
  })

  test('every directive that a profile may hold is accepted in one', async () => {
    const own = await createRunFolder()
    try {
      const profile = createProfile(
        [
          { name: 'client_max_body_size', args: ['2m'] },
          { name: 'proxy_buffer_size', args: ['8k'] },
          { name: 'proxy_buffering', args: ['on'] },
          { name: 'proxy_buffers', args: [8, '8k'] },
          { name: 'proxy_busy_buffers_size', args: ['16k'] },
          { name: 'proxy_http_version', args: ['1.0'] },
          { name: 'proxy_max_temp_file_size', args: [0] },
          { name: 'proxy_next_upstream', args: ['error', 'timeout', 'http_502', 'non_idempotent'] },
          { name: 'proxy_request_buffering', args: ['off'] },
          { name: 'proxy_ssl_name', args: [[{ variable: 'upstream_host' }]] },
          { name: 'proxy_ssl_server_name', args: ['on'] },
          { name: 'proxy_ssl_verify', args: ['off'] },
        ],
        sha256,
      )
      const input = await createInput(engine, lua, own, { profiles: [profile] })
      expect(await testConfig(engine, own, printFrame(input))).toBeUndefined()
    } finally {
      await removeFolder(own)
    }
  })

  test.each(['/', '/profile/'])('passes a request on with its headers (REQ-1, REQ-2, SVC-7) (%s)', async (path) => {
    received = []
    const answer = await ask(running, 'app.test', `${path}x?y=%2F`, {
      'X-Forwarded-For': '6.6.6.6',
      'X-Forwarded-Host': 'evil.test',
      'X-Forwarded-Proto': 'gopher',
      'X-Real-IP': '6.6.6.6',
      Proxy: 'http://evil.test',
    })
    expect(answer.status).toBe(200)
    expect(received).toHaveLength(1)
    expect(received[0]?.url).toBe(`${path}x?y=%2F`)
    const headers: IncomingHttpHeaders = received[0]?.headers ?? {}
    expect(headers).toMatchObject({
      host: 'app.test',
      'x-real-ip': '127.0.0.1',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': 'app.test',
      'x-forwarded-port': String(running.input.listeners.httpPort),
      'x-forwarded-proto': 'http',
      'x-forwarded-scheme': 'http',
      'x-scheme': 'http',
      'x-original-forwarded-for': '6.6.6.6',
      'x-original-forwarded-host': 'evil.test',
    })
    expect(headers['x-request-id']).toMatch(/^[0-9a-f]{32}$/)
    expect(headers).not.toHaveProperty('proxy')
    expect(headers).not.toHaveProperty('upgrade')
  })

  test("keeps the client's request id, the backend's Date, and drops Server (REQ-3)", async () => {
    received = []
    const answer = await ask(running, 'app.test', '/', { 'X-Request-ID': 'mine' })
    expect(received[0]?.headers['x-request-id']).toBe('mine')
    expect(answer.headers['date']).toBe('Sun, 06 Nov 1994 08:49:37 GMT')
    expect(answer.headers).not.toHaveProperty('server')
  })

  test.each(['/', '/profile/'])('lets a connection change its protocol (CON-1, %s)', async (path) => {
    received = []
    const text = await askRaw(
      running,
      `GET ${path} HTTP/1.1\r\nHost: app.test\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n`,
    )
    expect(text).toMatch(/^HTTP\/1\.1 101 /)
    expect(text).toContain('hello through the tunnel')
    expect(received[0]?.headers).toMatchObject({ connection: 'upgrade', upgrade: 'echo' })
  })

  test('bodies larger than the buffer pass through a file that the workers may write; over 1 MB: 413 (proxy-body-size)', async () => {
    const kilobytes = async (count: number): Promise<string> =>
      askRaw(
        running,
        `POST / HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\nContent-Length: ${count * 1024}\r\n\r\n${'x'.repeat(count * 1024)}`,
      )
    received = []
    expect(await kilobytes(1024)).toMatch(/^HTTP\/1\.1 200 /)
    expect(received[0]?.headers['content-length']).toBe(String(1024 * 1024))
    expect(await kilobytes(1025)).toMatch(/^HTTP\/1\.1 413 /)
    expect(received).toHaveLength(1)
  })

  test('the control socket takes a push with the largest document, in memory', async () => {
    const content = JSON.stringify({ filler: 'x'.repeat(MAX_DOCUMENT_BYTES - '{"filler":""}'.length) })
    const body = `set x:large 0 ${content.length}\n${content}\nrevision 2\n`
    const answer = await push(running, body)
    expect(answer).toMatchObject({ status: 200 })
    expect(JSON.parse(answer.body)).toMatchObject({ revision: 2 })
  })

  test('answers over TLS with the fallback certificate, and says port 443 to backends', async () => {
    received = []
    const text = await askTls(running, 'GET / HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\n\r\n')
    expect(text).toMatch(/^HTTP\/1\.1 200 /)
    expect(received[0]?.headers).toMatchObject({ 'x-forwarded-port': '443', 'x-forwarded-proto': 'https' })
  })

  test('a backend cannot send a request into a profile or to the counters (X-Accel-Redirect)', async () => {
    for (const target of [`@${buffered.name}`, '@status']) {
      for (const path of ['/', '/profile/']) {
        received = []
        const answer = await ask(running, 'app.test', `${path}?accel=${encodeURIComponent(target)}`)
        expect({ target, path, status: answer.status }).toEqual({ target, path, status: 403 })
        expect(received).toHaveLength(1)
        expect(answer.body).not.toContain('Active connections')
      }
    }
  })

  test('a backend that names a path by X-Accel-Redirect is routed anew, by the same host (REQ-4)', async () => {
    for (const path of ['/', '/profile/']) {
      for (const target of ['/profile/again?q=1', '/again?q=1']) {
        received = []
        const answer = await ask(running, 'app.test', `${path}?accel=${encodeURIComponent(target)}`)
        expect(answer.body).toBe(`backend saw ${target}`)
        const ids = received.map(({ headers }) => headers['x-request-id'])
        expect(ids).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/), ids[0]])
        received = []
        await ask(running, 'app.test', `${path}?accel=${encodeURIComponent(target)}`, { 'X-Request-ID': 'mine' })
        expect(received.map(({ headers }) => headers['x-request-id'])).toEqual(['mine', 'mine'])
      }
      const closed = await ask(running, 'app.test', `${path}?accel=%2Fclosed`)
      expect(closed.status).toBe(403)
    }
  })

  test.each([
    '//closed',
    '/./closed',
    '/%2e/closed',
    '/.//./closed/x',
    '/x/./closed',
    '/x/../closed',
    '/x%2f..%2fclosed',
  ])('a backend that writes a path as %s does not step around a prefix', async (written) => {
    for (const path of ['/', '/profile/']) {
      received = []
      const { status } = await ask(running, 'app.test', `${path}?accel=${encodeURIComponent(written)}`)
      // NGINX itself has 404 for what climbs.
      expect([path, status]).toEqual([path, written.includes('..') ? 404 : 403])
      expect(received).toHaveLength(1)
    }
  })

  test('the counters are for the addresses listed (DEF-4)', async () => {
    expect((await ask(running, 'nobody.test', '/status')).body).toContain('Active connections')
    expect((await ask(running, 'nobody.test', '/closed-status')).status).toBe(403)
  })

  test('a profile that the frame does not have answers 503', async () => {
    expect((await ask(running, 'app.test', '/unknown-profile/')).status).toBe(503)
  })

  test('writes the line of LOGF-2, also for what is refused before routing; not what is unlogged (DEF-6)', async () => {
    const marker = `marker-${Math.random().toString(16).slice(2)}`
    await ask(running, 'nobody.test', `/hidden/${marker}`)
    await askRaw(running, 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n')
    await ask(running, 'app.test', `/${marker}`, { 'User-Agent': 'a "quoted" agent', 'X-Request-ID': marker })
    const lines = await waitForLog(running, marker)
    const own = lines.filter((line) => line.includes(marker))
    const bytes = `backend saw /${marker}`.length
    expect(own).toHaveLength(1)
    expect(own[0]).toMatch(
      new RegExp(
        String.raw`^127\.0\.0\.1 - - \[\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] "GET /${marker} HTTP/1\.1" 200 ${bytes} "-" ` +
          String.raw`"a \\x22quoted\\x22 agent" \d+ \d+\.\d{3} \[ns-backend-80\] \[\] 127\.0\.0\.1:${backendPort} ${bytes} \d+\.\d{3} 200 ${marker}$`,
      ),
    )
    expect(lines.some((line) => line.includes('" 400 ') && line.includes(' [-] [] - - - - '))).toBe(true)
  })
})

function documents(): Readonly<Record<string, unknown>> {
  const root = { path: '/', match: 'prefix', action: proxy }
  const answer = (status: number): object => ({
    path: '/',
    match: 'prefix',
    action: { kind: 'answer', status, label: '' },
  })
  const prefix = {
    '/profile': { ...root, path: '/profile', profile: buffered.name },
    '/unknown-profile': { ...root, path: '/unknown-profile', profile: 'p_000000000000' },
    '/closed': answer(403),
    '/x/closed': answer(403),
  }
  return {
    's:settings': { strictTransportSecurity: '', maxBodyBytes: 1_048_576, tries: 1 },
    'u:ns/backend/80': { key: 'ns/backend/80', label: 'ns-backend-80', addresses: ['127.0.0.1'], ports: [backendPort] },
    'h:app.test': { name: 'app.test', paths: { kind: 'literal', exact: {}, prefix, lengths: [16, 9, 8, 7] }, root },
    'h:_': {
      name: '_',
      paths: { kind: 'literal', exact: {}, prefix: { '/hidden': { ...answer(404), unlogged: true } }, lengths: [7] },
      root: answer(404),
      builtins: [
        { prefix: '/status', action: { kind: 'status', allow: { v4: { first: ['7f000001'], last: ['7f000001'] } } } },
        {
          prefix: '/closed-status',
          action: { kind: 'status', allow: { v4: { first: ['c0000201'], last: ['c0000201'] } } },
        },
      ],
    },
  }
}

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

async function ask(
  { input }: Running,
  host: string,
  path: string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const sent = request({
    host: '127.0.0.1',
    port: input.listeners.httpPort,
    path,
    headers: { Host: host, ...headers },
    agent: false,
  })
  sent.end()
  return readAnswer(sent)
}

async function readAnswer(sent: ClientRequest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    sent.on('error', reject)
    sent.on('response', (incoming) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('error', reject)
      incoming.on('end', () => {
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: Buffer.concat(chunks).toString() })
      })
    })
  })
}

async function push({ input }: Running, body: string): Promise<Answer> {
  const path = `/v1/table?format=test&bytes=${body.length}`
  const sent = request({ socketPath: input.paths.controlSocket, method: 'POST', path, agent: false })
  sent.end(body)
  return readAnswer(sent)
}

async function askRaw({ input }: Running, text: string): Promise<string> {
  const socket = connect(input.listeners.httpPort, '127.0.0.1')
  socket.write(text)
  return readAll(socket)
}

async function askTls({ input }: Running, text: string): Promise<string> {
  // The fallback certificate is self-signed; that it is shown is what matters here.
  const socket = connectTls({
    port: input.listeners.httpsPort,
    host: '127.0.0.1',
    servername: 'app.test',
    rejectUnauthorized: false,
  })
  socket.write(text)
  return readAll(socket)
}

async function readAll(socket: AsyncIterable<unknown>): Promise<string> {
  let text = ''
  for await (const chunk of socket) text += String(chunk)
  return text
}

/** The lines of the access log once one of them has the text; NGINX writes them a second late. */
async function waitForLog({ input }: Running, text: string): Promise<readonly string[]> {
  const deadline = Date.now() + 10_000
  for (;;) {
    const lines = (await readFile(join(input.paths.accessLog), 'utf8')).split('\n')
    if (lines.some((line) => line.includes(text))) return lines
    if (Date.now() > deadline) throw new Error(`no line with ${text} in the access log`)
    await new Promise((resolve) => {
      setTimeout(resolve, 50)
    })
  }
}
