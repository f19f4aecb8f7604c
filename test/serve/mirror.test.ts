import { request } from 'node:http'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fetchedPrefixes } from '../../src/apply/engine/find.js'
import { startTestBackend, type TestBackend } from './backends.js'
import { ingress, service, slice, writeObjects } from './manifests.js'
import { startMirror, type MirrorServer } from './mirror-target.js'
import { createProgram, until, type Program } from './program.js'
import { freePort } from '../support/ports.js'

/** Those of engine/fetch; without one, the NGINX that Fairlead finds. */
const fetched = await fetchedPrefixes(process.env)

describe.each(fetched.length === 0 ? [''] : fetched)('mirroring by %s', (engine) => {
  let program: Program
  let backend: TestBackend
  const mirrors: MirrorServer[] = []

  beforeEach(async () => {
    program = await createProgram()
    backend = await startTestBackend('one')
  })

  afterEach(async () => {
    await program.remove()
    backend.close()
    for (const mirror of mirrors.splice(0)) mirror.close()
  })

  async function mirrorServer(kind: 'http' | 'https', manner: 'answering' | 'silent'): Promise<MirrorServer> {
    const mirror = await startMirror(kind, manner)
    mirrors.push(mirror)
    return mirror
  }

  async function start(annotations: Readonly<Record<string, string>>): Promise<void> {
    const mirrored = ingress('app', 'app.test', 'app') as { metadata: object } // made by us
    const prefixed = Object.entries(annotations).map(([name, value]) => [`nginx.ingress.kubernetes.io/${name}`, value])
    const metadata = { ...mirrored.metadata, annotations: Object.fromEntries(prefixed) }
    writeObjects(program.manifests, 'app', [{ ...mirrored, metadata }, service('app'), slice('app', [backend.port])])
    await program.start(undefined, engine === '' ? [] : ['--nginx', engine])
  }

  test('MIR-1 MIR-2 MIR-4: a copy has method, target, headers and body of its request, and the Host of the mirror', async () => {
    const mirror = await mirrorServer('http', 'answering')
    await start({ 'mirror-target': `http://127.0.0.1:${mirror.port}$request_uri` })
    const body = '\0\xff\r\n'.repeat(100_000)
    const answer = await ask(program.http, 'POST', '/a%20b?c=d', { 'x-own': 'e', te: 'trailers' }, body)
    expect(answer).toEqual({ status: 200, body: 'one' })
    await until(() => Promise.resolve(mirror.received.length === 1), 20_000)
    const [copy] = mirror.received
    expect(copy).toMatchObject({ method: 'POST', target: '/a%20b?c=d' })
    expect(copy?.headers).toMatchObject({ host: `127.0.0.1:${mirror.port}`, 'x-own': 'e', connection: 'close' })
    expect(copy?.headers['te']).toBeUndefined()
    expect(copy?.body === body).toBe(true)
    // A chunked body, and a request without one.
    await ask(program.http, 'PUT', '/chunked', { 'transfer-encoding': 'chunked' }, 'abc')
    await ask(program.http, 'GET', '/plain', {}, undefined)
    await until(() => Promise.resolve(mirror.received.length === 3), 20_000)
    expect(mirror.received.slice(1).map((one) => [one.method, one.target, one.body])).toEqual([
      ['PUT', '/chunked', 'abc'],
      ['GET', '/plain', ''],
    ])
    expect(program.generation()).toBe(1)
  })

  test('MIR-2 MIR-4: over TLS, under another name, without the body', async () => {
    const mirror = await mirrorServer('https', 'answering')
    await start({
      'mirror-target': `https://127.0.0.1:${mirror.port}/there`,
      'mirror-host': 'mirror.test',
      'mirror-request-body': 'off',
    })
    expect((await ask(program.http, 'POST', '/here', {}, 'body')).status).toBe(200)
    await until(() => Promise.resolve(mirror.received.length === 1), 20_000)
    expect(mirror.received[0]).toMatchObject({ method: 'POST', target: '/there', body: '' })
    expect(mirror.received[0]?.headers.host).toBe('mirror.test')
  })

  test('better than MIR-3: a mirror that never answers, and one that is not there, are nothing to a client; copies beyond the bound are dropped', async () => {
    const silent = await mirrorServer('http', 'silent')
    const nobody = await freePort()
    await start({
      'mirror-target': `http://127.0.0.1:${silent.port}$request_uri`,
      'mirror-targets': `http://127.0.0.1:${nobody}$request_uri`,
    })
    // No copy is answered before the last client has its answer.
    const answers = await Promise.all(
      Array.from({ length: 12 }, async () => {
        const statuses = []
        for (let i = 0; i < 40; i++) statuses.push((await ask(program.http, 'POST', '/', {}, 'body')).status)
        return statuses
      }),
    )
    expect(new Set(answers.flat())).toEqual(new Set([200]))
    // Copies are made after the answers: the last are still on their way.
    await until(async () => {
      const { dropped, failed } = await mirrorCounts(program)
      return dropped > 0 && failed > 0
    }, 20_000)
    await until(() => Promise.resolve(silent.received.length > 50), 20_000)
  })

  test('a share of the requests is copied, chosen for each', async () => {
    const mirror = await mirrorServer('http', 'answering')
    await start({ 'mirror-target': `http://127.0.0.1:${mirror.port}`, 'mirror-percent': '30' })
    for (let i = 0; i < 300; i++) await ask(program.http, 'GET', '/', {}, undefined)
    await until(async () => (await mirrorCounts(program)).sent === mirror.received.length, 20_000)
    // Within five standard deviations of 90.
    expect(mirror.received.length).toBeGreaterThan(50)
    expect(mirror.received.length).toBeLessThan(130)
  })
})

interface Counts {
  readonly sent: number
  readonly failed: number
  readonly dropped: number
}

function mirrorCounts(program: Program): Promise<Counts> {
  return new Promise((resolve, reject) => {
    const socketPath = join(program.state, 'private', 'control.sock')
    const asked = request({ socketPath, path: '/v1/status' }, (answer) => {
      let text = ''
      answer.on('data', (bytes: Buffer) => (text += bytes.toString()))
      answer.on('end', () => resolve((JSON.parse(text) as { mirror: Counts }).mirror)) // our own edge's
    })
    asked.on('error', reject)
    asked.end()
  })
}

function ask(
  port: number,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: string | undefined,
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const all = { host: 'app.test', ...headers }
    const asked = request({ host: '127.0.0.1', port, method, path, headers: all, agent: false }, (response) => {
      let text = ''
      response.on('data', (bytes: Buffer) => (text += bytes.toString()))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }))
      response.on('error', reject)
    })
    asked.on('error', reject)
    asked.end(body === undefined ? undefined : Buffer.from(body, 'latin1'))
  })
}
