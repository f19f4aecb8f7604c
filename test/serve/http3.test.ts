import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAuthority, type IssuedLeaf } from '../support/certificates.js'
import { enginesForTests } from '../support/engine.js'
import {
  type Http3Client,
  type Http3Connection,
  type Http3Reply,
  type Http3Request,
  startHttp3Client,
} from '../support/http3.js'
import { startFastCgi } from './fastcgi.js'
import { annotated, ingress, mainConfigMap, secret, service, slice, writeObjects } from './manifests.js'
import { createProgram, type Program, until } from './program.js'
import { askTls, openHttp2 } from './tls-clients.js'

const PATIENCE = 60_000
const engines = await enginesForTests()
const ours = createAuthority('Ours')
const first = ours.issue({ names: ['cert.test'] })
const second = ours.issue({ names: ['cert.test'] })
const alice = ours.issue({ names: [], commonName: 'alice', purpose: 'client' })
const stranger = createAuthority('Theirs').issue({ names: [], commonName: 'alice', purpose: 'client' })

const FORMAT = '[$proxy_upstream_name] $http_host $host $server_protocol $status $scheme "$request"'

let client: Http3Client
let backend: Awaited<ReturnType<typeof startEcho>>
let other: Awaited<ReturnType<typeof startEcho>>
let fastCgi: Awaited<ReturnType<typeof startFastCgi>>

beforeAll(async () => {
  client = await startHttp3Client()
  backend = await startEcho('echo')
  other = await startEcho('other')
  fastCgi = await startFastCgi()
}, 120_000)

afterAll(async () => {
  await client?.close()
  backend?.close()
  other?.close()
  fastCgi?.close()
})

describe.each(engines.filter(({ facts }) => facts.http3))('HTTP/3 through NGINX $version', (engine) => {
  let program: Program
  /** For a.test, shared. */
  let connection: Http3Connection | undefined

  const settings = (data: Readonly<Record<string, string>>): void =>
    writeObjects(program.manifests, 'settings', [main(data)])
  const on = {
    'use-http3': 'true',
    'http3-port': '443',
    'keep-alive': '10',
    'log-format-upstream': FORMAT,
    'proxy-set-headers': 'test/sent',
    'add-headers': 'test/added',
  }
  const certificate = (leaf: IssuedLeaf): void =>
    writeObjects(program.manifests, 'certificate', [secret('cert', leaf.chain, leaf.key)])
  const open = (serverName: string, identity?: IssuedLeaf): Promise<Http3Connection> =>
    client.open(program.https, { serverName, identity })
  /** That for a.test: another one where a reload, or time, has ended it. */
  const current = async (): Promise<Http3Connection> => {
    if (connection === undefined || (await connection.ended()) !== undefined) connection = await open('a.test')
    return connection
  }
  const ask = async (asked: Http3Request = {}): Promise<Http3Reply> => (await current()).ask(asked)
  const askOnce = async (serverName: string, identity?: IssuedLeaf): Promise<Http3Reply> => {
    const opened = await open(serverName, identity)
    const reply = await opened.ask()
    await opened.close()
    return reply
  }

  beforeAll(async () => {
    program = await createProgram()
    settings(on)
    certificate(first)
    const clients = { 'auth-tls-secret': 'test/ours' }
    writeObjects(program.manifests, 'app', [
      service('echo'),
      slice('echo', [backend.port]),
      service('other'),
      slice('other', [other.port]),
      service('php'),
      slice('php', [fastCgi.port]),
      data('sent', { 'X-Asked': '$http_host', 'X-Protocol': '$server_protocol' }),
      data('added', { 'X-Answered': '$http_host' }),
      opaque('ours', { 'ca.crt': ours.certificate }),
      opaque('friends', { auth: 'friend:$1$saltsalt$9xy1btjgzLYfb7hivXtC//' }),
      ingress('a', 'a.test', 'echo'),
      atPath(ingress('deep', 'a.test', 'other'), '/deep'),
      ingress('cert', 'cert.test', 'echo', 'cert'),
      annotated('moved', 'moved.test', 'echo', { 'permanent-redirect': 'https://elsewhere.test/x' }),
      annotated('basic', 'basic.test', 'echo', { 'auth-type': 'basic', 'auth-secret': 'friends' }),
      annotated('cors', 'cors.test', 'echo', { 'enable-cors': 'true', 'cors-allow-origin': 'https://origin.test' }),
      annotated('split', 'split.test', 'echo', {}),
      annotated('split-canary', 'split.test', 'other', { canary: 'true', 'canary-by-header': 'X-Canary' }),
      annotated('vhost', 'vhost.test', 'echo', { 'upstream-vhost': 'inner.test' }),
      annotated('php', 'php.test', 'php', { 'backend-protocol': 'FCGI' }),
      annotated('asking', 'asking.test', 'echo', {
        'auth-url': `http://127.0.0.1:${backend.port}/auth?host=$http_host`,
      }),
      annotated('on', 'on.test', 'echo', clients),
      annotated('optional', 'optional.test', 'echo', { ...clients, 'auth-tls-verify-client': 'optional' }),
    ])
    await program.start(undefined, ['--nginx', engine.binary])
  }, 120_000)

  afterAll(async () => {
    await program?.remove()
  }, PATIENCE)

  test('requests go by host and path, and backends get the Host and the scheme that the client asked for', async () => {
    const plain = await ask()
    expect(plain.status).toBe(200)
    expect(seenIn(plain)).toMatchObject({
      host: 'a.test',
      'x-forwarded-host': 'a.test',
      'x-forwarded-proto': 'https',
      'x-forwarded-port': '443',
      'x-real-ip': '127.0.0.1',
      'x-asked': 'a.test',
      'x-protocol': 'HTTP/3.0',
    })
    expect(plain.headers['x-answered']).toBe('a.test')
    const authority = `A.test:${program.https}`
    const named = seenIn(await ask({ authority, path: '/deep/x?y', headers: [['host', authority]] }))
    expect(named).toMatchObject({
      by: 'other',
      host: `a.test:${program.https}`,
      'x-asked': `a.test:${program.https}`,
      url: '/deep/x?y',
    })
    expect((await ask({ authority: 'nobody.test' })).status).toBe(404)
    expect((await ask({ headers: [['host', 'b.test']] })).status).toBe(400)
    const vhost = await askOnce('vhost.test')
    expect(seenIn(vhost)).toMatchObject({ host: 'inner.test', 'x-forwarded-host': 'vhost.test' })
  })

  test('bodies of known and unknown length arrive, and one that is too large does not (PRX-1)', async () => {
    const asked = { method: 'POST', body: 'hello' }
    for (const headers of [[], [['content-length', '5']], [['x-request-id', 'one']]] as const)
      expect(seenIn(await ask({ ...asked, headers }))).toMatchObject({ body: 'hello', 'content-length': '5' })
    expect((await ask({ method: 'POST', body: 'x'.repeat(1_100_000) })).status).toBe(413)
    expect((await ask({ method: 'HEAD' })).body).toBe('')
  })

  test('what HTTP/1.1 says of a connection goes neither way', async () => {
    const smuggled = '0\r\n\r\nGET /evil HTTP/1.1\r\nHost: a.test\r\n\r\n'
    const chunked = { method: 'POST', body: smuggled, headers: [['transfer-encoding', 'chunked']] } as const
    expect(seenIn(await ask(chunked))).toMatchObject({ body: smuggled, 'content-length': String(smuggled.length) })
    const upgrade = [['upgrade', 'websocket'] as const, ['connection', 'Upgrade'] as const]
    const seen = seenIn(await ask({ headers: upgrade }))
    expect([seen['upgrade'], backend.upgrades()]).toEqual([undefined, 0])
    const reply = await ask({ path: '/connection' })
    expect(reply.status).toBe(200)
    for (const name of ['connection', 'upgrade', 'keep-alive', 'proxy-connection'])
      expect(reply.headers).not.toHaveProperty(name)
  })

  test('annotations do what they do over HTTP/2: redirect, basic authentication, CORS, canary, external authentication, FastCGI', async () => {
    const moved = await askOnce('moved.test')
    expect([moved.status, moved.headers['location']]).toEqual([301, 'https://elsewhere.test/x'])
    const basic = await open('basic.test')
    const refused = await basic.ask()
    expect([refused.status, refused.headers['www-authenticate']]).toEqual([401, expect.stringContaining('Basic')])
    const authorization = `Basic ${Buffer.from('friend:secret').toString('base64')}`
    expect((await basic.ask({ headers: [['authorization', authorization]] })).status).toBe(200)
    await basic.close()
    const cors = await open('cors.test')
    const preflight: (readonly [string, string])[] = [
      ['origin', 'https://origin.test'],
      ['access-control-request-method', 'PUT'],
    ]
    const allowed = await cors.ask({ method: 'OPTIONS', headers: preflight })
    expect([allowed.status, allowed.headers['access-control-allow-origin']]).toEqual([204, 'https://origin.test'])
    await cors.close()
    const split = await open('split.test')
    for (const [value, by] of [
      ['always', 'other'],
      ['never', 'echo'],
    ] as const)
      expect(seenIn(await split.ask({ headers: [['x-canary', value]] }))['by']).toBe(by)
    await split.close()
    expect((await askOnce('asking.test')).status).toBe(200)
    expect(backend.questions()).toContain('/auth?host=asking.test')
    expect(JSON.parse((await askOnce('php.test')).body)).toMatchObject({
      HTTP_HOST: 'php.test',
      SERVER_PROTOCOL: 'HTTP/3.0',
    })
  })

  test('HTTPS-2: answers over HTTPS carry HSTS and Alt-Svc with the port that clients reach, over HTTP neither', async () => {
    const expected = {
      'alt-svc': 'h3=":443"; ma=3600',
      'strict-transport-security': 'max-age=31536000; includeSubDomains',
    }
    expect((await ask({ path: '/connection' })).headers).toMatchObject(expected)
    expect((await askTls(program.https, { host: 'a.test' })).headers).toMatchObject(expected)
    const http2 = openHttp2(program.https, 'a.test', undefined)
    expect(await http2.ask('a.test')).toMatchObject({ status: 200 })
    http2.close()
    const plain = await headersOverHttp(program.http, 'a.test')
    expect(Object.keys(expected).filter((name) => name in plain)).toEqual([])
  })

  test('the access log has the protocol and the host', async () => {
    await ask({ path: '/to-be-logged' })
    const line = '[test-echo-80] a.test a.test HTTP/3.0 200 https "GET /to-be-logged HTTP/3.0"'
    await until(() => Promise.resolve(logged(program).includes(line)), PATIENCE)
  })

  test('MTLS-3 MTLS-5: certificates of clients', async () => {
    const known = await askOnce('on.test', alice)
    expect([known.status, seenIn(known)['ssl-client-subject-dn']]).toEqual([200, 'CN=alice,O=Fairlead tests'])
    expect((await askOnce('on.test')).status).toBe(400)
    expect((await askOnce('on.test', stranger)).status).toBe(400)
    expect(seenIn(await askOnce('optional.test'))['ssl-client-verify']).toBe('NONE')
    expect((await askOnce('optional.test', stranger)).status).toBe(400)
  })

  test('MTLS-8: a connection for another name, or for none, is answered with 421 and goes on', async () => {
    const known = await open('on.test', alice)
    expect((await known.ask()).status).toBe(200)
    for (const authority of ['optional.test', 'ON.test.', 'a.test'] as const)
      expect([authority, (await known.ask({ authority })).status]).toEqual([
        authority,
        authority === 'optional.test' ? 421 : 200,
      ])
    for (const serverName of ['a.test', '']) {
      const other = await open(serverName, alice)
      expect((await other.ask({ authority: 'on.test' })).status).toBe(421)
      expect((await other.ask({ authority: 'a.test' })).status).toBe(200)
      await other.close()
    }
    await known.close()
  })

  test('MTLS-8: a session resumes for its own name only, and never brings a request along', async () => {
    const known = await open('on.test', alice)
    await until(async () => (await known.earlyData()) >= 0, PATIENCE)
    expect(await known.earlyData()).toBe(0)
    const again = await client.open(program.https, { serverName: 'on.test', resume: known })
    expect([again.resumed, (await again.ask()).status]).toEqual([true, 200])
    for (const serverName of ['a.test', 'optional.test']) {
      const crossed = await client.open(program.https, { serverName, resume: known })
      expect([serverName, crossed.resumed]).toEqual([serverName, false])
      expect((await crossed.ask({ authority: 'on.test' })).status).toBe(421)
      await crossed.close()
    }
    await again.close()
    await known.close()
  })

  test('GEN-19: routes and certificates change without a reload, routes for the connections that are open', async () => {
    const generation = program.generation()
    const kept = await open('a.test')
    const status = async (): Promise<number> => (await kept.ask({ authority: 'new.test' })).status
    expect(await status()).toBe(404)
    writeObjects(program.manifests, 'new', [ingress('new', 'new.test', 'echo')])
    await until(async () => (await status()) === 200, PATIENCE)
    writeObjects(program.manifests, 'new', [])
    await until(async () => (await status()) === 404, PATIENCE)
    expect(await kept.ended()).toBeUndefined()
    await kept.close()
    const seen: string[] = []
    const shown = async (): Promise<string> => {
      const opened = await open('cert.test')
      seen.push(opened.certificate)
      await opened.close()
      return opened.certificate
    }
    const before = await shown()
    certificate(second)
    await until(async () => (await shown()) !== before, PATIENCE)
    const unknown = await open('nobody.test')
    expect(seen).not.toContain(unknown.certificate)
    await unknown.close()
    expect(program.generation()).toBe(generation)
  })

  test('a flood of first datagrams is answered with less than it sends, and nothing is kept of it', async () => {
    expect((await current()).retried).toBe(true)
    const { sent, received, datagrams, retries } = await client.sendInitials(program.https, 'a.test', 400)
    expect(datagrams).toBeGreaterThan(0)
    expect(retries).toBe(datagrams)
    expect(received).toBeLessThan(sent / 4)
    expect((await ask()).status).toBe(200)
  })

  test('many requests at a time are answered; who gives many up may lose its own connection, and nobody else', async () => {
    const busy = await open('a.test')
    const replies = await Promise.all(Array.from({ length: 300 }, (_, i) => busy.ask({ path: `/many-${i}` })))
    expect(replies.map(({ status, body }) => [status, (JSON.parse(body) as { url: string }).url])).toEqual(
      replies.map((_, i) => [200, `/many-${i}`]),
    )
    const giveUp = (): Promise<void> => busy.begin({ path: '/given-up', method: 'POST' }, 'reset')
    for (let i = 0; i < 300; i++) await giveUp().catch(() => undefined)
    expect((await ask()).status).toBe(200)
    await busy.close()
  })

  test('taken back by false: answers tell clients to forget it, and nobody listens; without the key they say nothing', async () => {
    settings({ ...on, 'use-http3': 'false' })
    const told = async (): Promise<unknown> => (await askTls(program.https, { host: 'a.test' })).headers['alt-svc']
    await until(async () => (await told()) === 'clear', PATIENCE)
    await until(
      () => Promise.resolve(!readFileSync(`${program.state}/private/nginx.conf`, 'utf8').includes(' quic')),
      PATIENCE,
    )
    await until(async () => canBind(program.https), PATIENCE)
    settings({})
    await until(async () => (await told()) === undefined, PATIENCE)
    settings(on)
    await until(async () => (await told()) === 'h3=":443"; ma=3600', PATIENCE)
    await until(async () => (await askOnce('a.test').catch(() => undefined))?.status === 200, PATIENCE)
  }, 180_000)

  test('a reload ends connections, has their clients know at once, and takes new ones', async () => {
    const generation = program.generation()
    const idle = await open('a.test')
    const busy = await open('a.test')
    const answer = busy.ask({ path: '/never' }).then(
      () => 'answered',
      (error: unknown) => String(error),
    )
    await until(() => Promise.resolve(backend.questions().includes('/never')), PATIENCE)
    settings({ ...on, 'server-tokens': 'true' })
    await until(() => Promise.resolve(program.generation() > generation), PATIENCE)
    for (const opened of [idle, busy]) {
      await until(async () => {
        // Who has something to say is told.
        if ((await opened.ended()) === undefined) await opened.begin({ path: '/ping' }).catch(() => undefined)
        return (await opened.ended()) !== undefined
      }, PATIENCE)
    }
    expect(await answer).not.toBe('answered')
    await until(async () => {
      const reply = await askOnce('a.test').catch(() => undefined)
      return reply?.headers['server']?.startsWith('nginx/') === true
    }, PATIENCE)
  }, 180_000)
})

describe.each(engines.filter(({ facts }) => facts.http3))('HTTP/3 beside TLS passthrough, NGINX $version', (engine) => {
  test('a port that is taken is said, and TLS goes on; once it is free HTTP/3 begins, and hosts that are passed on are not shown', async () => {
    const program = await createProgram()
    const taken = createSocket('udp4')
    try {
      taken.bind(program.https, '0.0.0.0')
      await once(taken, 'listening')
      writeObjects(program.manifests, 'app', [
        main({
          'use-http3': 'true',
          'ssl-early-data': 'true',
          'ssl-session-tickets': 'true',
          'ssl-reject-handshake': 'true',
        }),
        service('echo'),
        slice('echo', [backend.port]),
        ingress('a', 'a.test', 'echo'),
        annotated('passed', 'passed.test', 'echo', { 'ssl-passthrough': 'true' }),
      ])
      await program.start(undefined, ['--enable-ssl-passthrough', '--nginx', engine.binary])
      await until(() => Promise.resolve(program.log().includes('another process has it')), PATIENCE)
      const reply = await askTls(program.https, { host: 'a.test' })
      expect([reply.status, reply.headers['alt-svc']]).toEqual([200, 'clear'])
      await new Promise<void>((resolve) => taken.close(resolve))
      const told = async (): Promise<unknown> => (await askTls(program.https, { host: 'a.test' })).headers['alt-svc']
      await until(async () => (await told()) === `h3=":${program.https}"; ma=3600`, PATIENCE)
      const connect = (serverName: string): Promise<Http3Connection | undefined> =>
        client.open(program.https, { serverName }).catch(() => undefined)
      await until(async () => (await connect('a.test')) !== undefined, PATIENCE)
      const connection = await client.open(program.https, { serverName: 'a.test' })
      expect((await connection.ask()).status).toBe(200)
      expect((await connection.ask({ authority: 'passed.test' })).status).toBe(421)
      const passed = await client.open(program.https, { serverName: 'passed.test' })
      expect((await passed.ask()).status).toBe(421)
      await until(async () => (await connection.earlyData()) >= 0, PATIENCE)
      expect(await connection.earlyData()).toBe(0)
      expect(program.log()).toContain('ssl-early-data')
      await expect(client.open(program.https, { serverName: 'nobody.test' })).rejects.toThrow('closed')
    } finally {
      await program.remove()
    }
  }, 180_000)
})

describe.each(engines.filter(({ facts }) => !facts.http3))('NGINX $version, which has no HTTP/3', (engine) => {
  test('says so, and serves the rest', async () => {
    const program = await createProgram()
    try {
      writeObjects(program.manifests, 'app', [
        main({ 'use-http3': 'true' }),
        service('echo'),
        slice('echo', [backend.port]),
        ingress('a', 'a.test', 'echo'),
      ])
      await program.start(undefined, ['--nginx', engine.binary])
      await until(() => Promise.resolve(program.log().includes('There is no HTTP/3')), PATIENCE)
      const reply = await askTls(program.https, { host: 'a.test' })
      expect([reply.status, reply.headers['alt-svc']]).toEqual([200, 'clear'])
    } finally {
      await program.remove()
    }
  }, 120_000)
})

function main(values: Readonly<Record<string, string>>): object {
  return mainConfigMap(values)
}

function data(name: string, values: Readonly<Record<string, string>>): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'test' }, data: values }
}

function opaque(name: string, stringData: Readonly<Record<string, string>>): object {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'test' }, stringData }
}

function atPath(object: object, path: string): object {
  return JSON.parse(JSON.stringify(object).replace('"path":"/"', `"path":"${path}"`)) as object // was one before
}

function logged(program: Program): readonly string[] {
  return readFileSync(`${program.state}/log/access.log`, 'utf8').split('\n')
}

/** Whether nobody has the UDP port. */
function canBind(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4')
    socket.once('error', () => {
      socket.close()
      resolve(false)
    })
    socket.bind(port, '0.0.0.0', () => socket.close(() => resolve(true)))
  })
}

function headersOverHttp(port: number, host: string): Promise<object> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, headers: { host }, agent: false }, (response) => {
      response.resume()
      response.on('end', () => resolve(response.headers))
    })
    asked.on('error', reject)
    asked.end()
  })
}

/** Headers as the backend got them, its URL and the body. */
function seenIn({ body }: Http3Reply): Readonly<Record<string, string | undefined>> {
  return JSON.parse(body) as Readonly<Record<string, string | undefined>> // our own backend
}

/** Answers with what it was asked; `/never` is not answered, `/connection` with headers that HTTP/3 does not know. */
async function startEcho(by: string): Promise<{
  readonly port: number
  questions(): readonly string[]
  upgrades(): number
  close(): void
}> {
  const questions: string[] = []
  let upgrades = 0
  const server = createServer((asked, answer) => {
    let body = ''
    questions.push(asked.url ?? '')
    asked.on('data', (bytes: Buffer) => (body += bytes.toString()))
    asked.on('end', () => {
      if (asked.url === '/never') return
      if (asked.url === '/connection') answer.setHeader('Upgrade', 'h2c').setHeader('Proxy-Connection', 'keep-alive')
      answer.end(JSON.stringify({ ...asked.headers, url: asked.url, body, by }))
    })
  })
  server.on('upgrade', (_, socket) => {
    upgrades += 1
    socket.destroy()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port, // it listens on TCP
    questions: () => questions,
    upgrades: () => upgrades,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
