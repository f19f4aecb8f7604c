import { createServer, request, type IncomingHttpHeaders, type Server } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { answer, type AuthServer, startAuthServer } from '../support/auth-server.js'
import { createAuthority } from '../support/certificates.js'
import { annotated, mainConfigMap, service, slice, writeObjects } from './manifests.js'
import { createProgram, type Program } from './program.js'

let program: Program
let backend: Server
let auth: AuthServer

beforeAll(async () => {
  program = await createProgram()
  backend = createServer((asked, response) => response.end(JSON.stringify(asked.headers)))
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve))
  const { port } = backend.address() as AddressInfo // it listens on TCP
  auth = await startAuthServer()
  const judged = { 'auth-url': `http://127.0.0.1:${auth.port}/for?$best_http_host`, 'auth-signin': 'https://sso.test' }
  writeObjects(program.manifests, 'app', [
    annotated('app', 'app.test', 'app', {}),
    annotated('friends', 'friends.test', 'app', { 'allowlist-source-range': '198.51.100.7' }),
    annotated('secure', 'secure.test', 'app', { 'force-ssl-redirect': 'true' }),
    annotated('judged', 'judged.test', 'app', judged),
    annotated('asking', 'asking.test', 'app', { 'force-ssl-redirect': 'true', 'auth-tls-secret': 'test/ca' }),
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'ca', namespace: 'test' },
      stringData: { 'ca.crt': createAuthority('Ours').certificate },
    },
    service('app'),
    slice('app', [port]),
  ])
  await program.start()
})

afterAll(async () => {
  await program?.remove()
  backend?.close()
  await auth?.close()
})

/**
 * Each ConfigMap is another frame. `isThere` holds of it and not of the one before, whose workers may answer between
 * those of the new one.
 */
async function configure(data: Readonly<Record<string, string>>, isThere: () => Promise<void>): Promise<void> {
  writeObjects(program.manifests, 'config', [mainConfigMap(data)])
  const isThereAlways = async (): Promise<void> => {
    for (let i = 0; i < 200; i++) await isThere()
  }
  await vi.waitFor(isThereAlways, { timeout: 20_000, interval: 20 })
}

const seen = async (headers: Readonly<Record<string, string>>): Promise<IncomingHttpHeaders> =>
  (await ask('app.test', headers)).headers

const SPOOFED = { 'x-forwarded-for': '198.51.100.7', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'spoofed.test' }

test('REQ-1 IP-1: nothing that a client says of itself is believed without being told so', async () => {
  const { headers } = await ask('app.test', SPOOFED)
  expect(headers).toMatchObject({
    'x-real-ip': '127.0.0.1',
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-proto': 'http',
    'x-forwarded-host': 'app.test',
    'x-original-forwarded-for': '198.51.100.7',
  })
  expect((await ask('friends.test', SPOOFED)).status).toBe(403)
  expect(await ask('secure.test', SPOOFED)).toMatchObject({ status: 308, location: 'https://secure.test' })
})

test('section 8, IPA-1: forwarded headers count for those who are trusted; the rightmost address that is not one of theirs', async () => {
  const chain = { 'x-forwarded-for': '192.0.2.66, 198.51.100.7, 203.0.113.5' }
  await configure({ 'use-forwarded-headers': 'true', 'proxy-real-ip-cidr': '127.0.0.1/32,203.0.113.0/24' }, async () =>
    expect(await seen(chain)).toMatchObject({ 'x-real-ip': '198.51.100.7', 'x-forwarded-for': '198.51.100.7' }),
  )
  expect((await ask('friends.test', chain)).status).toBe(200)
  const all = { 'x-forwarded-for': '203.0.113.9, 203.0.113.5' }
  expect((await ask('app.test', all)).headers).toMatchObject({ 'x-real-ip': '203.0.113.9' })
  // Not from a proxy: its word about the address does not count.
  expect((await ask('friends.test', chain, '127.0.0.9')).status).toBe(403)
})

const THROUGH = {
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'outer.test:8443, inner.test',
  'x-forwarded-port': '8443',
}

const OUTER = {
  host: 'outer.test:8443',
  'x-forwarded-host': 'outer.test:8443',
  'x-forwarded-proto': 'https',
  'x-forwarded-port': '8443',
}

test('IPA-2 SSL-3 SSL-5 MTLS-7: scheme, host and port of forwarded headers count from everybody where nobody says who is trusted', async () => {
  await configure({ 'use-forwarded-headers': 'true' }, async () =>
    expect((await ask('app.test', THROUGH, '127.0.0.9')).headers).toMatchObject(OUTER),
  )
  expect((await ask('secure.test', THROUGH, '127.0.0.9')).status).toBe(200)
  // MTLS-7: who says to have used TLS has shown no certificate by that.
  expect(await ask('asking.test', { 'x-forwarded-proto': 'https' })).toMatchObject({
    status: 308,
    location: 'https://asking.test',
  })
  const plain = await ask('secure.test', { 'x-forwarded-proto': 'http', 'x-forwarded-host': 'outer.test:8443' })
  expect(plain).toMatchObject({ status: 308, location: 'https://outer.test' })
  const junk = await ask('secure.test', { 'x-forwarded-proto': 'http', 'x-forwarded-host': 'a"b/../c' })
  expect(junk).toMatchObject({ status: 308, location: 'https://secure.test' })
})

/** What an auth service is asked for a request to `judged.test`, and where its client is sent to sign in. */
async function judgedAs(headers: Readonly<Record<string, string>>, from?: string): Promise<readonly unknown[]> {
  const before = auth.questions.length
  auth.answers(answer(401))
  const { location } = await ask('judged.test', headers, from)
  const { line, headers: asked = [] } = auth.questions[before] ?? {}
  return [asked.find(([name]) => name === 'X-Original-URL')?.[1], location, line]
}

const JUDGED = ['http://judged.test/', 'https://sso.test?rd=http://judged.test%2F'] as const
const PUBLIC = { 'x-forwarded-host': 'public.test' }

test('EXT-1 EXT-3: an auth service judges by the Host that routed the request, whatever host is forwarded', async () => {
  await configure({ 'use-forwarded-headers': 'true' }, async () =>
    expect((await ask('app.test', PUBLIC)).headers.host).toBe('public.test'),
  )
  expect(await judgedAs(PUBLIC)).toEqual([...JUDGED, 'GET /for?public.test HTTP/1.1'])
  await configure({ 'use-forwarded-headers': 'true', 'proxy-real-ip-cidr': '127.0.0.1/32' }, async () =>
    expect((await ask('app.test', PUBLIC, '127.0.0.9')).headers.host).toBe('app.test'),
  )
  expect(await judgedAs(PUBLIC)).toEqual([...JUDGED, 'GET /for?public.test HTTP/1.1'])
  expect(await judgedAs(PUBLIC, '127.0.0.9')).toEqual([...JUDGED, 'GET /for?judged.test HTTP/1.1'])
})

test('IPA-2: where it is said who is trusted, scheme, host and port count from nobody else', async () => {
  const chain = { 'x-forwarded-for': '203.0.113.9, 203.0.113.5' }
  await configure({ 'use-forwarded-headers': 'true', 'proxy-real-ip-cidr': '127.0.0.1/32' }, async () =>
    expect(await seen(chain)).toMatchObject({ 'x-real-ip': '203.0.113.5' }),
  )
  expect((await ask('secure.test', THROUGH)).headers).toMatchObject(OUTER)
  expect(await ask('secure.test', THROUGH, '127.0.0.9')).toMatchObject({
    status: 308,
    location: 'https://secure.test',
  })
  expect((await ask('app.test', THROUGH, '127.0.0.9')).headers).toMatchObject({
    host: 'app.test',
    'x-forwarded-host': 'app.test',
    'x-forwarded-proto': 'http',
    'x-forwarded-port': String(program.http),
  })
})

test('compute-full-forwarded-for keeps the chain, and enable-real-ip believes the address alone', async () => {
  const chain = { 'x-forwarded-for': '198.51.100.7, 203.0.113.5' }
  const full = {
    'use-forwarded-headers': 'true',
    'compute-full-forwarded-for': 'true',
    'proxy-add-original-uri-header': 'true',
  }
  await configure(full, async () =>
    expect(await seen(chain)).toMatchObject({
      'x-forwarded-for': '198.51.100.7, 203.0.113.5, 127.0.0.1',
      'x-original-uri': '/p?q=1',
    }),
  )
  const address = {
    'enable-real-ip': 'true',
    'forwarded-for-header': 'CF-Connecting-IP',
    'generate-request-id': 'false',
  }
  const through = { ...SPOOFED, 'cf-connecting-ip': '198.51.100.8' }
  await configure(address, async () => expect(await seen(through)).toMatchObject({ 'x-real-ip': '198.51.100.8' }))
  const headers = await seen(through)
  expect(headers).toMatchObject({ 'x-forwarded-proto': 'http', 'x-forwarded-host': 'app.test' })
  expect(headers).not.toHaveProperty('x-request-id')
})

test('a list of the trusted that cannot be read trusts nobody', async () => {
  await configure({ 'use-forwarded-headers': 'true', 'proxy-real-ip-cidr': '127.0.0.1/32,example.com' }, async () =>
    expect(await seen(SPOOFED)).toMatchObject({ 'x-real-ip': '127.0.0.1', 'x-forwarded-proto': 'http' }),
  )
  expect((await ask('friends.test', SPOOFED)).status).toBe(403)
  await vi.waitFor(() => expect(program.log()).toContain('nobody is believed'), { timeout: 20_000 })
})

test('a header of addresses whose name cannot be read is none', async () => {
  await configure({ 'use-forwarded-headers': 'true', 'forwarded-for-header': 'CF Connecting' }, async () =>
    expect(await seen(SPOOFED)).toMatchObject({ 'x-real-ip': '127.0.0.1', 'x-forwarded-host': 'spoofed.test' }),
  )
  await vi.waitFor(() => expect(program.log()).toContain('no header is believed about the address'), {
    timeout: 20_000,
  })
})

test('IPA-3 SSL-3: with PROXY protocol its word counts, on both listeners and in both versions, and a connection without is dropped', async () => {
  const one = (port: number): Buffer => proxied('198.51.100.7', port)
  await configure({ 'use-proxy-protocol': 'true', 'proxy-real-ip-cidr': '127.0.0.1/32' }, async () =>
    expect(await raw('friends.test', one(80))).toContain('"x-real-ip":"198.51.100.7"'),
  )
  expect(await raw('friends.test', two('198.51.100.7', 80))).toContain('"x-real-ip":"198.51.100.7"')
  expect(await raw('friends.test', one(443), 'tls')).toContain('"x-real-ip":"198.51.100.7"')
  expect(await raw('secure.test', one(80))).toContain('308 Permanent Redirect')
  expect(await raw('secure.test', one(443))).toContain('"x-forwarded-proto":"https"')
  expect(await raw('secure.test', one(443))).toContain('"x-forwarded-port":"443"')
  expect(await raw('app.test', Buffer.from('PROXY UNKNOWN\r\n'))).toContain('"x-real-ip":"127.0.0.1"')
  expect(await raw('app.test', Buffer.alloc(0))).toBe('')
  // Another peer is not believed: what it says of the client does not let it in.
  expect(await raw('friends.test', one(80), 'plain', '127.0.0.9')).toContain('403 Forbidden')
  expect(await raw('secure.test', one(443), 'plain', '127.0.0.9')).toContain('308 Permanent Redirect')
})

test('IPA-0 IPA-2: behind PROXY, headers count from who PROXY says it is', async () => {
  const both = { 'use-proxy-protocol': 'true', 'use-forwarded-headers': 'true' }
  await configure({ ...both, 'proxy-real-ip-cidr': '127.0.0.1/32,198.51.100.0/24' }, async () =>
    expect(
      await raw('secure.test', proxied('198.51.100.7'), 'plain', '127.0.0.1', 'X-Forwarded-Proto: https'),
    ).toContain('"x-forwarded-proto":"https"'),
  )
  for (const [source, peer] of [
    ['203.0.113.5', '127.0.0.1'],
    ['198.51.100.7', '127.0.0.9'],
  ] as const)
    expect(await raw('secure.test', proxied(source), 'plain', peer, 'X-Forwarded-Proto: https')).toContain(
      '308 Permanent Redirect',
    )
})

interface Answer {
  readonly status: number
  readonly location: string | undefined
  readonly headers: IncomingHttpHeaders
}

function ask(host: string, headers: Readonly<Record<string, string>>, from = '127.0.0.1'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port: program.http,
      path: host === 'app.test' ? '/p?q=1' : '/',
      agent: false as const,
    }
    const asked = request({ ...options, localAddress: from, headers: { host, ...headers } }, (response) => {
      let body = ''
      response.on('data', (bytes: Buffer) => (body += bytes.toString()))
      response.on('end', () => {
        const back = response.statusCode === 200 ? (JSON.parse(body) as IncomingHttpHeaders) : {} // our own backend
        resolve({ status: response.statusCode ?? 0, location: response.headers.location, headers: back })
      })
    })
    asked.on('error', reject)
    asked.end()
  })
}

/** Version 1 of the PROXY protocol. */
function proxied(source: string, port = 80): Buffer {
  return Buffer.from(`PROXY TCP4 ${source} 192.0.2.1 5000 ${port}\r\n`)
}

/** Version 2 of the PROXY protocol: signature, PROXY over TCP4, 12 bytes of addresses and ports. */
function two(source: string, port: number): Buffer {
  const addresses = [source, '192.0.2.1'].flatMap((address) => address.split('.').map(Number))
  const ports = [5000, port].flatMap((one) => [one >> 8, one & 255])
  return Buffer.concat([
    Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1'),
    Buffer.from([0x21, 0x11, 0, 12, ...addresses, ...ports]),
  ])
}

/** What comes back for a request behind these bytes. */
async function raw(
  host: string,
  header: Buffer,
  how: 'plain' | 'tls' = 'plain',
  from = '127.0.0.1',
  line = 'X-None: none',
): Promise<string> {
  const port = how === 'tls' ? program.https : program.http
  const socket = connect({ host: '127.0.0.1', port, localAddress: from })
  await new Promise((resolve) => socket.once('connect', resolve))
  if (header.length > 0) socket.write(header)
  const stream: Socket = how === 'tls' ? connectTls({ socket, servername: host, rejectUnauthorized: false }) : socket
  let received = ''
  stream.on('data', (bytes: Buffer) => (received += bytes.toString('latin1')))
  stream.on('error', () => stream.destroy())
  stream.write(`GET / HTTP/1.1\r\nHost: ${host}\r\n${line}\r\nConnection: close\r\n\r\n`)
  await new Promise((resolve) => stream.once('close', resolve))
  return received
}
