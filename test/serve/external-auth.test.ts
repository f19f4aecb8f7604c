import { request as requestHttp, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import { connect } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { fetchedPrefixes } from '../../src/apply/engine/find.js'
import { answer, type AuthServer, bytes, type Question, startAuthServer } from '../support/auth-server.js'
import { withNames } from '../support/told-names.js'
import { startTestBackend, type TestBackend } from './backends.js'
import { annotated, service, slice, writeObjects } from './manifests.js'
import { createProgram, type Program, until } from './program.js'
import { freePort } from '../support/ports.js'

/** Those of engine/fetch; without one, the NGINX that Fairlead finds. */
const fetched = await fetchedPrefixes(process.env)

const DEADLINE_MS = 20_000

describe.each(fetched.length === 0 ? [''] : fetched)('external authentication by %s', (engine) => {
  let program: Program
  let backend: TestBackend
  let auth: AuthServer
  let secure: AuthServer
  let unused: number

  beforeAll(async () => {
    program = await createProgram()
    backend = await startTestBackend('one')
    auth = await startAuthServer()
    secure = await startAuthServer('https')
    unused = await freePort()
    const url = `http://127.0.0.1:${auth.port}/verify`
    const quick = { 'proxy-connect-timeout': '1', 'proxy-read-timeout': '1' }
    const cached = { 'auth-url': url, 'auth-cache-key': '$http_x_key', 'auth-response-headers': 'X-User', ...quick }
    const down = `http://127.0.0.1:${unused}/verify`
    const apps: Readonly<Record<string, Readonly<Record<string, string>>>> = {
      plain: { 'auth-url': url, ...quick },
      patient: { 'auth-url': url },
      post: { 'auth-url': url, 'auth-method': 'POST', ...quick },
      few: { 'auth-url': url, 'auth-keepalive': '1', 'auth-keepalive-requests': '3', ...quick },
      down: { 'auth-url': down, ...quick },
      cached: { ...cached, 'auth-cache-duration': '200 401 10m, 403 0' },
      standard: cached,
      address: { 'auth-url': `https://127.0.0.1:${secure.port}/verify`, ...quick },
      named: { 'auth-url': `https://auth.test:${secure.port}/verify`, ...quick },
      held: { 'auth-url': url, 'limit-connections': '1' },
      small: { 'auth-url': url, 'proxy-body-size': '10', ...quick },
      both: { 'auth-url': url, 'auth-type': 'basic', 'auth-secret': 'users', ...quick },
      either: { 'auth-url': url, 'auth-type': 'basic', 'auth-secret': 'users', satisfy: 'any', ...quick },
    }
    const own = annotated('own', 'own-a.test', 'app', { 'auth-url': `http://$host:${auth.port}/verify`, ...quick })
    writeObjects(program.manifests, 'apps', [
      service('app'),
      slice('app', [backend.port]),
      ...Object.entries(apps).map(([name, annotations]) => annotated(name, `${name}.test`, 'app', annotations)),
      withSecondHost(own, 'own-b.test'),
      usersSecret,
    ])
    await withNames(['auth.test', 'own-a.test', 'own-b.test'], () =>
      program.start(undefined, engine === '' ? [] : ['--nginx', engine]),
    )
  })

  afterAll(async () => {
    await program?.remove()
    backend?.close()
    await auth?.close()
    await secure?.close()
  })

  beforeEach(() => auth.answers(answer(200)))
  afterEach(() => auth.answers(answer(200)))

  const ask = (app: string, asked: Partial<Asked> = {}): Promise<Answer> => send(program.http, { app, ...asked })
  const statusOf = async (app: string, asked?: Partial<Asked>): Promise<number> => (await ask(app, asked)).status

  test('EXT-1: nothing of the client ends a line or a message of the question; its body and connection stay here', async () => {
    const before = auth.questions.length
    const raw = [
      'POST /x%0d%0aX-Injected:%201?y=%0a HTTP/1.1',
      'Host: plain.test',
      'Content-Length: 4',
      'Connection: close, X-Listed',
      'X-Listed: a',
      'X-Own: b\tc',
      'TE: trailers',
      'Proxy-Connection: keep-alive',
      'Expect: 100-continue',
    ]
    expect(await sendRaw(program.http, `${raw.join('\r\n')}\r\n\r\nbody`)).toMatch(/HTTP\/1\.1 200/)
    const question = auth.questions[before]
    expect(question?.line).toBe('GET /verify HTTP/1.1')
    const names = question?.headers.map(([name]) => name.toLowerCase()).toSorted()
    expect(names).toEqual(
      [
        'host',
        'x-auth-request-redirect',
        'x-forwarded-for',
        'x-listed',
        'x-original-method',
        'x-original-url',
        'x-own',
        'x-real-ip',
        'x-request-id',
        'x-sent-from',
      ].toSorted(),
    )
    expect(valueOf(question, 'x-original-url')).toBe('http://plain.test/x%0d%0aX-Injected:%201?y=%0a')
    expect(valueOf(question, 'x-own')).toBe('b\tc')
    expect(valueOf(question, 'host')).toBe('127.0.0.1')
  })

  test('EXT-1 EXT-2: over HTTP/2 as over HTTP/1.1', async () => {
    const session = connectHttp2(`https://127.0.0.1:${program.https}`, { rejectUnauthorized: false })
    const get = (path: string): Promise<number> =>
      new Promise((resolve, reject) => {
        const stream = session.request({ ':path': path, ':authority': 'plain.test', cookie: 'a=b' })
        stream.on('response', ({ ':status': status }) => resolve(status ?? 0))
        stream.on('error', reject)
        stream.resume()
      })
    const before = auth.questions.length
    expect(await Promise.all(['/1', '/2', '/3'].map(get))).toEqual([200, 200, 200])
    auth.answers(answer(403))
    expect(await get('/4')).toBe(403)
    session.close()
    const targets = new Set(auth.questions.slice(before).map((question) => valueOf(question, 'x-original-url')))
    expect(targets).toEqual(new Set([1, 2, 3, 4].map((n) => `https://plain.test/${n}`)))
    expect(valueOf(auth.questions[before], 'cookie')).toBe('a=b')
  })

  test('EXT-2: 401 keeps the challenges, each of them', async () => {
    auth.answers(answer(401, ['WWW-Authenticate: Basic realm="a"', 'WWW-Authenticate: Bearer']))
    const { status, headers } = await ask('plain')
    expect([status, headers['www-authenticate']]).toEqual([401, 'Basic realm="a", Bearer'])
  })

  test.each([
    ['a redirect, though it leads back to itself', answer(302, ['Location: /verify'])],
    ['text that is not HTTP', bytes('200 OK\r\n\r\n')],
    ['HTTP/2', bytes('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')],
    ['a status of other digits', bytes('HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n')],
    ['a status that goes on', bytes('HTTP/1.1 200OK\r\nContent-Length: 0\r\n\r\n')],
    ['a header without a name', bytes('HTTP/1.1 200 OK\r\n: x\r\nContent-Length: 0\r\n\r\n')],
    ['a blank before the colon', bytes('HTTP/1.1 200 OK\r\nX-A : x\r\nContent-Length: 0\r\n\r\n')],
    ['a folded line', bytes('HTTP/1.1 200 OK\r\nX-A: x\r\n y\r\nContent-Length: 0\r\n\r\n')],
    ['a NUL', bytes('HTTP/1.1 200 OK\r\nX-A: x\0y\r\nContent-Length: 0\r\n\r\n')],
    ['line feeds alone', bytes('HTTP/1.1 200 OK\nContent-Length: 0\n\n')],
    ['two lengths', bytes('HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Length: 1\r\n\r\n')],
    ['a length that is none', bytes('HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n')],
    ['another protocol from here on', bytes('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n')],
    ['a head of 100 kB', bytes(`HTTP/1.1 200 OK\r\nX-A: ${'a'.repeat(100_000)}\r\n\r\n`)],
    ['half a head, and the end', ((socket) => socket.end('HTTP/1.1 200 OK\r\nX-A: ')) satisfies Manner],
    ['half a head, and silence', bytes('HTTP/1.1 200 OK\r\nX-A: ')],
    ['silence', () => undefined],
    ['the end of the connection', ((socket) => void socket.end()) satisfies Manner],
    ['a reset', ((socket) => void socket.resetAndDestroy()) satisfies Manner],
    ['a byte now and then', ((socket) => drip(socket, 'HTTP/1.1 200 OK\r\nX-A: '.padEnd(500, 'a'))) satisfies Manner],
  ] as const)('EXT-2 EXT-12: an answer that is %s is a 500, and the next question is answered', async (_, manner) => {
    auth.answers(manner)
    expect(await ask('plain')).toMatchObject({ status: 500, body: expect.not.stringContaining('one') as string })
    auth.answers(answer(200))
    expect(await ask('plain')).toMatchObject({ status: 200, body: 'one' })
  })

  test('EXT-2: nobody is there: 500', async () => {
    expect(await statusOf('down')).toBe(500)
  })

  test('EXT-2: answers that announce another one are passed over', async () => {
    auth.answers(bytes('HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n'))
    expect(await statusOf('plain')).toBe(403)
    auth.answers(bytes('HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n'))
    expect(await statusOf('plain')).toBe(200)
  })

  /** Which connection each of four questions came on, the answer being of one kind. */
  async function connectionsOf(manner: Manner, app = 'plain'): Promise<number> {
    auth.answers(manner)
    const before = auth.questions.length
    for (let i = 0; i < 4; i++) expect(await statusOf(app)).toBe(200)
    return new Set(auth.questions.slice(before).map(({ connection }) => connection)).size
  }

  test('EXT-9: connections are kept where the answer has come to its end, and only there', async () => {
    const body = 'x'.repeat(20_000)
    const chunks = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n'
    // One worker of NGINX may meet its first question here.
    for (const manner of [answer(200), answer(200, [], body), bytes(chunks), bytes('HTTP/1.1 204 No Content\r\n\r\n')])
      expect(await connectionsOf(manner)).toBeLessThan(4)
    const dropped: readonly Manner[] = [
      answer(200, ['Connection: close']),
      bytes('HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n'),
      // What is behind it would pass for the next answer.
      bytes('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n'),
      bytes('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n'),
      bytes('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n'),
      answer(200, [], 'x'.repeat(1_000_000)),
      bytes('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n'),
    ]
    for (const manner of dropped) expect(await connectionsOf(manner)).toBe(4)
  })

  test('EXT-9: auth-keepalive-requests bounds the requests on a connection', async () => {
    const before = auth.questions.length
    for (let i = 0; i < 12; i++) expect(await statusOf('few')).toBe(200)
    const counts = new Map<number, number>()
    for (const { connection } of auth.questions.slice(before)) counts.set(connection, (counts.get(connection) ?? 0) + 1)
    expect(Math.max(...counts.values())).toBe(3)
  })

  test('EXT-9: a kept connection that the service closes under a question costs nobody anything, and a POST is never sent twice', async () => {
    for (let i = 0; i < 8; i++) await ask('plain')
    let closed = 0
    const used = new Set<number>()
    auth.answers((socket, question) => {
      if (used.has(question.connection) || closed > 0) return answer(200)(socket, question)
      used.add(question.connection)
      closed++
      socket.end()
    })
    // The first question meets a kept connection, is not answered, and is asked once more.
    const before = auth.questions.length
    expect(await statusOf('plain')).toBe(200)
    expect(auth.questions.length - before).toBe(2)
    closed = 0
    used.clear()
    const posts = auth.questions.length
    expect(await statusOf('post')).toBe(500)
    expect(auth.questions.length - posts).toBe(1)
    expect(auth.questions.at(-1)?.line).toBe('POST /verify HTTP/1.1')
  })

  test('EXT-2: a question that is closed twice is a 500', async () => {
    await ask('plain')
    auth.answers((socket) => void socket.end())
    const before = auth.questions.length
    expect(await statusOf('plain')).toBe(500)
    expect(auth.questions.length - before).toBeLessThanOrEqual(2)
  })

  test('EXT-11: over TLS with SNI; whose certificate it is is not asked', async () => {
    expect(await statusOf('named')).toBe(200)
    expect(secure.questions.at(-1)?.serverName).toBe('auth.test')
    expect(valueOf(secure.questions.at(-1), 'host')).toBe('auth.test')
    expect(await statusOf('address')).toBe(200)
    expect(secure.questions.at(-1)?.serverName).toBeUndefined()
    secure.answers(answer(403))
    expect(await statusOf('named')).toBe(403)
    secure.answers(answer(200))
  })

  test('EXT-13: a service under the host that was asked for', async () => {
    for (const host of ['own-a', 'own-b']) {
      expect(await statusOf(host)).toBe(200)
      expect(valueOf(auth.questions.at(-1), 'host')).toBe(`${host}.test`)
    }
    auth.answers(answer(403))
    expect([await statusOf('own-a'), await statusOf('own-b')]).toEqual([403, 403])
  })

  test('SAT-1 BAS-6: with a password and a service: both, or either; the service sees what the client proves itself with', async () => {
    const login = { authorization: `Basic ${Buffer.from('ann:secret').toString('base64')}` }
    const wrong = { authorization: `Basic ${Buffer.from('ann:wrong').toString('base64')}` }
    const before = auth.questions.length
    expect([await statusOf('both'), await statusOf('both', { headers: wrong })]).toEqual([401, 401])
    expect(auth.questions.length).toBe(before)
    expect(await statusOf('both', { headers: login })).toBe(200)
    expect(valueOf(auth.questions.at(-1), 'authorization')).toBe(login.authorization)
    expect([await statusOf('either'), await statusOf('either', { headers: wrong })]).toEqual([200, 200])
    auth.answers(answer(403))
    expect([await statusOf('both', { headers: login }), await statusOf('either', { headers: login })]).toEqual([
      403, 200,
    ])
    expect([await statusOf('either'), await statusOf('either', { headers: wrong })]).toEqual([401, 401])
  })

  test('EXT-7: an answer is kept for its host, path and key; a cookie of somebody never is, nor what forbids it', async () => {
    const key = { 'x-key': 'a' }
    const asked = async (app: string, headers: OutgoingHttpHeaders, path = '/'): Promise<number> => {
      const before = auth.questions.length
      await ask(app, { headers, path })
      return auth.questions.length - before
    }
    auth.answers(answer(200, ['X-User: jane']))
    expect(await asked('cached', key)).toBe(1)
    expect(await asked('cached', key)).toBe(0)
    expect(await asked('cached', key, '/another')).toBe(0)
    expect(await asked('cached', { 'x-key': 'b' })).toBe(1)
    expect(await asked('standard', key)).toBe(1)
    auth.answers(answer(401, ['WWW-Authenticate: Bearer']))
    expect(await asked('cached', { 'x-key': 'stranger' })).toBe(1)
    const { status, headers } = await ask('cached', { headers: { 'x-key': 'stranger' } })
    expect([status, headers['www-authenticate']]).toEqual([401, 'Bearer'])
    expect(await asked('cached', { 'x-key': 'stranger' })).toBe(0)
    const never: readonly (readonly [key: string, manner: Manner])[] = [
      ['forbidden', answer(403)],
      ['other status', answer(202)],
      ['cookie', answer(200, ['Set-Cookie: session=1'])],
      ['no-store', answer(200, ['Cache-Control: max-age=60, No-Store'])],
      ['private', answer(200, ['Cache-Control: private'])],
      ['vary', answer(200, ['Vary: Cookie'])],
      ['error', answer(500)],
    ]
    for (const [value, manner] of never) {
      auth.answers(manner)
      expect([value, await asked('cached', { 'x-key': value })]).toEqual([value, 1])
      expect([value, await asked('cached', { 'x-key': value })]).toEqual([value, 1])
    }
    // The service is down, as far as anybody can see: the first client still comes in, and nobody else.
    auth.answers((socket) => void socket.resetAndDestroy())
    expect(await statusOf('cached', { headers: key })).toBe(200)
    expect(await statusOf('cached', { headers: { 'x-key': 'c' } })).toBe(500)
    expect(await statusOf('plain', { headers: key })).toBe(500)
  })

  test('EXT-14: a body that is too long for the path is refused whoever sends it; the head of an answer may have 64 kB', async () => {
    expect(await statusOf('small', { method: 'POST', body: 'x'.repeat(11) })).toBe(413)
    expect(await statusOf('small', { method: 'POST', body: 'x'.repeat(10) })).toBe(200)
    auth.answers(answer(200, [`X-A: ${'a'.repeat(60_000)}`]))
    expect(await statusOf('small')).toBe(200)
  })

  test('EXT-1: a body, and the next request, that come while the service is asked wait for their turn', async () => {
    let tell: () => void = () => undefined
    auth.answers((socket, question) => {
      tell = () => answer(200)(socket, question)
    })
    const before = auth.questions.length
    const socket = connect(program.http, '127.0.0.1')
    let text = ''
    socket.on('data', (chunk) => (text += chunk.toString('latin1')))
    socket.write('POST /1 HTTP/1.1\r\nHost: patient.test\r\nContent-Length: 4\r\n\r\n')
    await until(() => Promise.resolve(auth.questions.length === before + 1), DEADLINE_MS)
    socket.write('bodyGET /2 HTTP/1.1\r\nHost: patient.test\r\nConnection: close\r\n\r\n')
    expect(await statusOf('named')).toBe(200)
    auth.answers(answer(200))
    tell()
    await until(() => Promise.resolve(text.split('HTTP/1.1 200').length === 3), DEADLINE_MS)
    expect(auth.questions.length).toBe(before + 2)
  })

  test('EXT-2 LIM-3: a client that goes away ends the question, and what it held is given back', async () => {
    const held: unknown[] = []
    auth.answers((socket) => {
      held.push(socket)
      socket.on('close', () => held.pop())
    })
    const socket = connect(program.http, '127.0.0.1')
    socket.write('GET / HTTP/1.1\r\nHost: held.test\r\n\r\n')
    await until(() => Promise.resolve(held.length === 1), DEADLINE_MS)
    expect(await statusOf('held')).toBe(503)
    socket.destroy()
    await until(() => Promise.resolve(held.length === 0), DEADLINE_MS)
    auth.answers(answer(200))
    await until(async () => (await statusOf('held')) === 200, DEADLINE_MS)
  })

  test('EXT-12: a service that hangs holds so many requests and no more; others are served', async () => {
    auth.answers(() => undefined)
    const sockets = Array.from({ length: 1200 }, () => connect(program.http, '127.0.0.1'))
    let refused = 0
    for (const socket of sockets) {
      socket.on('data', (chunk) => {
        if (/HTTP\/1\.1 503/.test(chunk.toString('latin1'))) refused++
      })
      socket.on('error', () => undefined)
      socket.write('GET / HTTP/1.1\r\nHost: patient.test\r\n\r\n')
    }
    // Two workers hold 512 each.
    await until(() => Promise.resolve(refused >= 1200 - 2 * 512), DEADLINE_MS)
    expect(await statusOf('named')).toBe(200)
    for (const socket of sockets) socket.destroy()
    auth.answers(answer(200))
    await until(async () => (await statusOf('patient')) === 200, DEADLINE_MS)
  })
})

type Manner = Parameters<AuthServer['answers']>[0]

interface Asked {
  readonly app: string
  readonly method: string
  readonly path: string
  readonly headers: OutgoingHttpHeaders
  readonly body: string
}

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

function send(port: number, { app, method = 'GET', path = '/', headers = {}, body }: Partial<Asked>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = requestHttp({ port, host: '127.0.0.1', method, path, headers: { host: `${app}.test`, ...headers } })
    asked.on('error', reject)
    asked.on('response', (response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => (text += chunk.toString()))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }))
    })
    asked.end(body)
  })
}

function sendRaw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    let answered = ''
    socket.on('data', (chunk) => (answered += chunk.toString('latin1')))
    socket.on('error', reject)
    socket.on('close', () => resolve(answered))
    socket.write(text, 'latin1')
  })
}

/** `ann` with the password `secret`. */
const usersSecret = {
  apiVersion: 'v1',
  kind: 'Secret',
  type: 'Opaque',
  metadata: { name: 'users', namespace: 'test' },
  stringData: { auth: 'ann:{PLAIN}secret' },
}

function withSecondHost(object: object, host: string): object {
  const raw = object as { readonly spec: { readonly rules: readonly object[] } } // made by annotated
  return {
    ...raw,
    spec: { ...raw.spec, rules: [...raw.spec.rules, ...raw.spec.rules.map((rule) => ({ ...rule, host }))] },
  }
}

function valueOf(question: Question | undefined, name: string): string | undefined {
  return question?.headers.find(([each]) => each.toLowerCase() === name)?.[1]
}

function drip(socket: Parameters<Manner>[0], text: string): void {
  let at = 0
  const timer = setInterval(() => socket.write(text.charAt(at++)), 5)
  socket.on('close', () => clearInterval(timer))
}
