import { execFile } from 'node:child_process'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { type ClientRequest, get as httpGet, request as httpRequest } from 'node:http'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ask } from '../support/admin-client.js'
import { startTestBackend, type TestBackend } from './backends.js'
import { get } from './clients.js'
import { annotated, ingress, secret, service, slice, writeObjects } from './manifests.js'
import { readMemory } from './memory.js'
import { createProgram, type Program, until } from './program.js'
import { freePort } from '../support/ports.js'
import { createAuthority } from '../support/certificates.js'

const bin = fileURLToPath(new URL('../../bin/fairlead', import.meta.url))
const run = promisify(execFile)
const PATIENCE = 60_000

let program: Program
let backend: TestBackend
let admin = 0
let token = ''

beforeAll(async () => {
  program = await createProgram()
  backend = await startTestBackend('app')
  const leaf = createAuthority('admin').issue({ names: ['secure.test'] })
  writeObjects(program.manifests, 'app', [
    ...Array.from({ length: 300 }, (_, i) => ingress(`app-${i}`, `app-${i}.test`, 'app')),
    annotated('pattern', 'pattern.test', 'app', { 'use-regex': 'true' }),
    ingress('secure', 'secure.test', 'app', 'leaf'),
    secret('leaf', leaf.chain, leaf.key),
    ingress('lost', 'lost.test', 'nowhere'),
    service('app'),
    slice('app', [backend.port]),
  ])
  admin = await freePort()
  await program.start(undefined, ['--admin-port', String(admin), '--enable-metrics'])
  token = readFileSync(join(program.state, 'private', 'admin.token'), 'utf8').trim()
})

afterAll(async () => {
  await program?.remove()
  backend?.close()
})

const withToken = (): { readonly authorization: string } => ({ authorization: `Bearer ${token}` })
/** A test that polls asks more often than anybody may, and is told to come back. */
const patiently = async (path: string): Promise<Awaited<ReturnType<typeof ask>>> => {
  for (;;) {
    const answer = await ask(admin, `/api/${path}`, { headers: withToken() })
    if (answer.status !== 429) return answer
    await sleep(100)
  }
}
const api = async <T>(path: string): Promise<T> => JSON.parse((await patiently(path)).body) as T // the test says what it expects
const post = (path: string, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
  ask(admin, `/api/${path}`, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  })

describe('who may look', () => {
  test('the token lies in the state folder for its owner only, and is in the URL that is printed', () => {
    const file = join(program.state, 'private', 'admin.token')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(token.length).toBeGreaterThan(40)
    expect(program.log()).toContain(`dashboard: http://127.0.0.1:${admin}/#token=${token}`)
  })

  test('without it there is the page and nothing else', async () => {
    expect((await ask(admin, '/')).status).toBe(200)
    for (const path of ['overview', 'routes', 'problems', 'events', 'nothing'])
      expect((await ask(admin, `/api/${path}`)).status).toBe(401)
    for (const wrong of ['', 'x', `${token}x`, token.slice(1)])
      expect((await ask(admin, '/api/overview', { headers: { authorization: `Bearer ${wrong}` } })).status).toBe(401)
    expect((await post('login', { token: 'guess' })).status).toBe(401)
    expect((await post('login', '{"token":')).status).toBe(401)
  })

  test('a browser that has shown it gets a cookie that no script and no other site can use', async () => {
    const { status, headers } = await post('login', { token })
    expect(status).toBe(200)
    const cookie = String(headers['set-cookie'])
    for (const word of ['HttpOnly', 'SameSite=Strict', 'Path=/']) expect(cookie).toContain(word)
    expect(cookie).not.toContain(token)
    const session = { cookie: cookie.split(';')[0] ?? '' }
    expect((await ask(admin, '/api/overview', { headers: session })).status).toBe(200)
    expect((await post('logout', {}, session)).status).toBe(200)
    expect((await ask(admin, '/api/overview', { headers: session })).status).toBe(401)
  })

  test('another site can cause nothing, whatever name it gives this port', async () => {
    const question = { url: 'http://app-1.test/' }
    const own = withToken()
    expect((await post('explain', question, { ...own, origin: 'http://evil.test' })).status).toBe(403)
    expect((await post('explain', question, { ...own, 'sec-fetch-site': 'cross-site' })).status).toBe(403)
    expect((await post('explain', question, { ...own, 'content-type': 'text/plain' })).status).toBe(415)
    expect((await ask(admin, '/', { headers: { host: 'evil.test' } })).status).toBe(421)
    expect((await ask(admin, '/api/overview', { method: 'DELETE', headers: own })).status).toBe(405)
    const origin = `http://127.0.0.1:${admin}`
    expect((await post('explain', question, { ...own, origin, 'sec-fetch-site': 'same-origin' })).status).toBe(200)
  })

  test('every answer forbids what the page does not need', async () => {
    for (const path of ['/', '/api/overview', '/nothing']) {
      const { headers } = await ask(admin, path)
      const policy = String(headers['content-security-policy'])
      for (const rule of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "form-action 'none'"])
        expect(policy).toContain(rule)
      expect(policy).not.toMatch(/unsafe|https?:|\*/)
      expect(headers['x-content-type-options']).toBe('nosniff')
      expect(headers['referrer-policy']).toBe('no-referrer')
      expect(headers['access-control-allow-origin']).toBeUndefined()
    }
    expect((await ask(admin, '/api/overview', { headers: withToken() })).headers['cache-control']).toBe('no-store')
  })

  test('no path of the disk can be asked for', async () => {
    for (const path of ['/../package.json', '/%2e%2e/package.json', '/assets/../../cli/main.js', '/index.html/..%2f'])
      expect((await ask(admin, path)).body).not.toContain('"name"')
  })
})

describe('what is shown', () => {
  interface Rows {
    readonly total: number
    readonly rows: readonly Readonly<Record<string, unknown>>[]
  }

  test('the overview counts what is served', async () => {
    expect(await api('overview')).toMatchObject({
      source: 'folder',
      health: { ready: true },
      counts: { ingresses: 303, services: 1, endpoints: 1, certificates: 1 },
      problems: { errors: 1 },
      nextExpiry: { name: 'test/leaf' },
    })
  })

  test('routes are searched and paged by the server', async () => {
    const all = await api<Rows>('routes?limit=10000')
    expect(all.rows).toHaveLength(200)
    expect(all.total).toBeGreaterThan(300)
    const found = await api<Rows>('routes?search=APP-17.%20test/app')
    expect(found).toMatchObject({
      total: 1,
      rows: [
        { host: 'app-17.test', path: '/', to: 'test/app/80', endpoints: 1, ingress: 'test/app-17', secure: false },
      ],
    })
    expect(await api('routes?search=app-17.&offset=5')).toMatchObject({ total: 1, rows: [], offset: 5 })
    expect(await api<Rows>('routes?search=lost.test')).toMatchObject({ rows: [{ endpoints: 0 }] })
  })

  test('routes are ordered by what they had to do in the last minute; a host and an Ingress say it too', async () => {
    interface Busy {
      readonly rows: readonly { readonly host: string; readonly live?: { readonly requestsPerSecond: number } }[]
    }
    let first: Busy['rows'][number] | undefined
    await until(async () => {
      await sleep(100)
      for (let i = 0; i < 20; i++) await get(program.http, 'app-250.test', '/')
      first = (await api<Busy>('routes?order=rate&limit=1')).rows[0]
      return first?.host === 'app-250.test'
    }, PATIENCE)
    expect(first?.live?.requestsPerSecond).toBeGreaterThan(0)
    expect(first?.live).toMatchObject({ serverErrorShare: 0, clientErrorShare: 0 })
    expect(await api('overview')).toMatchObject({
      traffic: { kind: 'counted', all: { requestsPerSecond: expect.any(Number) as number } },
    })
    const host = await api<Busy['rows'][number]>('hosts/app-250.test')
    expect(host).toMatchObject({ host: 'app-250.test', live: {}, routes: [{ to: 'test/app/80', live: {} }], more: 0 })
    expect(await api('ingresses/test/app-250')).toMatchObject({ rules: [{ host: 'app-250.test', live: {} }] })
    const panels = await api<{ readonly panels: readonly { readonly title: string }[] }>('traffic')
    expect(panels.panels.map(({ title }) => title)).toEqual(['Requests a second', 'Latency'])
    expect((await ask(admin, '/api/hosts/nobody.test', { headers: withToken() })).status).toBe(404)
  })

  test('Ingresses with their rules, and one in full', async () => {
    expect(await api<Rows>('ingresses?search=lost')).toMatchObject({
      total: 1,
      rows: [{ namespace: 'test', name: 'lost', class: 'nginx', rules: ['lost.test/ → nowhere:80'], errors: 1 }],
    })
    expect(await api('ingresses/test/secure')).toMatchObject({
      rules: [{ host: 'secure.test', path: '/', pathType: 'Prefix', endpoints: [`127.0.0.1:${backend.port}`] }],
      tls: [{ hosts: ['secure.test'], secret: 'leaf' }],
      problems: [],
    })
    expect((await ask(admin, '/api/ingresses/test/none', { headers: withToken() })).status).toBe(404)
  })

  test('problems by object, with the place in the file', async () => {
    const { rows } = await api<Rows>('problems?severity=error')
    expect(rows).toMatchObject([
      { kind: 'Ingress', name: 'lost', problems: [{ code: 'backend/service-not-found', severity: 'error', line: 1 }] },
    ])
  })

  test('certificates, and not a byte of their keys', async () => {
    const { body } = await patiently('certificates')
    expect(JSON.parse(body)).toMatchObject({
      total: 2,
      rows: expect.arrayContaining([
        expect.objectContaining({ secret: 'test/leaf', names: ['secure.test'], hosts: 1, isDefault: false }),
        expect.objectContaining({ secret: 'default', isDefault: true }),
      ]) as unknown,
    })
    expect(body).not.toContain('PRIVATE')
    expect(body).not.toContain('BEGIN')
  })

  test('a change is told to who listens, and in the timeline; a reload says why', async () => {
    const events = listen('/api/events')
    await until(async () => events.text().includes('event: state'), PATIENCE)
    writeObjects(program.manifests, 'later', [ingress('later', 'later.test', 'app')])
    await until(async () => events.text().includes('"hosts":305'), PATIENCE)
    events.request.destroy()
    interface Timeline {
      readonly entries: readonly { readonly kind: string; readonly text: string; readonly details: readonly string[] }[]
    }
    const pushes = (await api<Timeline>('timeline')).entries.filter(({ kind }) => kind === 'push')
    expect(pushes[0]?.details).toContain('h:later.test')
    writeFileSync(
      join(program.manifests, 'settings.json'),
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'ingress-nginx-controller', namespace: 'ingress-nginx' },
        data: { 'keep-alive-requests': '4321' },
      }),
    )
    await until(async () => {
      await sleep(100)
      const reload = (await api<Timeline>('timeline')).entries.find(({ kind }) => kind === 'reload')
      return reload?.details.some((line) => line.includes('4321')) === true
    }, PATIENCE)
  })
})

describe('explain, from the running one', () => {
  const offline = async (url: string, flags: readonly string[]) =>
    run(process.execPath, [bin, 'explain', url, '--manifests', program.manifests, ...ports(), ...flags])
  const ports = () => ['--http-port', String(program.http), '--https-port', String(program.https)]
  const live = async (url: string, flags: readonly string[], at = `http://127.0.0.1:${admin}/#token=${token}`) =>
    run(process.execPath, [bin, 'explain', url, '--admin', at, ...flags])

  test.each([
    ['https://secure.test/', ['--header', 'X-A: b', '--cookie', 'a=b']],
    ['http://pattern.test/anything', ['--json']],
    ['http://app-1.test/%', []],
  ])('%s %j: the same words as from manifests', async (url, flags) => {
    expect((await live(url, flags)).stdout).toBe((await offline(url, flags)).stdout)
  })

  test('a question that cannot be read, and a wrong token, are said', async () => {
    await expect(live('nonsense', [])).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('not a URL') })
    const wrong = live('http://app-1.test/', [], `http://127.0.0.1:${admin}/#token=wrong`)
    await expect(wrong).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('does not accept the token') })
  })
})

describe('clients that mean no good', () => {
  test('a body that is too large is refused, and so is what is no question', async () => {
    const own = withToken()
    expect((await post('explain', { url: 'x'.repeat(100_000) }, own)).status).toBe(413)
    for (const bad of ['', '[]', 'null', '{"url":7}', '{"url":"http://a.test/","headers":"X"}'])
      expect((await post('explain', bad, own)).status).toBe(400)
  })

  test('many that never finish asking, or never read, keep no change from going live', async () => {
    const sockets = Array.from({ length: 90 }, (_, i) => {
      const socket = connect(admin, '127.0.0.1')
      socket.on('error', () => undefined)
      const asked = `GET /api/${i % 2 === 0 ? 'events' : 'routes?limit=200'} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${token}\r\n`
      socket.write(i % 3 === 0 ? asked : `${asked}\r\n`)
      socket.pause()
      return socket
    })
    writeObjects(program.manifests, 'late', [ingress('late', 'late.test', 'app')])
    const isLive = () =>
      new Promise<boolean>((resolve) => {
        httpGet({ host: '127.0.0.1', port: program.http, headers: { host: 'late.test' } }, (response) => {
          response.resume()
          resolve(response.statusCode === 200)
        }).on('error', () => resolve(false))
      })
    await until(isLive, PATIENCE)
    for (const socket of sockets) socket.destroy()
    await until(async () => (await ask(admin, '/api/overview', { headers: withToken() })).status === 200, PATIENCE)
  })
})

test('who asks for much at once and takes nothing of it costs no memory', async () => {
  const page = await ask(admin, '/')
  const [, script = ''] = /src="\.(\/assets\/[^"]+)"/.exec(page.body) ?? []
  const before = readMemory(program).controller
  const many = `GET ${script} HTTP/1.1\r\nhost: localhost\r\n\r\n`.repeat(500)
  const sockets = await Promise.all(
    Array.from({ length: 60 }, () => {
      const socket = connect(admin, '127.0.0.1')
      socket.on('error', () => undefined)
      socket.pause()
      return new Promise<Socket>((resolve) => socket.write(many, () => resolve(socket)))
    }),
  )
  // What was sent before is read before.
  for (let i = 0; i < 3; i++)
    await until(async () => (await ask(admin, '/api/overview', { headers: withToken() })).status === 200, PATIENCE)
  // Kept, the answers were three gigabytes.
  expect(readMemory(program).controller - before).toBeLessThan(400)
  for (const socket of sockets) socket.destroy()
})

test('the page and all it needs are small, and come compressed', async () => {
  const page = await ask(admin, '/')
  const files = [...page.body.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map(([, file]) => `/${file ?? ''}`)
  expect(files.length).toBeGreaterThan(2)
  let bytes = 0
  for (const file of files) {
    const answer = await ask(admin, file, { headers: { 'accept-encoding': 'gzip' } })
    expect(answer.status).toBe(200)
    bytes += answer.bytes
    const again = await ask(admin, file, { headers: { 'if-none-match': String(answer.headers['etag']) } })
    expect(again.status).toBe(304)
  }
  expect(bytes).toBeLessThan(100_000)
})

/** What a stream of events has said so far. */
function listen(path: string): { readonly request: ClientRequest; text(): string } {
  let text = ''
  const request = httpRequest({ host: '127.0.0.1', port: admin, path, headers: withToken() }, (response) => {
    response.on('data', (bytes: Buffer) => (text += bytes.toString()))
    response.on('error', () => undefined)
  })
  request.on('error', () => undefined)
  request.end()
  return { request, text: () => text }
}
