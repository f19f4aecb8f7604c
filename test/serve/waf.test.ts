import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { enginesForTests } from '../support/engine.js'
import { startLoad } from './clients.js'
import { startPages, type Pages } from './error-backends.js'
import { annotated, ingress, service, slice, writeObjects } from './manifests.js'
import { startMirror, type MirrorServer } from './mirror-target.js'
import { createProgram, until, type Program } from './program.js'
import { statusOf, statusOverHttp2, type Question } from './waf-clients.js'

const engines = await enginesForTests()

const PARTS = { 'content-type': 'multipart/form-data; boundary=xyz' }
const fileOf = (text: string): string =>
  `--xyz\r\nContent-Disposition: form-data; name="a"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\n${text}\r\n--xyz--\r\n`

const SQL = "1' OR 1=1-- "
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const JSON_BODY = { 'content-type': 'application/json' }
const CORE = { 'enable-modsecurity': 'true', 'enable-owasp-core-rules': 'true' }
const REFUSING = { ...CORE, 'modsecurity-mode': 'On' }
const sqlIn = (path: string): Question => ({ path: `${path}?id=${encodeURIComponent(SQL)}` })
const xss: Question = { path: `/?q=${encodeURIComponent('<script>alert(1)</script>')}` }

describe.each(engines)('a firewall in NGINX $version', (engine) => {
  let program: Program
  let app: MirrorServer
  let mirror: MirrorServer
  let pages: Pages
  const before = { modules: '', generation: 0, failed: [] as readonly string[] }

  beforeAll(async () => {
    app = await startMirror('http', 'answering')
    mirror = await startMirror('http', 'answering')
    pages = await startPages('pages')
    program = await createProgram()
    writeObjects(program.manifests, 'common', common())
    await program.start(undefined, ['--nginx', engine.binary])
    before.modules = modules()
    before.generation = program.generation()
    const load = startLoad(program.http, 2, () => ({ host: 'plain.test', body: /nobody reads this/ }))
    writeObjects(program.manifests, 'inspected', inspected())
    await answered('rotating.test', {}, 200)
    await answered('on.test', sqlIn('/'), 403)
    await load.stop()
    before.failed = load.count.failed
  }, 120_000)

  afterAll(async () => {
    await program?.remove()
    app?.close()
    mirror?.close()
    pages?.close()
  })

  function common(keys: Readonly<Record<string, string>> = {}): readonly object[] {
    return [
      ingress('plain', 'plain.test', 'app'),
      service('app'),
      slice('app', [app.port]),
      service('new'),
      slice('new', [app.port]),
      service('pages'),
      slice('pages', [pages.port]),
      service('nobody'),
      slice('nobody', []),
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'ingress-nginx-controller', namespace: 'ingress-nginx' },
        data: { 'use-forwarded-headers': 'true', ...keys },
      },
    ]
  }

  function inspected(rotating: Readonly<Record<string, string>> = {}): readonly object[] {
    return [
      annotated('on', 'on.test', 'app', { ...REFUSING, 'proxy-body-size': '20m' }),
      annotated('detecting', 'detecting.test', 'app', { ...CORE, 'modsecurity-transaction-id': 'seen-$request_id' }),
      annotated('bare', 'bare.test', 'app', { 'enable-modsecurity': 'true', 'modsecurity-mode': 'On' }),
      annotated('idle', 'idle.test', 'app', { 'enable-owasp-core-rules': 'true', 'modsecurity-mode': 'On' }),
      annotated('strict', 'strict.test', 'app', {
        ...REFUSING,
        'modsecurity-paranoia-level': '2',
        'modsecurity-inbound-anomaly-threshold': '3',
      }),
      annotated('lenient', 'lenient.test', 'app', { ...REFUSING, 'modsecurity-inbound-anomaly-threshold': '1000' }),
      annotated('methods', 'methods.test', 'app', { ...REFUSING, 'modsecurity-allowed-methods': 'GET,DELETE' }),
      annotated('rules', 'rules.test', 'app', { ...REFUSING, 'modsecurity-remove-rules': '942000-942999' }),
      annotated('tags', 'tags.test', 'app', { ...REFUSING, 'modsecurity-remove-tags': 'attack-xss' }),
      annotated('short', 'short.test', 'app', { ...REFUSING, 'modsecurity-request-body-limit': '1k' }),
      annotated('mirrored', 'mirrored.test', 'app', {
        ...REFUSING,
        'mirror-target': `http://127.0.0.1:${mirror.port}$request_uri`,
      }),
      annotated('limited', 'limited.test', 'app', { ...REFUSING, 'limit-connections': '1' }),
      annotated('rewritten', 'rewritten.test', 'app', { ...REFUSING, 'rewrite-target': '/elsewhere' }),
      annotated('main', 'canary.test', 'app', REFUSING),
      annotated('canary', 'canary.test', 'new', { canary: 'true', 'canary-weight': '100' }),
      annotated('paged', 'paged.test', 'app', {
        ...REFUSING,
        'custom-http-errors': '403',
        'default-backend': 'pages',
      }),
      annotated('stood-in', 'stood-in.test', 'nobody', { ...REFUSING, 'default-backend': 'pages' }),
      annotated('rotating', 'rotating.test', 'app', { ...CORE, ...rotating }),
    ]
  }

  const ask = (host: string, question: Question): Promise<number> => statusOf(program.http, host, question)

  function answered(host: string, question: Question, status: number): Promise<void> {
    return until(async () => (await ask(host, question)) === status, 60_000)
  }

  function modules(): string {
    return readFileSync(`/proc/${program.nginx()}/maps`, 'utf8')
  }

  function frame(): string {
    return readFileSync(join(program.state, 'private', 'nginx.conf'), 'utf8')
  }

  function errorLog(): string {
    return readFileSync(join(program.state, 'log', 'error.log'), 'utf8')
  }

  function reachedApp(path: string): number {
    return app.received.filter(({ target }) => target.startsWith(path)).length
  }

  test('nobody who has no firewall pays for one: the module is loaded with the first path that asks for it, by one reload', () => {
    expect(before.modules).not.toContain('modsecurity')
    expect(modules()).toContain('modsecurity')
    expect([before.generation, program.generation()]).toEqual([1, 2])
    if (engine.facts.keepaliveMinTimeout) expect(before.failed).toEqual([])
  })

  test.each<readonly [string, Question]>([
    ['SQL in the query', sqlIn('/attack')],
    ['SQL in a form', { path: '/attack', headers: FORM, body: `id=${encodeURIComponent(SQL)}` }],
    ['SQL in JSON', { path: '/attack', headers: JSON_BODY, body: JSON.stringify({ deep: [{ id: SQL }] }) }],
    [
      'SQL in a body whose end only its chunks tell',
      {
        path: '/attack',
        headers: { ...FORM, 'transfer-encoding': 'chunked' },
        body: `a=b&id=${encodeURIComponent(SQL)}`,
      },
    ],
    [
      'SQL at the end of a body that NGINX keeps in a file',
      { path: '/attack', headers: FORM, body: `a=${'b '.repeat(50_000)}&id=${encodeURIComponent(SQL)}` },
    ],
    ['a script in the query', { ...xss, path: `/attack${xss.path ?? ''}` }],
    ['a script in a cookie', { path: '/attack', headers: { cookie: 'a=<script>alert(1)</script>' } }],
    ['a scanner', { path: '/attack', headers: { 'user-agent': 'sqlmap/1.8' } }],
    ['a method that is not allowed', { path: '/attack', method: 'DELETE' }],
    ['merged slashes', sqlIn('//attack')],
    ['dots in the path', sqlIn('/./x/../attack')],
    ['a path in other letters', sqlIn('/%61ttack')],
  ])('MOD-1 MOD-3 MOD-4: core rules refuse %s, and no backend gets it', async (_, question) => {
    const count = app.received.length
    expect(await ask('on.test', question)).toBe(403)
    expect(app.received).toHaveLength(count)
  })

  test.each<readonly [string, Question]>([
    ['a request', { path: '/honest' }],
    ['a form', { path: '/honest', headers: FORM, body: 'name=Ann&text=good+day' }],
    ['JSON', { path: '/honest', headers: JSON_BODY, body: '{"name": "Ann"}' }],
    ['a file of 3 MB', { path: '/honest', headers: PARTS, body: fileOf('b'.repeat(3_000_000)) }],
  ])('core rules let %s pass, once and whole', async (_, question) => {
    const count = app.received.length
    expect(await ask('on.test', question)).toBe(200)
    expect(app.received.slice(count).map(({ body }) => body)).toEqual([question.body ?? ''])
  })

  test('what would be dear to inspect is refused: long bodies without files, many arguments, values that patterns try for ever', async () => {
    const refused = async (body: string): Promise<number> => ask('on.test', { path: '/dear', headers: FORM, body })
    expect(await refused(`a=${'b'.repeat(200_000)}`)).toBe(400)
    expect(await refused('a=b&'.repeat(2000))).toBe(400)
    expect(await refused(`a=${'<a href='.repeat(12_000)}`)).toBe(403)
    await until(() => Promise.resolve(/\[id "200005"\].*\[uri "\/dear"\]/.test(errorLog())), 30_000)
    expect(reachedApp('/dear')).toBe(0)
  })

  test('what the host is called and how it is asked makes no difference: HTTP/2, a final dot, a port, capitals', async () => {
    expect(await statusOverHttp2(program.https, 'on.test', { path: '/honest' })).toBe(200)
    expect(await statusOverHttp2(program.https, 'on.test', { body: `id=${encodeURIComponent(SQL)}` })).toBe(403)
    expect(await statusOverHttp2(program.https, 'on.test', sqlIn('/'))).toBe(403)
    for (const host of ['on.test.', `on.test:${program.http}`, 'ON.test']) expect(await ask(host, sqlIn('/'))).toBe(403)
  })

  test('MOD-2: without another mode it refuses nothing, and writes down what it found: once for each request', async () => {
    expect(await ask('detecting.test', sqlIn('/once'))).toBe(200)
    expect(reachedApp('/once')).toBe(1)
    const lines = (): readonly string[] =>
      errorLog()
        .split('\n')
        .filter((line) => line.includes('[uri "/once"]') && line.includes('[id "942100"]'))
    await until(() => Promise.resolve(lines().length > 0), 30_000)
    const found = lines()
    expect(found).toHaveLength(1)
    expect(found[0]).toMatch(/\[unique_id "seen-[0-9a-f]{32}"\]/)
    expect(found[0]).toMatch(/host: "detecting\.test"/)
  })

  test('the client is who asked the proxy in front, as for everything else', async () => {
    expect(await ask('on.test', { ...sqlIn('/from'), headers: { 'x-forwarded-for': '192.0.2.7' } })).toBe(403)
    await until(() => Promise.resolve(/\[client 192\.0\.2\.7\] ModSecurity: Access denied/.test(errorLog())), 30_000)
  })

  test('MOD-2 MOD-3: without core rules there are those of the engine: a body that cannot be read is refused', async () => {
    expect(await ask('bare.test', sqlIn('/'))).toBe(200)
    expect(await ask('bare.test', { headers: JSON_BODY, body: '{"name": ' })).toBe(400)
    expect(await ask('bare.test', { headers: JSON_BODY, body: '{"name": 1}' })).toBe(200)
    expect(await ask('idle.test', sqlIn('/'))).toBe(200)
  })

  test.each<readonly [string, string, Question, number]>([
    ['a level of paranoia and a threshold', 'strict.test', { path: '/?q=a%2541' }, 403],
    ['that are higher than the defaults', 'on.test', { path: '/?q=a%2541' }, 200],
    ['a threshold that nothing reaches', 'lenient.test', sqlIn('/'), 200],
    ['methods, one of the list', 'methods.test', { method: 'DELETE' }, 200],
    ['methods, another one', 'methods.test', { method: 'POST', body: 'x', headers: FORM }, 403],
    ['rules to leave out', 'rules.test', sqlIn('/'), 200],
    ['and none but those', 'rules.test', xss, 403],
    ['tags to leave out', 'tags.test', xss, 200],
    ['and none but those', 'tags.test', sqlIn('/'), 403],
    ['a limit of the body', 'short.test', { headers: FORM, body: `a=${'b'.repeat(2000)}` }, 403],
    ['and below it', 'short.test', { headers: FORM, body: `a=${'b'.repeat(500)}` }, 200],
    ['a rewritten path', 'rewritten.test', sqlIn('/'), 403],
    ['a canary', 'canary.test', sqlIn('/'), 403],
    ['a canary, an honest request', 'canary.test', {}, 200],
  ])('typed settings in place of raw rules: %s', async (_, host, question, status) => {
    expect(await ask(host, question)).toBe(status)
  })

  test('a refused request is not copied to a mirror; another is, with its body', async () => {
    expect(await ask('mirrored.test', { path: '/copied', headers: FORM, body: `id=${encodeURIComponent(SQL)}` })).toBe(
      403,
    )
    expect(await ask('mirrored.test', sqlIn('/copied'))).toBe(403)
    expect(await ask('mirrored.test', { path: '/copied', headers: FORM, body: 'a=b' })).toBe(200)
    await until(() => Promise.resolve(mirror.received.length > 0), 30_000)
    expect(mirror.received.map(({ body }) => body)).toEqual(['a=b'])
  })

  test('a refused request is over: it does not count among those under way', async () => {
    // A client may have its answer before the worker has taken the request off its count.
    for (let i = 0; i < 5; i++) await answered('limited.test', sqlIn('/'), 403)
    await answered('limited.test', {}, 200)
  })

  test('MOD-4: pages for refused requests are not inspected themselves', async () => {
    const count = app.received.length
    expect(await ask('paged.test', sqlIn('/'))).toBe(403)
    expect(pages.seen.at(-1)?.headers['x-original-uri']).toBe(sqlIn('/').path)
    expect(app.received).toHaveLength(count)
  })

  test('nobody stands in for a Service without endpoints: what stands in is not inspected', async () => {
    const count = pages.seen.length
    expect(await ask('stood-in.test', {})).toBe(503)
    expect(pages.seen).toHaveLength(count)
  })

  test('settings change by one reload, and no request fails', async () => {
    const generation = program.generation()
    expect(await ask('rotating.test', sqlIn('/'))).toBe(200)
    const load = startLoad(program.http, 2, () => ({ host: 'rotating.test', body: /nobody reads this/ }))
    writeObjects(
      program.manifests,
      'inspected',
      inspected({ 'modsecurity-mode': 'On', 'modsecurity-inbound-anomaly-threshold': '4' }),
    )
    await answered('rotating.test', sqlIn('/'), 403)
    await load.stop()
    expect(load.count.requests).toBeGreaterThan(0)
    if (engine.facts.keepaliveMinTimeout) expect(load.count.failed).toEqual([])
    expect(program.generation()).toBe(generation + 1)
  }, 120_000)

  test('once nobody asks for it any more, the module goes with the next reload, and comes again', async () => {
    writeObjects(program.manifests, 'inspected', [])
    await answered('on.test', {}, 404)
    writeObjects(program.manifests, 'common', common({ 'keep-alive': '74' }))
    // What it brought along may stay in memory: libraries of C++ often cannot be taken out of a process.
    await until(() => Promise.resolve(!frame().includes('modsecurity')), 60_000)
    expect(await ask('plain.test', sqlIn('/'))).toBe(200)
    writeObjects(program.manifests, 'inspected', inspected())
    await answered('on.test', sqlIn('/'), 403)
    expect(errorLog()).not.toMatch(/exited on signal/)
  }, 120_000)
})
