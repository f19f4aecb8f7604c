import type { ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { createServer, request, type IncomingHttpHeaders, type Server } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { luaForWorkers } from '../../src/apply/lua-for-workers.js'
import { findWorkerUser } from '../../src/apply/worker-user.js'
import { printFrame } from '../../src/frame/frame.js'
import { enginesForTests } from '../support/engine.js'
import { passwordVectors } from '../support/password-vectors.js'
import {
  buildLua,
  createInput,
  createRunFolder,
  removeFolder,
  snapshotText,
  startConfig,
  stop,
} from './frame-engine.js'

let luaFolder: string
let lua: string
let backend: Server
let backendPort = 0

beforeAll(async () => {
  luaFolder = await createRunFolder()
  lua = await buildLua(luaFolder)
  // As in a home of root's: workers that run as another user may not read it.
  await chmod(luaFolder, 0o700)
  backend = createServer((incoming, outgoing) => {
    if (incoming.url === '/sent-on') outgoing.setHeader('X-Accel-Redirect', '/other/file')
    if (incoming.url === '/sent-away') outgoing.setHeader('X-Accel-Redirect', '/plain')
    incoming.resume().on('end', () => outgoing.end(JSON.stringify(incoming.headers)))
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

/** bcrypt of cost 10: tens of milliseconds of a processor. */
const SLOW = '$2y$10$abcdefghijklmnopqrstuuqflPDzB6gcMhKa1rZqKiun2YGL5sa2u'

describe.each(await enginesForTests())('logins on NGINX $version', (engine) => {
  let folder: string
  let child: ChildProcess | undefined
  let port = 0

  beforeEach(async () => {
    folder = await createRunFolder()
  })

  afterEach(async () => {
    if (child !== undefined) await stop(child)
    await removeFolder(folder)
  })

  /** `/` needs a login of `users`, `/other` one of `others`, `/digest` one by digest; `/plain` none. */
  async function start(
    users: Readonly<Record<string, string>>,
    {
      workers = 1,
      threads = true,
      others = {},
      change = (text: string): string => text,
    }: { workers?: number; threads?: boolean; others?: object; change?: (frame: string) => string } = {},
  ): Promise<void> {
    const places = { lua, luaPackagePath: engine.luaPackagePath }
    const files = { lua: join(folder, 'lua'), frame: join(folder, 'nginx.conf') }
    const { lua: ours, luaPackagePath } = luaForWorkers(files, places, findWorkerUser()).places
    const facts = { ...engine.facts, threads }
    const input = await createInput({ ...engine, luaPackagePath, facts }, ours, folder, {
      workers: { processes: workers, shutdownTimeoutSeconds: 10 },
    })
    await writeFile(input.paths.snapshot, snapshotText(input.format, documents(users, others)))
    port = input.listeners.httpPort
    child = await startConfig(engine, folder, change(printFrame(input)), input.paths.controlSocket)
  }

  const ask = (options: Asking = {}): Promise<Answer> => get(port, options)
  const login = (user: string, password: string, path = '/', from?: string): Promise<Answer> =>
    ask({ path, from, authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` })
  const errors = (): Promise<string> => readFile(join(folder, 'error.log'), 'utf8')

  test('BAS-3: every kind of hash lets its password in, and no other', async () => {
    const vectors = passwordVectors.filter(([, , hash]) => hash.length === Buffer.byteLength(hash))
    await start(Object.fromEntries(vectors.map(([, , hash], i) => [`user${i}`, hash])))
    const seen = []
    for (const [i, [kind, password]] of vectors.entries()) {
      const { status } = await login(`user${i}`, password)
      const again = await login(`user${i}`, password)
      const wrong = await login(`user${i}`, `${password}x`.slice(kind === 'DES' ? -1 : 0))
      seen.push([kind, password, status, again.status, wrong.status])
    }
    expect(seen, await errors()).toEqual(vectors.map(([kind, password]) => [kind, password, 200, 200, 401]))
    expect(await errors()).not.toContain('no thread can make them')
  })

  test('BAS-3: and without threads', async () => {
    await start({ ann: SLOW }, { threads: false })
    expect((await login('ann', 'secret')).status).toBe(200)
    expect((await login('ann', 'wrong')).status).toBe(401)
  })

  test('BAS-4 BAS-6: the page says what is missing; the backend does not see the login, the log has its user', async () => {
    await start({ ann: SLOW })
    const refused = await ask()
    expect(refused.status).toBe(401)
    expect(refused.headers['www-authenticate']).toBe('Basic realm="Members only"')
    expect(refused.body).toContain('401 Authorization Required')
    const { status, body } = await login('ann', 'secret', '/?x')
    expect([status, JSON.parse(body)]).toEqual([200, expect.not.objectContaining({ authorization: expect.anything() })])
    await until(async () => /- ann \[.*"GET \/\?x HTTP/.test(await readFile(join(folder, 'access.log'), 'utf8')))
  })

  test('a request that a backend sends on has to be let in again, by what the client sent', async () => {
    await start({ ann: SLOW, bob: SLOW }, { others: { ann: SLOW } })
    const without = expect.not.objectContaining({ authorization: expect.anything() }) as unknown
    const { status, body } = await login('ann', 'secret', '/sent-on')
    expect([status, JSON.parse(body)]).toEqual([200, without])
    expect((await login('bob', 'secret', '/sent-on')).status).toBe(401)
    expect(JSON.parse((await login('bob', 'secret', '/sent-away')).body)).toEqual(without)
    await until(async () => /- ann \[.*"GET \/sent-on HTTP/.test(await readFile(join(folder, 'access.log'), 'utf8')))
  })

  test('users that are not there close the route', async () => {
    await start({})
    expect([await login('ann', 'x', '/missing'), await ask({ path: '/missing' })].map(statusOf)).toEqual([503, 503])
    expect((await ask({ path: '/missing-digest' })).status).toBe(503)
  })

  test('a hash that libcrypt does not know closes the route for its user', async () => {
    await start({ ann: '$9$abc$def', bob: '{SHA}short' })
    expect([await login('ann', 'x'), await login('bob', 'x'), await login('eve', 'x')].map(statusOf)).toEqual([
      503, 503, 401,
    ])
  })

  test('headers of any size and bytes are answered, and nobody comes in by them', async () => {
    await start({ ann: '$1$saltsalt$9xy1btjgzLYfb7hivXtC//' })
    const long = Buffer.from(`ann:secret${'x'.repeat(5000)}`).toString('base64')
    const seen = []
    for (const authorization of [
      `Basic ${long}`,
      `Basic ${'='.repeat(5000)}`,
      'Basic \xff\xfe',
      `Basic ${'A'.repeat(9)}`,
    ])
      seen.push((await ask({ authorization })).status)
    expect(seen).toEqual([401, 401, 401, 401])
    // Beyond NGINX's buffers for headers.
    expect((await ask({ authorization: `Basic ${'A'.repeat(60_000)}` })).status).toBe(400)
    const twice = [BASIC, 'Basic eDp4']
    expect(await rawStatus(port, twice)).toBe(400)
    expect(await rawStatus(port, twice.toReversed())).toBe(400)
    expect(await rawStatus(port, [BASIC])).toBe(200)
  })

  test('a flood of wrong passwords holds up nobody who has logged in before, nor another route, nor another Secret', async () => {
    await start({ ann: SLOW }, { others: { bob: SLOW } })
    expect((await login('ann', 'secret')).status).toBe(200)
    const answered: string[] = []
    const told = (name: string) => (answer: Answer) => {
      answered.push(name)
      return answer
    }
    const flood = Array.from({ length: 8 }, (_, i) => login('ann', `wrong ${i}`).then(told('flood')))
    await until(async () => (await login('ann', 'one too many')).status === 503)
    const other = login('bob', 'secret', '/other', '127.0.0.2').then(told('other'))
    for (let i = 0; i < 10; i++) expect((await ask({ path: '/plain' })).status).toBe(200)
    answered.push('plain')
    for (let i = 0; i < 10; i++) expect((await login('ann', 'secret')).status).toBe(200)
    answered.push('known')
    expect([...(await Promise.all(flood)), await other].map(statusOf)).toEqual([...flood.map(() => 401), 200])
    const last = answered.lastIndexOf('flood')
    expect(answered.indexOf('plain'), answered.join(' ')).toBeLessThan(last)
    expect(answered.indexOf('known'), answered.join(' ')).toBeLessThan(last)
    expect(answered.indexOf('other'), answered.join(' ')).toBeLessThan(last)
  })

  test('whoever is one too many may come again; who asks the same waits for the same', async () => {
    await start({ ann: SLOW })
    const same = await Promise.all(Array.from({ length: 40 }, () => login('ann', 'secret')))
    expect(same.map(statusOf)).toEqual(same.map(() => 200))
    const many = await Promise.all(Array.from({ length: 40 }, (_, i) => login('ann', `wrong ${i}`)))
    const later = many.filter(({ status }) => status === 503)
    expect(many.filter(({ status }) => status === 401).length + later.length).toBe(40)
    expect(later.length).toBeGreaterThan(0)
    expect(later.map(({ headers }) => headers['retry-after'])).toEqual(later.map(() => '1'))
    await until(async () => (await login('ann', 'wrong again')).status === 401)
    expect((await login('ann', 'secret')).status).toBe(200)
  })

  test('a wrong password costs one hash, however often it is sent', async () => {
    await start({ ann: SLOW })
    expect((await login('ann', 'wrong')).status).toBe(401)
    const flood = Array.from({ length: 8 }, (_, i) => login('ann', `wrong ${i}`))
    await until(async () => (await login('ann', 'one too many')).status === 503)
    // There is no place in the queue, and none is needed.
    expect((await login('ann', 'wrong')).status).toBe(401)
    await Promise.all(flood)
  })

  test('BAS-7: a digest counts once, for its request, by every worker', async () => {
    await start({}, { workers: 2 })
    const { status, headers } = await ask({ path: '/digest' })
    const challenge = headers['www-authenticate'] ?? ''
    expect([status, challenge]).toEqual([
      401,
      expect.stringMatching(/^Digest realm="Members only", qop="auth", nonce="[^"]+", algorithm=MD5$/),
    ])
    const digest = digestFor(challenge)
    const seen = async (count: number, changes: Partial<DigestRequest> = {}): Promise<string> => {
      const { path = '/digest', ...rest } = changes
      const { status, headers } = await ask({ path, authorization: digest(count, { path, ...rest }) })
      return `${status}${headers['www-authenticate']?.includes('stale=true') === true ? ' stale' : ''}`
    }
    expect(await seen(1)).toBe('200')
    expect(await seen(1)).toBe('401 stale')
    expect(await seen(3, { path: '/digest/deeper?x=%20y' })).toBe('200')
    expect(await seen(2)).toBe('200')
    expect(await seen(2)).toBe('401 stale')
    expect(await seen(0)).toBe('401 stale')
    expect(await seen(4, { password: 'wrong' })).toBe('401')
    expect(await seen(4, { uri: '/digest/other' })).toBe('401')
    expect(await seen(4, { method: 'POST' })).toBe('401')
    expect(await seen(4, { nonce: `${challenge.split('"')[5] ?? ''}x` })).toBe('401 stale')
    expect(await seen(100)).toBe('200')
    expect(await seen(5)).toBe('401 stale')
    const { body } = await ask({ path: '/digest', authorization: digest(101, {}) })
    expect(JSON.parse(body)).toEqual(expect.not.objectContaining({ authorization: expect.anything() }))
  })

  test('BAS-7: without memory for another nonce nobody logs in by it, nor twice by one that counted, and that is said', async () => {
    await start({}, { change: (text) => text.replace(/fairlead_nonces \w+;/, 'fairlead_nonces 16k;') })
    const logIn = async (): Promise<(count: number) => Promise<number>> => {
      const digest = digestFor((await ask({ path: '/digest' })).headers['www-authenticate'] ?? '')
      return async (count) => (await ask({ path: '/digest', authorization: digest(count, {}) })).status
    }
    const first = await logIn()
    expect(await first(1)).toBe(200)
    let number = 1
    for (let status = 200; status === 200 && number < 10_000; number += 1) {
      status = await (await logIn())(1)
      expect([200, 503]).toContain(status)
    }
    expect(number).toBeGreaterThan(5)
    expect(number).toBeLessThan(10_000)
    expect([401, 503]).toContain(await first(1))
    expect(await errors()).toContain('cannot be remembered: no memory')
  })

  test('BAS-7: many requests side by side, each once', async () => {
    await start({}, { workers: 2 })
    const digest = digestFor((await ask({ path: '/digest' })).headers['www-authenticate'] ?? '')
    const counts = Array.from({ length: 16 }, (_, i) => i + 1).flatMap((count) => [count, count])
    const answers = await Promise.all(counts.map((count) => ask({ path: '/digest', authorization: digest(count, {}) })))
    expect(answers.filter(({ status }) => status === 200).length).toBe(16)
  })
})

const BASIC = `Basic ${Buffer.from('ann:secret').toString('base64')}`

function statusOf({ status }: Answer): number {
  return status
}

async function until(fact: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 20_000; !(await fact()); await sleep(5))
    if (Date.now() > end) throw new Error('it did not come true')
}

/** The status of a request with several lines of Authorization. */
async function rawStatus(port: number, authorizations: readonly string[]): Promise<number> {
  const socket = connect(port, '127.0.0.1')
  const lines = authorizations.map((value) => `Authorization: ${value}\r\n`).join('')
  socket.write(`GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n${lines}\r\n`)
  let text = ''
  for await (const bytes of socket) text += String(bytes)
  return Number(text.split(' ')[1])
}

interface DigestRequest {
  readonly path: string
  readonly uri: string
  readonly method: string
  readonly password: string
  readonly nonce: string
}

/** As a client answers a challenge (RFC 2617, 3.2.2). */
function digestFor(challenge: string): (count: number, changes: Partial<DigestRequest>) => string {
  return (count, { path = '/digest', uri = path, method = 'GET', password = 'secret', ...rest }) => {
    const nonce = rest.nonce ?? /nonce="([^"]+)"/.exec(challenge)?.[1] ?? ''
    const nc = count.toString(16).padStart(8, '0')
    const ha1 = md5(`ann:Members only:${password}`)
    const response = md5(`${ha1}:${nonce}:${nc}:0a4f113b:auth:${md5(`${method}:${uri}`)}`)
    return `Digest username="ann", realm="Members only", nonce="${nonce}", uri="${uri}", qop=auth, nc=${nc}, cnonce="0a4f113b", response="${response}", algorithm=MD5`
  }
}

interface Asking {
  readonly path?: string
  readonly from?: string | undefined
  readonly authorization?: string
  readonly method?: string
}

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** On a connection of its own, so that any worker may get it. */
function get(port: number, { path = '/', from, authorization, method = 'GET' }: Asking): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { host: 'a.test', ...(authorization === undefined ? {} : { authorization }) }
    const local = from === undefined ? {} : { localAddress: from }
    const asked = request({ host: '127.0.0.1', port, agent: false, path, method, headers, ...local }, (answer) => {
      let body = ''
      answer.on('data', (bytes: Buffer) => (body += bytes.toString()))
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }))
      answer.on('error', reject)
    })
    asked.on('error', reject)
    asked.end()
  })
}

function documents(users: object, others: object): Readonly<Record<string, unknown>> {
  const action = { kind: 'proxy', upstream: 'ns/backend/80', pool: 'http' }
  const route = (path: string, features?: object): object => ({ path, match: 'prefix', action, features })
  const prefix = {
    '/plain': route('/plain'),
    '/other': route('/other', { basic: { users: 'others', realm: '' } }),
    '/digest': route('/digest', { digest: { users: 'digests', realm: 'Members only' } }),
    '/missing': route('/missing', { basic: { users: 'nobody has it', realm: '' } }),
    '/missing-digest': route('/missing-digest', { digest: { users: 'nobody has it', realm: '' } }),
  }
  const ha1 = md5('ann:Members only:secret')
  return {
    's:settings': { strictTransportSecurity: '', maxBodyBytes: 1_048_576, tries: 1 },
    'u:ns/backend/80': { key: 'ns/backend/80', label: 'b', addresses: ['127.0.0.1'], ports: [backendPort] },
    'a:users': { kind: 'users', users },
    'a:others': { kind: 'users', users: others },
    'a:digests': { kind: 'users', users: { 'ann:Members only': ha1 } },
    'h:a.test': {
      name: 'a.test',
      paths: { kind: 'literal', exact: {}, prefix, lengths: [15, 8, 7, 6] },
      root: route('/', { basic: { users: 'users', realm: 'Members only' } }),
    },
  }
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex')
}
