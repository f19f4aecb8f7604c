import { createServer as createHttp, type IncomingMessage, type Server } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import { createServer as createTls } from 'node:https'
import { connect as connectTcp, type Socket } from 'node:net'
import { connect } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAuthority } from '../support/certificates.js'
import { enginesForTests } from '../support/engine.js'
import { get } from './clients.js'
import { listen } from './listen.js'
import { annotated, ingress, mainConfigMap, secret, service, slice, writeObjects } from './manifests.js'
import { createProgram, isAlive, type Program, until } from './program.js'
import { askTls } from './tls-clients.js'

const PATIENCE = 30_000
const PASSED = { 'ssl-passthrough': 'true' }

describe.each(await enginesForTests())('TLS passthrough through NGINX $version', (engine) => {
  let program: Program
  const ends: (() => void)[] = []
  const friends = createAuthority('Friends')
  const backends = { tls: 0, other: 0, plain: 0 }

  const passed = (port: number | undefined): void =>
    writeObjects(program.manifests, 'passed', [
      annotated('passed', 'passed.test', 'passed', { ...PASSED, 'server-alias': 'alias.test' }),
      service('passed'),
      slice('passed', port === undefined ? [] : [port]),
    ])

  beforeAll(async () => {
    const start = async (server: Server): Promise<number> => {
      ends.push(() => server.close())
      return listen(server)
    }
    const secure = (name: string): Server => {
      const { certificate, key } = createAuthority('Backends').issue({ names: ['passed.test'] })
      return createTls({ cert: certificate, key }, (asked, answer) => answer.end(describeRequest(name, asked)))
    }
    backends.tls = await start(secure('its own TLS'))
    backends.other = await start(secure('another TLS'))
    backends.plain = await start(createHttp((asked, answer) => answer.end(JSON.stringify(asked.headers))))
    const leaf = friends.issue({ names: ['plain.test'] })
    program = await createProgram()
    passed(backends.tls)
    writeObjects(program.manifests, 'app', [
      ingress('plain', 'plain.test', 'plain', 'plain'),
      secret('plain', leaf.certificate, leaf.key),
      annotated('local', 'local.test', 'plain', { 'allowlist-source-range': '127.0.0.1/32' }),
      annotated('members', 'members.test', 'plain', { 'auth-tls-secret': 'test/ca', 'auth-tls-verify-client': 'on' }),
      { ...secret('ca', '', ''), type: 'Opaque', stringData: { 'ca.crt': friends.certificate } },
      annotated('wild', '*.wild.test', 'plain', PASSED),
      annotated('nothing', 'nothing.test', 'missing', PASSED),
      withPath(annotated('deep', 'deep.test', 'plain', PASSED), '/deep'),
      service('plain'),
      slice('plain', [backends.plain]),
    ])
    await program.start(undefined, ['--enable-ssl-passthrough', '--nginx', engine.binary])
  }, 60_000)

  afterAll(async () => {
    await program?.remove()
    for (const end of ends) end()
  })

  const ask = (host: string, serverName = host): Promise<string> =>
    askTls(program.https, { host, serverName }).then(
      ({ status, body }) => (status === 200 ? body : String(status)),
      () => 'closed',
    )
  const becomes = (host: string, answer: string): Promise<void> =>
    until(async () => (await ask(host)) === answer, PATIENCE)

  test('PT-2 PT-4: the client meets the certificate of the backend, which gets nothing but TLS', async () => {
    expect(await subject(program.https, 'passed.test')).toContain('passed.test')
    expect(await ask('passed.test')).toBe('its own TLS passed.test')
    expect(await ask('passed.test', 'PASSED.TEST')).toBe('its own TLS passed.test')
  })

  test('PT-4: without a name, or with another one, TLS is ended here', async () => {
    for (const serverName of ['', 'unknown.test']) {
      const { status, body } = await askTls(program.https, { host: 'plain.test', serverName })
      expect([status, JSON.parse(body)['x-forwarded-host']]).toEqual([200, 'plain.test'])
    }
    expect(await subject(program.https, 'plain.test')).toContain('plain.test')
  })

  test('PT-2: nobody sees the host by TLS that was ended here: other name, none, alias', async () => {
    for (const [host, serverName] of [
      ['passed.test', 'plain.test'],
      ['passed.test', ''],
      ['passed.test', 'unknown.test'],
      ['PASSED.test', 'plain.test'],
      ['passed.test.', 'plain.test'],
      ['passed.test:443', 'plain.test'],
      ['alias.test', 'alias.test'],
      ['alias.test', 'plain.test'],
    ] as const)
      expect([host, serverName, await ask(host, serverName)]).toEqual([host, serverName, '421'])
    expect(await ask('plain.test', 'passed.test')).toBe('its own TLS plain.test')
  })

  test('PT-2: a wildcard, and a host without a path /, are not passed on and not decrypted, which is said', async () => {
    expect([await ask('a.wild.test'), await ask('deep.test')]).toEqual(['421', '421'])
    for (const name of ['wild', 'deep'])
      expect(program.log()).toMatch(new RegExp(`Ingress test/${name} .*cannot be passed on.*\\[stream/not-passed\\]`))
  })

  test('PT-3: plain HTTP is served as ever', async () => {
    const { status, body } = await get(program.http, 'deep.test', '/deep')
    expect([status, JSON.parse(body)['x-forwarded-proto']]).toEqual([200, 'http'])
  })

  test('section 22: a missing Service closes the connection', async () => {
    expect(await ask('nothing.test')).toBe('closed')
  })

  test('other hosts are served as without it: address of the client, port, HTTP/2, client certificates', async () => {
    expect(JSON.parse(await ask('local.test'))).toMatchObject({
      'x-real-ip': '127.0.0.1',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'https',
      'x-forwarded-port': '443',
    })
    expect(await askHttp2(program.https, 'plain.test')).toBe(200)
    expect([await ask('members.test'), await ask('members.test', 'plain.test')]).toEqual(['400', '421'])
    const member = friends.issue({ names: ['member'], purpose: 'client' })
    const identity = { chain: member.certificate, key: member.key }
    expect(await askTls(program.https, { host: 'members.test', identity })).toMatchObject({ status: 200 })
  })

  test('what is no TLS is told so', async () => {
    expect(await raw(program.https, 'GET / HTTP/1.1\r\nHost: a.test\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /)
  })

  test('endpoints, and whether a host is passed on, change without a reload', async () => {
    const generation = program.generation()
    passed(backends.other)
    await becomes('passed.test', 'another TLS passed.test')
    passed(undefined)
    await becomes('passed.test', 'closed')
    writeObjects(program.manifests, 'passed', [
      ingress('passed', 'passed.test', 'plain'),
      annotated('later', 'later.test', 'passed', PASSED),
      service('passed'),
      slice('passed', [backends.tls]),
    ])
    await becomes('later.test', 'its own TLS later.test')
    await until(async () => (await ask('passed.test')).includes('"x-forwarded-host":"passed.test"'), PATIENCE)
    passed(backends.tls)
    await becomes('passed.test', 'its own TLS passed.test')
    expect(program.generation()).toBe(generation)
  })

  test('PT-1: another controller takes NGINX over without the flag, and one with it again; the port for HTTPS goes from one to the other', async () => {
    const nginx = program.nginx()
    for (const flags of [[], ['--enable-ssl-passthrough']]) {
      const pid = program.controller().pid ?? 0
      process.kill(pid, 'SIGKILL')
      await until(() => Promise.resolve(!isAlive(pid)), PATIENCE)
      await program.start(undefined, [...flags, '--nginx', engine.binary])
      const passes = flags.length > 0
      await until(async () => {
        const answers = await Promise.all(Array.from({ length: 10 }, () => ask('passed.test')))
        return answers.every((answer) => answer.startsWith('its own TLS') === passes)
      }, PATIENCE)
      expect(JSON.parse(await ask('plain.test'))).toMatchObject({ 'x-real-ip': '127.0.0.1' })
    }
    expect(program.nginx()).toBe(nginx)
  })

  test('with use-proxy-protocol the address in the PROXY header counts, and the passed-on backend gets no header', async () => {
    const data = { 'use-proxy-protocol': 'true' }
    const header = 'PROXY TCP4 192.0.2.9 192.0.2.1 1234 443\r\n'
    const proxied = (host: string): Promise<string> =>
      askBehind(program.https, host, header).catch((cause: unknown) => String(cause))
    writeObjects(program.manifests, 'config', [mainConfigMap(data)])
    await until(async () => {
      for (let i = 0; i < 20; i++) if (!(await proxied('plain.test')).includes('"x-real-ip":"192.0.2.9"')) return false
      return true
    }, PATIENCE)
    expect(await proxied('passed.test')).toContain('its own TLS passed.test')
    expect(await proxied('local.test')).toMatch(/^HTTP\/1\.1 403 /)
    expect(await ask('plain.test')).toBe('closed')
  })
})

function describeRequest(name: string, asked: IncomingMessage): string {
  return `${name} ${asked.headers.host ?? ''}`
}

function withPath(object: object, path: string): object {
  return JSON.parse(JSON.stringify(object).replace('"path":"/"', `"path":"${path}"`)) as object // the same with another text
}

/** Names in the certificate that is served. */
function subject(port: number, servername: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, servername, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().subjectaltname ?? '')
      socket.destroy()
    })
    socket.on('error', reject)
  })
}

function askHttp2(port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const session = connectHttp2(`https://127.0.0.1:${port}`, { servername: host, rejectUnauthorized: false })
    session.on('error', reject)
    const stream = session.request({ ':authority': host, ':path': '/' })
    stream.on('error', reject)
    stream.on('response', (headers) => {
      resolve(headers[':status'] ?? 0)
      session.destroy()
    })
    stream.end()
  })
}

/** Behind a proxy that says where the client is. */
function askBehind(port: number, host: string, header: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp(port, '127.0.0.1')
    socket.on('error', reject)
    socket.write(header, () => {
      const secure = connect({ socket, servername: host, rejectUnauthorized: false }, () =>
        secure.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`),
      )
      secure.on('error', reject)
      void textOf(secure).then(resolve)
    })
  })
}

function raw(port: number, text: string): Promise<string> {
  const socket = connectTcp(port, '127.0.0.1', () => socket.write(text))
  return textOf(socket)
}

function textOf(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    socket.on('data', (data) => (text += data.toString()))
    socket.on('error', () => resolve(text))
    socket.on('close', () => resolve(text))
  })
}
