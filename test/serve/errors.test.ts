import { Agent, request, type IncomingHttpHeaders } from 'node:http'
import { request as requestTls } from 'node:https'
import { connect as connectHttp2 } from 'node:http2'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { enginesForTests } from '../support/engine.js'
import { openWebSocket, sendRaw } from './clients.js'
import { startTestBackend, type TestBackend } from './backends.js'
import { startFailing, startPages, type Pages, type SeenByPages } from './error-backends.js'
import type { Started } from './listen.js'
import { annotated, service, slice, writeObjects } from './manifests.js'
import { createProgram, type Program, until } from './program.js'
import { freePort } from '../support/ports.js'

const engines = await enginesForTests()

describe.each(engines)('error pages through NGINX $version', (engine) => {
  let program: Program
  let app: Started
  let pages: Pages
  let everybody: Pages
  let sockets: TestBackend
  let closedPort = 0

  beforeAll(async () => {
    app = await startFailing()
    pages = await startPages('pages')
    everybody = await startPages('everybody')
    sockets = await startTestBackend('sockets')
    const free = await freePort()
    closedPort = free
    program = await createProgram()
    write({})
    await program.start(undefined, ['--nginx', engine.binary, '--default-backend-service', 'test/everybody'])
    await until(async () => (await ask('all.test', '/')).status === 200, 30_000)
  })

  afterAll(async () => {
    await program?.remove()
    for (const backend of [app, pages, everybody, sockets]) backend?.close()
  })

  beforeEach(() => {
    pages.seen.length = 0
    everybody.seen.length = 0
  })

  function write(configMap: Readonly<Record<string, string>>): void {
    writeObjects(program.manifests, 'app', [
      ...hosts.map(([host, backend, annotations]) => annotated(host, host, backend, annotations)),
      annotated('mixed', 'mixed.test', 'main', {
        ...listed('404,503'),
        affinity: 'cookie',
        'rewrite-target': '/status/404',
        'upstream-vhost': 'internal.test',
        'mirror-target': `http://127.0.0.1:${everybody.port}$request_uri`,
      }),
      annotated('mixed-canary', 'mixed.test', 'app', { canary: 'true', 'canary-weight': '100' }),
      ...[
        ['app', [app.port]],
        ['pages', [pages.port]],
        ['everybody', [everybody.port]],
        ['sockets', [sockets.port]],
        ['main', [sockets.port]],
        ['down', [closedPort]],
        ['itself', [program.http]],
        ['none', []],
      ].flatMap(([name, ports]) => [service(name as string), slice(name as string, ports as number[])]),
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { namespace: 'test', name: 'users' },
        stringData: { auth: 'ann:{PLAIN}right' },
      },
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

  test('ERR-1 ERR-2: a listed status of the backend is replaced; method, query and what failed are told', async () => {
    const headers = { accept: 'text/css', 'x-request-id': 'abc', 'x-code': '1', 'x-forwarded-for': '9.9.9.9' }
    const reply = await ask('all.test', '/status/404?page=200&y=1', { method: 'PUT', body: 'body', headers })
    expect([reply.status, reply.headers['x-pages'], reply.headers['x-app']]).toEqual([200, 'pages', undefined])
    expect(seenIn(reply)).toMatchObject({ method: 'PUT', url: '/?page=200&y=1', body: '' })
    expect(seenIn(reply).headers).toMatchObject({
      host: 'all.test',
      'content-length': '0',
      'x-code': '404',
      'x-format': 'text/css',
      'x-original-uri': '/status/404?page=200&y=1',
      'x-namespace': 'test',
      'x-ingress-name': 'all.test',
      'x-service-name': 'app',
      'x-service-port': '80',
      'x-request-id': 'abc',
      'x-forwarded-for': '127.0.0.1',
    })
  })

  test('ERR-2: conditions and ranges of the client are about the failed answer, so an error backend does not get them', async () => {
    const conditions = {
      'if-match': '"a"',
      'if-none-match': '"a"',
      'if-modified-since': 'Thu, 26 Nov 2026 10:00:00 GMT',
      'if-unmodified-since': 'Thu, 26 Nov 2026 10:00:00 GMT',
      'if-range': '"a"',
      range: 'bytes=0-1',
    }
    const seen = Object.keys(seenIn(await ask('all.test', '/status/404', { headers: conditions })).headers)
    expect(seen.filter((name) => name in conditions)).toEqual([])
  })

  test('ERR-2: the host is the one that the request was routed by, whoever failed', async () => {
    for (const host of ['all.test', 'empty.test']) {
      const target = `http://${host}/${host === 'all.test' ? 'status/404' : ''}`
      await sendRaw(program.http, `GET ${target} HTTP/1.1\r\nHost: evil.test\r\nConnection: close\r\n\r\n`)
      const headers = [...pages.seen, ...everybody.seen].at(-1)?.headers
      expect([headers?.host, headers?.['x-forwarded-host']]).toEqual([host, host])
      pages.seen.length = 0
    }
  })

  test('a backend that answers before it has the body, which is on its way', async () => {
    const body = 'x'.repeat(3_000_000)
    expect(await ask('streamed.test', '/early', { body, chunked: true })).toMatchObject({
      status: 503,
      headers: { 'x-pages': 'pages' },
    })
    expect(pages.seen[0]).toMatchObject({ method: 'POST', url: '/', body: '', headers: { 'content-length': '0' } })
    expect(pages.seen[0]?.headers).not.toHaveProperty('transfer-encoding')
  })

  test('an error backend that sends requests in a circle ends with an error, and soon', async () => {
    const reply = await ask('all.test', '/status/404?circle')
    expect(reply.status).toBeGreaterThanOrEqual(400)
    expect(pages.seen.length).toBeLessThan(10)
    expect(await ask('all.test', '/')).toMatchObject({ status: 200 })
  })

  test('an error backend that is this very controller ends with a plain page, and no request goes round', async () => {
    const failed = await ask('itself.test', '/')
    expect([failed.status, failed.headers['x-pages'], failed.text]).toEqual([
      502,
      undefined,
      expect.stringContaining('502 Bad Gateway'),
    ])
    expect(await ask('itself-stand-in.test', '/', { method: 'POST', body: 'x' })).toMatchObject({ status: 503 })
  })

  test('a client that looks like an error request sees a plain page, and not that of the backend', async () => {
    const headers = { 'x-code': '404', 'x-ingress-name': 'all.test' }
    const reply = await ask('all.test', '/status/404', { headers })
    expect([reply.status, reply.headers['x-app'], pages.seen]).toEqual([404, undefined, []])
    expect(reply.text).toContain('404 Not Found')
  })

  test('ERR-1: a status that is not listed keeps the body of the backend', async () => {
    for (const code of [400, 401, 403, 410, 429, 500]) {
      const reply = await ask('all.test', `/status/${code}`)
      expect([reply.status, reply.text, reply.headers['x-app']]).toEqual([code, `app /status/${code}`, 'app'])
    }
    expect(pages.seen).toEqual([])
  })

  test('ERR-1: what NGINX answers itself is replaced: no endpoint, a backend that fails, too large a body', async () => {
    expect(await ask('empty.test', '/x')).toMatchObject({ status: 503, headers: { 'x-pages': 'everybody' } })
    expect(everybody.seen[0]).toMatchObject({ url: '/', headers: { 'x-code': '503', 'x-service-name': 'none' } })
    expect(await ask('all.test', '/drop')).toMatchObject({ status: 502, headers: { 'x-pages': 'pages' } })
    expect(await ask('dead.test', '/')).toMatchObject({ status: 502, headers: { 'x-pages': 'pages' } })
    const body = 'x'.repeat(5000)
    expect(await ask('all.test', '/', { body })).toMatchObject({ status: 413, headers: { 'x-pages': 'pages' } })
    expect(await ask('all.test', '/', { body, chunked: true })).toMatchObject({
      status: 413,
      headers: { 'x-pages': 'pages' },
    })
    expect(pages.seen.map(({ headers }) => headers['x-code'])).toEqual(['502', '502', '413', '413'])
    expect(pages.seen.map(({ body: sent }) => sent)).toEqual(['', '', '', ''])
  })

  test('ERR-2: the answer of an error backend stays as it is, whatever its status; no loop', async () => {
    for (const page of [404, 502, 503]) {
      expect(await ask('all.test', `/status/404?page=${page}`)).toMatchObject({
        status: page,
        headers: { 'x-pages': 'pages' },
      })
    }
    expect(pages.seen).toHaveLength(3)
  })

  test('ERR-1: an error backend that is down is a 502 of NGINX, and asked for once', async () => {
    const reply = await ask('lost.test', '/status/404')
    expect(reply.status).toBe(502)
    expect(reply.text).toContain('502 Bad Gateway')
    expect(everybody.seen).toEqual([])
  })

  test('ERR-2: HEAD has the head of the page, over HTTP/2 too; a body that nobody reads is no hindrance', async () => {
    const head = await ask('all.test', '/status/404', { method: 'HEAD' })
    expect([head.status, head.text, head.headers['x-pages']]).toEqual([404, '', 'pages'])
    expect(await askHttp2(program.http, 'all.test', '/status/404', 0)).toMatch(/^404 .*"method":"POST"/)
    expect(await askHttp2(program.http, 'all.test', '/', 5000)).toMatch(/^413 .*"x-code":"413"/)
    expect(await askHttp2(program.http, 'empty.test', '/', 3_000_000)).toMatch(/^413|^503 /)
    expect(await askHttp2(program.http, 'empty.test', '/', 300_000)).toMatch(/^503 .*"method":"POST"/)
    expect(pages.seen.map(({ method }) => method)).toEqual(['HEAD', 'POST', 'POST'])
  })

  test('a connection is good for the next request after an answer that was replaced before the body was read', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    for (let i = 0; i < 5; i++) {
      const body = 'x'.repeat(200_000)
      expect(await ask('empty.test', '/', { body, agent })).toMatchObject({ status: 503 })
      expect(await ask('all.test', '/', { body: 'fine', agent })).toMatchObject({ status: 200, text: 'app /' })
    }
    agent.destroy()
    expect(everybody.seen.every(({ body }) => body === '')).toBe(true)
  })

  test('a client that waits for 100 Continue gets the page', async () => {
    const headers = { expect: '100-continue' }
    expect(await ask('empty.test', '/', { body: 'x'.repeat(1000), headers })).toMatchObject({ status: 503 })
  })

  test('ERR-4: with interception switched off backends speak for themselves, and NGINX does not', async () => {
    expect(await ask('own.test', '/status/404')).toMatchObject({ status: 404, text: 'app /status/404' })
    expect(await ask('own.test', '/status/502')).toMatchObject({ status: 502, text: 'app /status/502' })
    expect(await ask('own.test', '/drop')).toMatchObject({ status: 502, headers: { 'x-pages': 'pages' } })
    expect(seenIn(await ask('own.test', '/drop')).headers['x-code']).toBe('502')
    // Not listed: NGINX's own page, with the headers of the path.
    const large = await ask('own.test', '/', {
      body: 'x'.repeat(5000),
      chunked: true,
      headers: { origin: 'http://b.test' },
    })
    expect([large.status, large.headers['access-control-allow-origin']]).toEqual([413, '*'])
    expect(large.text).toContain('413 Request Entity Too Large')
  })

  test('ERR-5: the default-backend gets the whole request where the Service has no endpoint', async () => {
    for (const host of ['stand-in.test', 'stand-in-grpc.test', 'stand-in-codes.test']) {
      const reply = await ask(host, '/a/b?c=d&page=201', { method: 'POST', body: 'all of it' })
      expect([host, reply.status]).toEqual([host, 201])
      const { method, url, body, headers } = seenIn(reply)
      expect([method, url, body]).toEqual(['POST', '/a/b?c=d&page=201', 'all of it'])
      expect(headers).toMatchObject({
        host,
        'x-code': '503',
        'x-namespace': 'test',
        'x-ingress-name': host,
        'x-service-name': 'none',
        'x-service-port': '80',
        'x-real-ip': '127.0.0.1',
      })
      expect(headers).not.toHaveProperty('x-original-uri')
    }
    expect(await ask('stand-in-codes.test', '/')).toMatchObject({ status: 503, headers: { 'x-pages': 'pages' } })
    expect(pages.seen).toHaveLength(4)
  })

  test('ERR-6: a default-backend without endpoints has no effect', async () => {
    const reply = await ask('nobody.test', '/')
    expect([reply.status, reply.headers['x-pages']]).toEqual([503, undefined])
    expect(await ask('nobody-codes.test', '/')).toMatchObject({ status: 503, headers: { 'x-pages': 'everybody' } })
  })

  test('GEN-20 LIM-2: what a limit refuses is replaced, and counted on', async () => {
    const statuses: unknown[] = []
    for (let i = 0; i < 4; i++) {
      const { status, headers } = await ask('limited.test', '/?page=418')
      statuses.push([status, headers['x-pages']])
    }
    expect(statuses).toEqual([
      [200, undefined],
      [200, undefined],
      [418, 'pages'],
      [418, 'pages'],
    ])
    expect(pages.seen.map(({ headers }) => headers['x-code'])).toEqual(['503', '503'])
  })

  test('ERR-1 IP-1: a client that a list refuses gets the page for 403, and nothing of the backend', async () => {
    const reply = await ask('denied.test', '/secret?page=403', { method: 'POST', body: 'secret' })
    expect(reply).toMatchObject({ status: 403, headers: { 'x-pages': 'pages' } })
    expect(seenIn(reply)).toMatchObject({ url: '/?page=403', body: '', headers: { 'x-code': '403' } })
    const standIn = await ask('denied-stand-in.test', '/secret')
    expect([standIn.status, standIn.headers['x-pages']]).toEqual([403, undefined])
  })

  test('ERR-1 BAS-4: a 401 that is replaced still asks for a password, and no password reaches the error backend', async () => {
    const asked = (password: string, path = '/'): Promise<Reply> => {
      const authorization = `Basic ${Buffer.from(`ann:${password}`).toString('base64')}`
      return ask('login.test', path, { headers: { authorization } })
    }
    await until(async () => (await asked('right')).status === 200, 20_000)
    pages.seen.length = 0
    expect(await asked('wrong', '/?page=401')).toMatchObject({
      status: 401,
      headers: { 'x-pages': 'pages', 'www-authenticate': 'Basic realm="Members"' },
    })
    expect(await asked('right', '/status/404')).toMatchObject({ status: 404, headers: { 'x-pages': 'pages' } })
    // This one is the backend's to check.
    const headers = { authorization: 'Bearer token' }
    expect(await ask('all.test', '/status/404', { headers })).toMatchObject({ headers: { 'x-pages': 'pages' } })
    expect(pages.seen.map(({ headers: seen }) => [seen['x-code'], seen.authorization])).toEqual([
      ['401', undefined],
      ['404', undefined],
      ['404', undefined],
    ])
  })

  test('LIM-3: connections are counted down after every kind of end', async () => {
    for (let i = 0; i < 20; i++) {
      expect(await ask('held.test', '/status/404')).toMatchObject({ status: 404, headers: { 'x-pages': 'pages' } })
      expect(await ask('held.test', '/drop')).toMatchObject({ status: 502, headers: { 'x-pages': 'pages' } })
      expect(await ask('held.test', '/status/500')).toMatchObject({ status: 500, text: 'app /status/500' })
    }
  })

  test('nobody else may name the location of error pages: neither a backend nor an error backend', async () => {
    for (const host of ['plain.test', 'all.test'])
      for (const path of ['/accel', '/accel/410']) expect(await ask(host, path)).toMatchObject({ status: 403 })
    expect(await ask('all.test', '/status/404?accel')).toMatchObject({ status: 403 })
    expect(pages.seen).toHaveLength(1)
  })

  test('canary, affinity, rewrite and mirror on the same path do not change what is told', async () => {
    const reply = await ask('mixed.test', '/shop/x?y=1', { method: 'POST', body: 'copied' })
    expect(reply).toMatchObject({ status: 404, headers: { 'x-pages': 'pages' } })
    expect(reply.headers['set-cookie']).toBeUndefined()
    const { url, headers, body } = seenIn(reply)
    expect([url, body]).toEqual(['/?y=1', ''])
    expect(headers).toMatchObject({
      host: 'mixed.test',
      'x-code': '404',
      'x-original-uri': '/shop/x?y=1',
      'x-service-name': 'main',
    })
    // The copy is of what the client asked for.
    await until(() => Promise.resolve(everybody.seen.length === 1), 20_000)
    expect(everybody.seen[0]).toMatchObject({ method: 'POST', url: '/shop/x?y=1', body: 'copied' })
    expect(everybody.seen[0]?.headers).not.toHaveProperty('x-code')
  })

  test('BP-7: WebSocket goes through, and a handshake that fails is replaced', async () => {
    const socket = await openWebSocket(program.http, 'sockets.test')
    await socket.ping('hello')
    socket.close()
    const headers = { connection: 'upgrade', upgrade: 'websocket' }
    const reply = await ask('all.test', '/status/404', { headers })
    expect(reply.status).toBe(404)
    expect(seenIn(reply).headers).not.toHaveProperty('upgrade')
  })

  test('RTY-4: a gRPC call whose backend is gone gets the page', async () => {
    expect(await askHttp2(program.http, 'grpc.test', '/echo.Echo/Unary', 5)).toMatch(/^502 .*"x-code":"502"/)
  })

  test('statuses that NGINX takes for something else stay those of the backend', async () => {
    for (const code of [408, 444, 495, 499]) {
      const reply = await ask('odd.test', `/status/${code}`)
      expect([reply.status, reply.text]).toEqual([code, `app /status/${code}`])
    }
    expect(await ask('odd.test', '/status/418')).toMatchObject({ status: 418, headers: { 'x-pages': 'pages' } })
  })

  test('HTTPS-2: an answer of an error backend says nothing of HSTS', async () => {
    const ordinary = await ask('all.test', '/', { port: program.https })
    expect(ordinary.headers['strict-transport-security']).toBeDefined()
    const replaced = await ask('all.test', '/status/404', { port: program.https })
    expect([replaced.status, replaced.headers['strict-transport-security']]).toEqual([404, undefined])
  })

  test('the first use of a set of codes is one reload at most, the second none; common ones need none', async () => {
    const more = (host: string, annotations: Readonly<Record<string, string>>): void =>
      writeObjects(program.manifests, host, [annotated(host, host, 'app', annotations)])
    const isReplaced = async (host: string, path: string): Promise<boolean> =>
      (await ask(host, path)).headers['x-pages'] === 'pages'
    const before = program.generation()
    more('common.test', listed('503,404'))
    await until(() => isReplaced('common.test', '/status/404'), 30_000)
    more('own-codes.test', { ...listed('404,418,502'), 'disable-proxy-intercept-errors': 'true' })
    await until(() => isReplaced('own-codes.test', '/drop'), 30_000)
    expect(program.generation()).toBe(before)
    more('rare.test', listed('418,502'))
    await until(() => isReplaced('rare.test', '/status/418'), 30_000)
    expect(program.generation()).toBe(before + 1)
    more('rarer.test', listed('502, 418,418'))
    await until(() => isReplaced('rarer.test', '/status/418'), 30_000)
    expect(program.generation()).toBe(before + 1)
  })

  test('ERR-3 ERR-4 ERR-8: what the ConfigMap lists goes to the global default backend, live', async () => {
    write({ 'custom-http-errors': '410,500' })
    await until(async () => (await ask('plain.test', '/status/410')).headers['x-pages'] === 'everybody', 30_000)
    expect(await ask('pages-only.test', '/status/410')).toMatchObject({ headers: { 'x-pages': 'everybody' } })
    expect(await ask('all.test', '/status/410')).toMatchObject({ status: 410, text: 'app /status/410' })
    await until(async () => (await ask('own.test', '/status/404')).headers['x-pages'] === 'pages', 30_000)
    write({ 'custom-http-errors': '410,500', 'disable-proxy-intercept-errors': 'true' })
    await until(async () => (await ask('plain.test', '/status/410')).text === 'app /status/410', 30_000)
    expect(await ask('own.test', '/status/404')).toMatchObject({ status: 404, text: 'app /status/404' })
    write({})
    await until(async () => (await ask('plain.test', '/status/410')).text === 'app /status/410', 30_000)
  })
})

const hosts: readonly (readonly [host: string, backend: string, annotations: Readonly<Record<string, string>>])[] = [
  ['plain.test', 'app', {}],
  ['all.test', 'app', { ...listed('404,413,502'), 'proxy-body-size': '1k' }],
  ['empty.test', 'none', { 'custom-http-errors': '503' }],
  ['dead.test', 'down', listed('502')],
  ['lost.test', 'app', { 'custom-http-errors': '404', 'default-backend': 'down' }],
  [
    'own.test',
    'app',
    { ...listed('404,502'), 'disable-proxy-intercept-errors': 'true', 'proxy-body-size': '1k', 'enable-cors': 'true' },
  ],
  ['stand-in.test', 'none', { 'default-backend': 'pages' }],
  ['stand-in-grpc.test', 'none', { 'default-backend': 'pages', 'backend-protocol': 'GRPCS' }],
  ['stand-in-codes.test', 'none', { ...listed('404,503') }],
  ['nobody.test', 'none', { 'default-backend': 'none' }],
  ['nobody-codes.test', 'none', { 'custom-http-errors': '503', 'default-backend': 'missing' }],
  ['streamed.test', 'app', { ...listed('503'), 'proxy-request-buffering': 'off', 'proxy-body-size': '0' }],
  ['itself.test', 'down', { 'custom-http-errors': '502', 'default-backend': 'itself' }],
  ['itself-stand-in.test', 'none', { 'default-backend': 'itself' }],
  [
    'login.test',
    'app',
    { ...listed('401,404'), 'auth-type': 'basic', 'auth-secret': 'users', 'auth-realm': 'Members' },
  ],
  ['limited.test', 'app', { ...listed('503'), 'limit-rpm': '1', 'limit-burst-multiplier': '1' }],
  ['denied.test', 'app', { ...listed('403'), 'allowlist-source-range': '192.0.2.0/24' }],
  ['denied-stand-in.test', 'none', { 'default-backend': 'pages', 'allowlist-source-range': '192.0.2.0/24' }],
  ['held.test', 'app', { ...listed('404,502,503'), 'limit-connections': '3' }],
  ['sockets.test', 'sockets', listed('404')],
  ['grpc.test', 'down', { ...listed('502,503,504'), 'backend-protocol': 'GRPC' }],
  ['odd.test', 'app', listed('408,418,444,495,499')],
  ['pages-only.test', 'app', { 'default-backend': 'pages' }],
]

function listed(codes: string): Record<string, string> {
  return { 'custom-http-errors': codes, 'default-backend': 'pages' }
}

interface Options {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly chunked?: boolean
  readonly agent?: Agent
  /** Of HTTPS; absent: HTTP. */
  readonly port?: number
}

interface Reply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

function seenIn({ text }: Reply): SeenByPages {
  return JSON.parse(text) as SeenByPages // our own backend wrote it
}

function askOf(http: number, host: string, path: string, options: Options): Promise<Reply> {
  const { body, chunked = false, headers = {}, agent = false, method = body === undefined ? 'GET' : 'POST' } = options
  const length = body === undefined || chunked ? {} : { 'content-length': body.length }
  const common = { host: '127.0.0.1', method, path, headers: { host, ...length, ...headers } }
  return new Promise((resolve, reject) => {
    const sent =
      options.port === undefined
        ? request({ ...common, port: http, agent })
        : requestTls({ ...common, port: options.port, servername: host, rejectUnauthorized: false, agent: false })
    sent.setTimeout(20_000, () => sent.destroy(new Error(`no answer to ${method} ${host}${path}`)))
    let answered = false
    sent.on('response', (response) => {
      answered = true
      let text = ''
      response.on('data', (bytes: Buffer) => (text += bytes.toString()))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }))
      response.on('error', reject)
    })
    // A connection that is closed while a refused body is still being written.
    sent.on('error', (error) => (answered ? undefined : reject(error)))
    if (headers['expect'] === undefined) return void sent.end(body)
    sent.on('continue', () => sent.end(body))
    sent.flushHeaders()
  })
}

/** A POST; status and body of the answer. */
function askHttp2(port: number, host: string, path: string, length: number): Promise<string> {
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
    stream.end(Buffer.alloc(length, 'x'))
  })
}
