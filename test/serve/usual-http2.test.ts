import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import {
  createServer,
  request,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import { connect, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { attackHttp2, block, END_HEADERS, END_STREAM, frame, HEADERS, PING, reset } from '../floods/http2.js'
import { parseScrape, scrape, total } from '../metrics/scrape.js'
import { freePort } from '../support/ports.js'
import { listen } from './listen.js'
import { annotated, mainConfigMap, service, slice, writeObjects } from './manifests.js'
import { createProgram, type Program, until } from './program.js'

/**
 * Requests of HTTP/2 for hosts with one plain route, of which nobody knows whether they have a body
 * (docs/design/usual-requests.md).
 */

let program: Program
let backends: Record<'usual' | 'other' | 'sending', number>
let servers: readonly Server[]
/** What the backend `sending` says as `X-Accel-Redirect`. */
let sentTo = ''

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** As the backend had it. */
  readonly seen: Readonly<Record<string, unknown>> | undefined
}

describe.each([
  { what: 'without metrics', flags: [] },
  { what: 'with metrics', flags: ['--enable-metrics'] },
])('$what', ({ flags }) => {
  beforeAll(async () => {
    servers = [
      createServer((request, response) => echo('usual', request, response)),
      createServer((request, response) => echo('other', request, response)),
      createServer((_, response) => response.setHeader('X-Accel-Redirect', sentTo).end()),
    ]
    const [usual = 0, other = 0, sending = 0] = await Promise.all(servers.map(listen))
    backends = { usual, other, sending }
    program = await createProgram()
    write()
    await program.start(undefined, flags)
  })

  beforeEach(async () => {
    write()
    await until(async () => (await get('usual.test')).seen?.['backend'] === 'usual', 10_000)
    await known()
  })

  afterAll(async () => {
    await program?.remove()
    for (const server of servers ?? []) server.close()
  })

  test.each(['https', 'http'] as const)('each one is the same as the first, over %s', async (scheme) => {
    // The first request after a change looks at all there is, the others need not.
    write({ admitted: '192.0.2.0/24' })
    await until(async () => (await get('checked.test')).status === 403, 10_000)
    const answers: Answer[] = []
    for (let time = 0; time < 6; time++) answers.push(await get('usual.test', { scheme, fields: { 'x-own': 'a' } }))
    const ids = answers.map(({ seen }) => headersOf(seen)['x-request-id'])
    expect(new Set(ids).size).toBe(answers.length)
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/)
    const [first, ...others] = answers.map(({ seen, headers }) => {
      const { 'x-request-id': _, ...rest } = headersOf(seen)
      const { date: __, ...said } = headers
      return { rest, said }
    })
    for (const one of others) expect(one).toEqual(first)
    expect(first?.rest).toMatchObject({ host: 'usual.test', 'x-forwarded-proto': scheme, 'x-own': 'a' })
    // HTTPS-2: the backend's own is not passed on over TLS, and is over HTTP.
    const secure = scheme === 'https'
    expect(first?.said['strict-transport-security']).toBe(secure ? 'max-age=31536000; includeSubDomains' : 'max-age=1')
    expect(first?.said.server).toBeUndefined()
  })

  test('the id of a client is kept (REQ-1)', async () => {
    const { seen } = await get('usual.test', { fields: { 'x-request-id': 'of-the-client' } })
    expect(seen?.['headers']).toMatchObject({ 'x-request-id': 'of-the-client' })
  })

  test('it is kept by those too who wait for a moment while others are decided about', async () => {
    // One in a hundred waits (`rapid-reset.ts`), for those that came with it. The last one of all brings none.
    const ids = Array.from({ length: 60 }, (_, index) => (index % 2 === 0 ? `own-${index}` : undefined))
    for (let batch = 0; batch < 34; batch++) {
      // NGINX ends a connection after a thousand requests.
      const { session, stream } = open('usual.test', 'GET', 'https', {})
      await read(stream.end())
      const answers = await Promise.all(
        ids.map((id) => {
          const fields: Record<string, string> = id === undefined ? {} : { 'x-request-id': id }
          return read(open('usual.test', 'GET', 'https', fields, session).stream.end())
        }),
      )
      session.close()
      const seen = answers.map((answer) => headersOf(answer.seen)['x-request-id'])
      expect(seen.filter((_, index) => ids[index] !== undefined)).toEqual(ids.filter((id) => id !== undefined))
    }
  })

  test.each([
    { 'x-request-id': 'h2' },
    { upgrade: 'h2', connection: 'upgrade' },
    { upgrade: 'h', connection: 'upgrade', 'x-request-id': '2' },
  ])('a request of HTTP/1 is none of HTTP/2, whatever its headers are: %j', async (headers) => {
    for (let time = 0; time < 6; time++) {
      const asked = request({
        host: '127.0.0.1',
        port: program.http,
        headers: { host: 'usual.test', ...headers },
      }).end()
      const [answer] = (await once(asked, 'response')) as [IncomingMessage]
      expect(JSON.parse((await answer.toArray()).join(''))).toMatchObject({ backend: 'usual', headers })
    }
  })

  describe('PRX-1: a body that says nothing of its length', () => {
    test.each(['GET', 'POST'])('comes to the backend with %s', async (method) => {
      const body = 'x'.repeat(100_000)
      expect(await get('usual.test', { method, body })).toMatchObject({ status: 200, seen: { bytes: body.length } })
    })

    test.each(['GET', 'POST'])('is refused with %s where it is too long', async (method) => {
      const { status, seen, headers } = await get('usual.test', { method, body: 'x'.repeat(3_000_000) })
      expect([status, seen]).toEqual([413, undefined])
      expect(headers['strict-transport-security']).toBe('max-age=31536000; includeSubDomains')
    })
  })

  test('RTY-1: who does not take the connection is passed over, and the request goes to the next', async () => {
    const closed = await freePort()
    write({ ports: [closed, backends.usual] })
    const lines = (): number =>
      readFileSync(join(program.state, 'log', 'error.log'), 'utf8').split(`:${closed}/`).length
    const before = lines()
    await until(async () => (await get('usual.test')).status === 200 && lines() > before, 10_000)
    for (let time = 0; time < 12; time++) expect(await get('usual.test')).toMatchObject({ status: 200 })
  })

  test('a route that keeps clients out from now on keeps out the next request', async () => {
    write({ annotations: { 'whitelist-source-range': '192.0.2.0/24' } })
    const statuses: number[] = []
    await until(async () => statuses.push((await get('usual.test')).status) > 0 && statuses.at(-1) === 403, 10_000)
    for (let time = 0; time < 6; time++) expect((await get('usual.test')).status).toBe(403)
    expect(new Set(statuses)).toEqual(statuses.includes(200) ? new Set([200, 403]) : new Set([403]))
  })

  test('a request whose body takes longer than its route is there goes where it was let in to', async () => {
    const { session, stream } = open('usual.test', 'GET', 'https', {})
    stream.write('begun')
    const answer = read(stream)
    // Behind it on the same connection: what was asked before has been decided by then.
    await read(open('usual.test', 'GET', 'https', {}, session).stream.end())
    write({ backend: 'other' })
    await until(async () => (await get('usual.test')).seen?.['backend'] === 'other', 10_000)
    stream.end('ended')
    expect(await answer).toMatchObject({ status: 200, seen: { backend: 'usual', bytes: 'begunended'.length } })
    session.close()
  })

  if (flags.length > 0)
    test('each is counted (MET-1), and so is one whose body was too long or never ended', async () => {
      // No other test asks with HEAD.
      const method = 'HEAD'
      for (let time = 0; time < 5; time++) await get('usual.test', { method })
      for (let time = 0; time < 2; time++) await get('usual.test', { method, body: 'x'.repeat(3_000_000) })
      const unfinished = await Promise.all(
        [1, 2, 3].map(async () => {
          const { session, stream } = open('usual.test', method, 'https', {})
          stream.on('error', () => undefined)
          stream.write('begun')
          // Behind it on the same connection: what was asked before has been decided by then.
          await read(open('usual.test', 'GET', 'https', {}, session).stream.end())
          return session
        }),
      )
      for (const session of unfinished) session.destroy()
      const counted = async (): Promise<readonly number[]> => {
        const samples = parseScrape(await scrape(program.health))
        return ['200', '413', '499'].map((status) =>
          total(samples, 'nginx_ingress_controller_requests', { ingress: 'usual', method, status }),
        )
      }
      await until(async () => (await counted()).join() === '5,2,3', 10_000)
    })

  if (flags.length > 0)
    test('each is counted of a flood of streams that are reset at once (CVE-2023-44487)', async () => {
      for (let time = 0; time < 4; time++) await get('flooded.test')
      for (let connection = 0; connection < 12; connection++) {
        const attacker = await attackHttp2(program.https, 'flooded.test')
        const streams = Array.from({ length: 50 }, (_, index) => 2 * index + 1)
        const flood = streams.flatMap((stream) => [
          frame(HEADERS, END_STREAM | END_HEADERS, stream, block('flooded.test', '/')),
          reset(stream),
        ])
        await attacker.send(...flood, frame(PING, 0, 0, Buffer.alloc(8)))
        await until(() => Promise.resolve(attacker.frames.includes(PING)), 5_000)
        attacker.socket.destroy()
      }
      const counted = async (): Promise<number> =>
        total(parseScrape(await scrape(program.health)), 'nginx_ingress_controller_requests', { ingress: 'flooded' })
      await until(async () => (await counted()) === 4 + 12 * 50, 10_000)
    })

  describe('a backend that names one of their locations (X-Accel-Redirect)', () => {
    /** Those of the frame that runs. */
    function locations(): readonly string[] {
      const frame = readFileSync(join(program.state, 'private', 'nginx.conf'), 'utf8')
      return [...new Set([...frame.matchAll(/location (@\S+_usual) \{/g)].map(([, name = '']) => name))]
    }

    test('gets nobody past the checks of a route, whoever was there before them', async () => {
      expect(locations().length).toBeGreaterThan(0)
      // The host was a plain one until now, of another Service.
      write({ annotations: { 'whitelist-source-range': '127.0.0.0/8' }, backend: 'sending' })
      sentTo = '/nowhere'
      await until(async () => (await get('usual.test')).status !== 200, 10_000)
      for (const name of locations()) {
        sentTo = name
        for (const host of ['usual.test', 'checked.test', 'sending.test']) {
          for (let time = 0; time < 4; time++) expect(await get(host)).toMatchObject({ status: 502, seen: undefined })
        }
      }
    })

    test('leaves nothing behind of what its route awaits', async () => {
      const [first = ''] = locations()
      sentTo = first
      for (let time = 0; time < 6; time++) expect((await get('limited.test')).status).toBe(502)
    })

    test('cannot say more of HSTS than the ConfigMap does (HTTPS-2)', async () => {
      const [first = ''] = locations()
      sentTo = first
      write({ configMap: { 'hsts-max-age': '60' } })
      const said = async (host: string) => (await get(host)).headers['strict-transport-security']
      await until(async () => (await said('usual.test')) === 'max-age=60; includeSubDomains', 10_000)
      for (let time = 0; time < 3; time++) expect(await said('usual.test')).toBe('max-age=60; includeSubDomains')
      expect(await said('limited.test')).toBe('max-age=60; includeSubDomains')
    })
  })
})

/** Often enough that a worker need not look any more. */
async function known(): Promise<void> {
  for (let time = 0; time < 4; time++) await get('usual.test')
}

interface World {
  readonly ports?: readonly number[]
  readonly annotations?: Readonly<Record<string, string>>
  readonly backend?: string
  readonly admitted?: string
  readonly configMap?: Readonly<Record<string, string>>
}

function write({
  ports = [backends.usual],
  annotations = {},
  backend = 'usual',
  admitted = '127.0.0.0/8',
  configMap = {},
}: World = {}): void {
  writeObjects(program.manifests, 'app', [
    // Each worker finds out for itself.
    mainConfigMap({ 'worker-processes': '1', ...configMap }),
    annotated('usual', 'usual.test', backend, annotations),
    annotated('flooded', 'flooded.test', 'usual', {}),
    annotated('sending', 'sending.test', 'sending', {}),
    annotated('limited', 'limited.test', 'sending', { 'limit-connections': '2' }),
    annotated('checked', 'checked.test', 'sending', { 'whitelist-source-range': admitted }),
    ...['usual', 'other', 'sending'].map(service),
    // One port of a Service is one port of a slice.
    ...ports.map((port, at) => {
      const one = slice('usual', [port]) as { readonly metadata: object }
      return { ...one, metadata: { ...one.metadata, name: `usual-${at}` } }
    }),
    slice('other', [backends.other]),
    slice('sending', [backends.sending]),
  ])
}

function echo(backend: string, request: IncomingMessage, response: ServerResponse): void {
  let bytes = 0
  request.on('data', (chunk: Buffer) => (bytes += chunk.length))
  request.on('end', () => {
    response.setHeader('Strict-Transport-Security', 'max-age=1')
    response.end(JSON.stringify({ backend, headers: request.headers, bytes }))
  })
}

interface Asking {
  readonly scheme?: 'http' | 'https'
  readonly method?: string
  readonly fields?: Readonly<Record<string, string>>
  readonly body?: string
}

async function get(
  host: string,
  { scheme = 'https', method = 'GET', fields = {}, body }: Asking = {},
): Promise<Answer> {
  const { session, stream } = open(host, method, scheme, fields)
  const answer = read(stream)
  stream.end(body)
  try {
    return await answer
  } finally {
    session.close()
  }
}

function open(
  host: string,
  method: string,
  scheme: 'http' | 'https',
  fields: Readonly<Record<string, string>>,
  on?: ClientHttp2Session,
): { session: ClientHttp2Session; stream: ClientHttp2Stream } {
  const options = { servername: host, rejectUnauthorized: false }
  const session = on ?? connect(`${scheme}://127.0.0.1:${program[scheme]}`, options)
  session.on('error', () => undefined)
  // What has no body ends with its head.
  const stream = session.request(
    { ':method': method, ':path': '/', ':authority': host, ...fields },
    { endStream: false },
  )
  return { session, stream }
}

function read(stream: ClientHttp2Stream): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let headers: IncomingHttpHeaders & { readonly ':status'?: number | undefined } = {}
    let text = ''
    stream.on('response', (given) => (headers = given))
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
    stream.on('error', (cause) => (headers[':status'] === undefined ? reject(cause) : undefined))
    stream.on('close', () => {
      const status = headers[':status'] ?? 0
      resolve({
        status,
        headers,
        seen: status === 200 && text !== '' ? (JSON.parse(text) as Answer['seen']) : undefined,
      })
    })
  })
}

function headersOf(seen: Answer['seen']): IncomingHttpHeaders {
  if (seen === undefined) throw new Error('the backend was not asked')
  return seen['headers'] as IncomingHttpHeaders // as `echo` wrote them
}
