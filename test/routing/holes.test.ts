import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createControlClient } from '../../src/apply/control-client.js'
import { formatOf } from '../../src/apply/lua-format.js'
import { digestBytes } from '../../src/apply/digest.js'
import type { Document, HostDocument } from '../../src/model/documents.js'
import { printPut, printRevision } from '../../src/plan/records.js'
import { get, sendRaw } from '../serve/clients.js'
import { ingress, secret, service, slice, writeObjects } from '../serve/manifests.js'
import { createProgram, type Program } from '../serve/program.js'
import { createAuthority } from '../support/certificates.js'
import { enginesForTests } from '../support/engine.js'

const format = formatOf(
  fileURLToPath(new URL('../../dist/lua', import.meta.url)),
  fileURLToPath(new URL('../../dist/streams/njs.js', import.meta.url)),
)

/** What one server block for all hosts would open, and the one function that closes each. */
describe.each((await enginesForTests()).map((engine) => ({ engine, name: engine.version })))(
  'on NGINX $name',
  ({ engine }) => {
    let program: Program
    let backend: Server
    let redirect = ''
    const connections: number[] = []

    beforeAll(async () => {
      program = await createProgram()
      backend = createServer((request, response) => {
        connections.push(request.socket.remotePort ?? 0)
        if (request.url === '/accel') response.setHeader('X-Accel-Redirect', redirect)
        response.end(request.url)
      })
      backend.keepAliveTimeout = 60_000
      await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve))
      const authority = createAuthority('holes')
      const hosts = ['a.test', 'b.test'].flatMap((host) => {
        const { chain, key } = authority.issue({ names: [host] })
        return [ingress(host, host, 'app', `${host}-tls`), secret(`${host}-tls`, chain, key)]
      })
      const strange = {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'Ingress',
        metadata: { name: 'strange', namespace: 'test' },
        spec: {
          ingressClassName: 'nginx',
          rules: [
            {
              host: 'plain.test',
              http: {
                paths: ['/', '/x\r\nX-Injected: 1/'].map((path) => ({
                  path,
                  pathType: 'Prefix',
                  backend: { service: { name: 'app', port: { number: 80 } } },
                })),
              },
            },
          ],
        },
      }
      const { port } = backend.address() as AddressInfo // it listens on TCP
      const config = {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'ingress-nginx-controller', namespace: 'ingress-nginx' },
        data: { 'worker-processes': '1' },
      }
      writeObjects(program.manifests, 'all', [...hosts, strange, config, service('app'), slice('app', [port])])
      await program.start(undefined, ['--nginx', engine.binary.replace(/\/usr\/sbin\/nginx$/, '')])
    })

    afterAll(async () => {
      await program.remove()
      backend.closeAllConnections()
      backend.close()
    })

    test.each(['TLSv1.2', 'TLSv1.3'] as const)(
      'a %s session resumes on its own host and on no other (sessionContext)',
      async (version) => {
        const session = await sessionOf(program.https, 'a.test', version)
        expect(await isResumed(program.https, 'a.test', version, session)).toBe(true)
        expect(await isResumed(program.https, 'b.test', version, session)).toBe(false)
      },
    )

    test('requests of different upstream identity never share a connection (poolKey)', async () => {
      const { port } = backend.address() as AddressInfo // it listens on TCP
      const documents: [string, Document][] = [
        ['u:shared', { key: 'shared', label: 'shared', addresses: ['127.0.0.1'], ports: [port] }],
        ['h:one.pool', hostOf('one.pool', 'identity-1')],
        ['h:two.pool', hostOf('two.pool', 'identity-2')],
      ]
      const records = documents.map(([key, document]) => {
        const content = JSON.stringify(document)
        return printPut({ key, digest: digestBytes(content), content })
      })
      const client = createControlClient(join(program.state, 'private', 'control.sock'), format)
      expect(await client.push([...records, printRevision(1000)].join(''), 0)).toMatchObject({ ok: true })
      await client.close()
      const used = async (host: string): Promise<number> => {
        connections.length = 0
        expect((await get(program.http, host, '/')).status).toBe(200)
        return connections[0] ?? 0
      }
      const one = await used('one.pool')
      const two = await used('two.pool')
      expect(two).not.toBe(one)
      expect(await used('one.pool')).toBe(one)
      expect(await used('two.pool')).toBe(two)
    })

    test('a decoded line end never becomes one in a header (escapePath)', async () => {
      const answer = await rawAnswer(program.http, '/x%0d%0aX-Injected:%201')
      expect(answer).toMatch(/^HTTP\/1\.1 301/)
      expect(answer).toContain('Location: http://plain.test/x%0D%0AX-Injected:%201/\r\n')
      expect(answer).not.toMatch(/^X-Injected/m)
    })

    // A profile of the frame is held by test/edge/frame.test.ts; this version of serve has none to enter.
    test('a backend cannot enter the counters by X-Accel-Redirect (takeTicket)', async () => {
      redirect = '@status'
      const { status, body } = await get(program.http, 'plain.test', '/accel')
      expect(status).toBe(403)
      expect(body).not.toContain('Active connections')
    })

    test('a path in X-Accel-Redirect is routed anew, with its slashes merged (REQ-4)', async () => {
      redirect = '//x%0d%0aX-Injected:%201/y'
      expect((await get(program.http, 'plain.test', '/accel')).status).toBe(200)
    })

    test('smuggling shapes are refused by NGINX itself', async () => {
      const head = 'POST / HTTP/1.1\r\nHost: plain.test\r\n'
      for (const bytes of [
        `${head}Host: a.test\r\n\r\n`,
        `${head}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
        `${head}Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde`,
        'GET / HTTP/1.1\r\n\r\n',
        'GET /%zz HTTP/1.1\r\nHost: plain.test\r\n\r\n',
        'GET /../x HTTP/1.1\r\nHost: plain.test\r\n\r\n',
      ]) {
        expect(await sendRaw(program.http, bytes), bytes).toMatch(/^HTTP\/1\.1 400 /)
      }
      expect(await sendRaw(program.http, `GET /${'a'.repeat(16_000)} HTTP/1.1\r\nHost: plain.test\r\n\r\n`)).toMatch(
        / 414 /,
      )
    })
  },
)

function hostOf(name: string, pool: string): HostDocument {
  const root = { path: '/', match: 'prefix', action: { kind: 'proxy', upstream: 'shared', pool } } as const
  return { name, paths: { kind: 'literal', exact: {}, prefix: {}, lengths: [] }, root }
}

function options(port: number, servername: string, version: 'TLSv1.2' | 'TLSv1.3'): ConnectionOptions {
  return { host: '127.0.0.1', port, servername, rejectUnauthorized: false, minVersion: version, maxVersion: version }
}

/** The session that the server hands out; with TLS 1.3 it comes after the first answer. */
function sessionOf(port: number, name: string, version: 'TLSv1.2' | 'TLSv1.3'): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket: TLSSocket = connect(options(port, name, version))
    socket.on('session', (session: Buffer) => {
      resolve(session)
      socket.end()
    })
    socket.on('secureConnect', () => socket.write(`GET / HTTP/1.1\r\nHost: ${name}\r\n\r\n`))
    socket.on('data', () => undefined)
    socket.on('error', reject)
  })
}

function isResumed(port: number, name: string, version: 'TLSv1.2' | 'TLSv1.3', session: Buffer): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect({ ...options(port, name, version), session })
    socket.on('secureConnect', () => {
      resolve(socket.isSessionReused())
      socket.end()
    })
    socket.on('error', reject)
  })
}

/** The whole head of an answer, byte for byte. */
async function rawAnswer(port: number, target: string): Promise<string> {
  const { connect: open } = await import('node:net')
  return new Promise((resolve, reject) => {
    const socket = open(port, '127.0.0.1', () =>
      socket.write(`GET ${target} HTTP/1.1\r\nHost: plain.test\r\nConnection: close\r\n\r\n`),
    )
    let received = ''
    socket.on('data', (data: Buffer) => (received += data.toString('latin1')))
    socket.on('error', reject)
    socket.on('close', () => resolve(received))
  })
}
