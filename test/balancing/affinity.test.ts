import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createRing, findOwner } from '../../src/model/ring.js'
import { until } from '../serve/program.js'
import { enginesForTests } from '../support/engine.js'
import { createStage, ingress, type Reply, service, type Stage, startStage } from './stage.js'

const engines = await enginesForTests()
const md5 = (text: string): string => createHash('md5').update(text, 'latin1').digest('hex')
const backendKey = (label: string): string => md5(md5(label) + label)

/** `name=value` of the only cookie that is set. */
function cookieOf({ setCookie }: Reply): string {
  expect(setCookie.length).toBe(1)
  return setCookie[0]?.split(';')[0] ?? ''
}

function keyOf(reply: Reply): string {
  return cookieOf(reply).split('=')[1]?.split('|')[0] ?? ''
}

describe.each(engines)('NGINX $version', (engine) => {
  let stage: Stage
  let generation = 0

  beforeAll(async () => {
    stage = await createStage()
    const { ports, dead } = stage
    const persistent = { affinity: 'cookie', 'affinity-mode': 'persistent' }
    stage.write('all', [
      ingress('balanced.test', { affinity: 'cookie' }),
      ...service('balanced', ports),
      ingress('balanced.test', {}, { service: 'balanced', path: '/other' }),
      ingress('persistent.test', persistent),
      ...service('persistent', ports),
      ingress(
        'full.test',
        {
          affinity: 'cookie',
          'load-balance': 'ewma',
          'upstream-hash-by': '$host',
          'session-cookie-name': 'shop.session',
          'session-cookie-expires': '3600',
          'session-cookie-max-age': '7200',
          'session-cookie-path': '/',
          'session-cookie-domain': 'full.test',
          'session-cookie-samesite': 'none',
          'session-cookie-conditional-samesite-none': 'true',
          'session-cookie-secure': 'true',
        },
        { path: '/a;b' },
      ),
      ...service('full', ports),
      ingress('default-path.test', { affinity: 'cookie', 'session-cookie-secure': 'false' }, { path: '/grün;x' }),
      ...service('default-path', ports),
      ingress('stays.test', persistent),
      ...service('stays', [...ports, ...dead]),
      ingress('changes.test', { ...persistent, 'session-cookie-change-on-failure': 'true' }),
      ...service('changes', [...ports, ...dead]),
    ])
    await startStage(stage, engine)
    generation = stage.program.generation()
  })

  afterAll(async () => {
    expect(stage.program.generation()).toBe(generation)
    await stage.end()
  })

  test('a client gets a cookie once, and stays with its endpoint (AFF-1, AFF-2, AFF-3, AFF-4)', async () => {
    const { ports } = stage
    const ring = createRing(ports.map((port) => `127.0.0.1:${port}`))
    const used = new Set<number>()
    for (let client = 0; client < 12; client++) {
      const first = await stage.get('balanced.test')
      const key = keyOf(first)
      expect(first.setCookie).toEqual([`INGRESSCOOKIE=${key}|${backendKey('test-balanced-80')}; Path=/; HttpOnly`])
      expect(key).toMatch(/^\d+(\.\d+)?\.\d+\.\d+$/)
      expect(first.endpoint).toBe(ports[findOwner(ring, key)])
      for (let i = 0; i < 3; i++) {
        const later = await stage.get('balanced.test', '/x', { cookie: `a=b; ${cookieOf(first)}; c=d` })
        expect(later).toEqual({ status: 200, endpoint: first.endpoint, setCookie: [] })
      }
      used.add(first.endpoint)
    }
    expect(used.size).toBeGreaterThan(1)
  })

  test('sessions of ingress-nginx go on, also those without an upstream in them (AFF-2)', async () => {
    const { ports } = stage
    const ring = createRing(ports.map((port) => `127.0.0.1:${port}`))
    for (const value of [`1690000000.123.77.1234|${backendKey('test-balanced-80')}`, '1690000000.123.77.1234']) {
      const reply = await stage.get('balanced.test', '/', { cookie: `INGRESSCOOKIE=${value}` })
      const endpoint = ports[findOwner(ring, '1690000000.123.77.1234')]
      expect(reply).toEqual({ status: 200, endpoint, setCookie: [] })
    }
    for (const endpoint of ports) {
      const cookie = `INGRESSCOOKIE=${md5(`test-persistent-80127.0.0.1:${endpoint}`)}|x`
      expect(await stage.get('persistent.test', '/', { cookie })).toEqual({ status: 200, endpoint, setCookie: [] })
    }
  })

  test('a path that did not ask for affinity sets no cookie and honours one (AFF-5)', async () => {
    const first = await stage.get('balanced.test')
    const seen = new Set<number>()
    for (let i = 0; i < 6; i++) {
      const reply = await stage.get('balanced.test', '/other', { cookie: cookieOf(first) })
      expect(reply.setCookie).toEqual([])
      seen.add(reply.endpoint)
    }
    expect([...seen]).toEqual([first.endpoint])
    expect((await stage.get('balanced.test', '/other')).setCookie).toEqual([])
  })

  test('every attribute (AFF-3, AFF-8), before load-balance and upstream-hash-by (AFF-11)', async () => {
    const used = new Set<number>()
    for (let i = 0; i < 24; i++) used.add((await stage.get('full.test', '/a;b')).endpoint)
    expect(used.size).toBe(3)
    const before = Math.floor(Date.now() / 1000)
    const line = (await stage.get('full.test', '/a;b')).setCookie[0] ?? ''
    expect(line).toMatch(
      /^shop\.session=[^;]+; Expires=[^;]+ GMT; Max-Age=7200; Domain=full\.test; Path=\/; Secure; HttpOnly; SameSite=None$/,
    )
    const expires = Date.parse(/Expires=([^;]+)/.exec(line)?.[1] ?? '') / 1000
    expect(expires - before).toBeGreaterThanOrEqual(3600)
    expect(expires - before).toBeLessThan(3660)
    const old = 'Mozilla/5.0 (X11) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/58.0.3029.110 Safari/537.36'
    const without = (await stage.get('full.test', '/a;b', { 'user-agent': old })).setCookie[0]
    expect(without).toMatch(/; Secure; HttpOnly$/)
  })

  test('a path is the path of the rule, and cannot end the attribute; with TLS it is Secure (AFF-3, AFF-4)', async () => {
    const path = '/gr%C3%BCn;x/1'
    const plain = await stage.get('default-path.test', path)
    expect(plain.setCookie[0]).toMatch(/; Path=\/gr%C3%BCn%3Bx; HttpOnly$/)
    const secure = await stage.getTls('default-path.test', path)
    expect(secure.setCookie[0]).toMatch(/; Path=\/gr%C3%BCn%3Bx; Secure; HttpOnly$/)
  })

  test("a backend's own cookies are kept", async () => {
    const { setCookie } = await stage.get('persistent.test', '/own-cookies')
    expect(setCookie.slice(0, 2)).toEqual(['own=1', 'other=2'])
    expect(setCookie[2]).toMatch(/^INGRESSCOOKIE=/)
  })

  test('after a failure a session stays with its endpoint, or not: change-on-failure (AFF-6)', async () => {
    for (const dead of stage.dead) {
      const cookie = (name: string): string => `INGRESSCOOKIE=${md5(`test-${name}-80127.0.0.1:${dead}`)}|x`
      expect((await stage.get('stays.test', '/', { cookie: cookie('stays') })).status).toBe(502)
      const changed = await stage.get('changes.test', '/', { cookie: cookie('changes') })
      expect(changed.status).toBe(200)
      expect(keyOf(changed)).toBe(md5(`test-changes-80127.0.0.1:${changed.endpoint}`))
    }
    for (let client = 0; client < 20; client++) {
      const bound = await stage.get('stays.test')
      expect(bound.status).toBe(200)
      expect(keyOf(bound)).toBe(md5(`test-stays-80127.0.0.1:${bound.endpoint}`))
    }
  })

  test('an endpoint that is gone: the client is bound anew (AFF-7)', async () => {
    const [gone = 0, ...left] = stage.ports
    stage.write('leaving', [
      ingress('leaving.test', { affinity: 'cookie', 'affinity-mode': 'persistent' }),
      ...service('leaving', stage.ports),
    ])
    await until(async () => (await stage.get('leaving.test')).status === 200, 20_000)
    const cookie = `INGRESSCOOKIE=${md5(`test-leaving-80127.0.0.1:${gone}`)}|x`
    expect((await stage.get('leaving.test', '/', { cookie })).endpoint).toBe(gone)
    stage.write('leaving', [
      ingress('leaving.test', { affinity: 'cookie', 'affinity-mode': 'persistent' }),
      ...service('leaving', left),
    ])
    await until(async () => (await stage.get('leaving.test', '/', { cookie })).endpoint !== gone, 20_000)
    const renewed = await stage.get('leaving.test', '/', { cookie })
    expect(left).toContain(renewed.endpoint)
    expect(keyOf(renewed)).toBe(md5(`test-leaving-80127.0.0.1:${renewed.endpoint}`))
    const later = await stage.get('leaving.test', '/', { cookie: cookieOf(renewed) })
    expect(later).toEqual({ status: 200, endpoint: renewed.endpoint, setCookie: [] })
  })
})
