import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSubsets, findInSubset } from '../../src/features/balancing/subset.js'
import { createRing, findOwner } from '../../src/model/ring.js'
import { readCookie } from '../../src/request/cookie.js'
import { until } from '../serve/program.js'
import { enginesForTests } from '../support/engine.js'
import { createStage, ingress, service, type Stage, startStage } from './stage.js'

const engines = await enginesForTests()

describe.each(engines)('NGINX $version', (engine) => {
  let stage: Stage
  let generation = 0

  beforeAll(async () => {
    stage = await createStage()
    const { ports, dead } = stage
    const [first = 0, second = 0] = ports
    stage.write('all', [
      ingress('plain.test', {}),
      ...service('plain', ports),
      ingress('hash.test', { 'upstream-hash-by': '$arg_k-${http_x_key}' }),
      ...service('hash', ports),
      ingress('cookie.test', { 'upstream-hash-by': '$cookie_route' }),
      ...service('cookie', ports),
      ingress('half-dead.test', { 'upstream-hash-by': '$arg_k' }),
      ...service('half-dead', [first, ...dead.slice(0, 1)]),
      ingress('subset.test', {
        'upstream-hash-by': '$arg_k',
        'upstream-hash-by-subset': 'true',
        'upstream-hash-by-subset-size': '2',
      }),
      ...service('subset', ports),
      ingress('ewma.test', { 'load-balance': 'ewma' }),
      ...service('ewma', ports),
      ingress('ewma-dead.test', { 'load-balance': 'ewma' }),
      ...service('ewma-dead', [first, second, ...dead]),
      ingress('alone.test', { 'load-balance': 'ewma' }),
      ...service('alone', [first]),
      ingress('through.test', { 'service-upstream': 'true' }, { port: first }),
      ...service('through', dead, { clusterIP: '127.0.0.1', ports: [{ port: first, targetPort: 9 }] }),
    ])
    await startStage(stage, engine)
    generation = stage.program.generation()
  })

  afterAll(async () => {
    // LB-6: nothing in here has made NGINX read its file again.
    expect(stage.program.generation()).toBe(generation)
    await stage.end()
  })

  async function endpointsFor(host: string, count: number, path = '/'): Promise<readonly number[]> {
    const seen: number[] = []
    for (let i = 0; i < count; i++) {
      const { status, endpoint } = await stage.get(host, path)
      expect(status).toBe(200)
      seen.push(endpoint)
    }
    return seen
  }

  test('round robin is exactly even over each full cycle (routing.md section 13)', async () => {
    const seen = await endpointsFor('plain.test', 9)
    for (const from of [0, 3, 6]) expect(new Set(seen.slice(from, from + 3))).toEqual(new Set(stage.ports))
  })

  test('a hash sends a key where the ring of ingress-nginx has it (LB-1, LB-3)', async () => {
    const { ports } = stage
    const ring = createRing(ports.map((port) => `127.0.0.1:${port}`))
    const used = new Set<number>()
    for (let i = 0; i < 40; i++) {
      const { endpoint } = await stage.get('hash.test', `/${i}?k=${i * 31}`, { 'X-Key': `user ${i}` })
      expect(endpoint).toBe(ports[findOwner(ring, `${i * 31}-user ${i}`)])
      used.add(endpoint)
    }
    expect(used.size).toBe(3)
  })

  test('a cookie is read as by NGINX: $cookie_NAME', async () => {
    const { ports } = stage
    const ring = createRing(ports.map((port) => `127.0.0.1:${port}`))
    const piece = fc.constantFrom('route', 'ROUTE', 'Route ', '=', ' ', ';', ',', 'x', 'abc', '; route=', '"', '=9')
    const headers = fc
      .sample(fc.array(piece, { minLength: 1, maxLength: 9 }), 150)
      .map((pieces) => pieces.join(''))
      // Only newer engines leave commas alone.
      .filter((cookie) => engine.facts.keepaliveZero || !cookie.includes(','))
    for (const cookie of ['route=a', 'Route=b; route=c', ...headers]) {
      const { endpoint } = await stage.get('cookie.test', '/', { cookie })
      const value = readCookie(cookie.trim(), 'route') ?? ''
      expect([cookie, endpoint]).toEqual([cookie, ports[findOwner(ring, value)]])
    }
  })

  test('a retry of a hash goes to the same endpoint (routing.md section 13)', async () => {
    const [alive = 0] = stage.ports
    const [dead = 0] = stage.dead
    const ports = [alive, dead].toSorted((a, b) => (String(a) < String(b) ? -1 : 1))
    const ring = createRing(ports.map((port) => `127.0.0.1:${port}`))
    for (let i = 0; i < 12; i++) {
      const { status } = await stage.get('half-dead.test', `/?k=${i}`)
      expect(status).toBe(ports[findOwner(ring, `${i}`)] === alive ? 200 : 502)
    }
  })

  test('with subsets a key has a set, and each of its members in turn of chance (LB-3)', async () => {
    const { ports } = stage
    const subsets = createSubsets(3, 2)
    for (const key of ['a', 'b', 'c', 'd', 'e', 'f']) {
      const members = new Set([1, 2].map((nth) => ports[findInSubset(subsets, 3, key, () => nth)]))
      expect(new Set(await endpointsFor('subset.test', 24, `/?k=${key}`))).toEqual(members)
    }
  })

  test('ewma spares an endpoint that is slow (BAL-0)', async () => {
    const [slow = 0] = stage.ports
    stage.delays.set(slow, 0.4)
    await until(async () => (await stage.get('ewma.test')).endpoint === slow, 30_000)
    const seen = await endpointsFor('ewma.test', 60)
    stage.delays.delete(slow)
    expect(seen.filter((port) => port === slow).length).toBeLessThan(6)
    expect(new Set(seen).size).toBeGreaterThanOrEqual(2)
  })

  test('ewma goes on to endpoints that were not tried, as long as one answers (BAL-0)', async () => {
    const seen = await endpointsFor('ewma-dead.test', 30)
    expect(stage.ports).toEqual(expect.arrayContaining([...new Set(seen)]))
    expect(new Set(await endpointsFor('alone.test', 3)).size).toBe(1)
  })

  test('service-upstream asks the address of the Service, not its endpoints (LB-4)', async () => {
    expect(new Set(await endpointsFor('through.test', 3))).toEqual(new Set(stage.ports.slice(0, 1)))
  })

  test('settings change live, and so does ConfigMap load-balance: what it gives holds where nothing else is said (LB-1, LB-6)', async () => {
    const { ports } = stage
    const keyed = { 'upstream-hash-by': '$arg_k' }
    const isSticky = async (): Promise<boolean> => new Set(await endpointsFor('live.test', 6, '/?k=1')).size === 1
    stage.write('live', [ingress('live.test', keyed), ...service('live', ports)])
    await until(async () => (await stage.get('live.test')).status === 200, 20_000)
    expect(await isSticky()).toBe(true)
    stage.write('live', [ingress('live.test', {}), ...service('live', ports)])
    await until(async () => !(await isSticky()), 20_000)
    stage.write('live', [ingress('live.test', keyed), ...service('live', ports)])
    await until(isSticky, 20_000)
    stage.write('live', [ingress('live.test', {}), ...service('live', ports)])
    await until(async () => !(await isSticky()), 20_000)
    const [slow = 0] = ports
    const slowOnes = async (): Promise<number> =>
      (await endpointsFor('live.test', 30)).filter((port) => port === slow).length
    stage.delays.set(slow, 0.2)
    try {
      expect(await slowOnes()).toBe(10)
      stage.configure({ 'load-balance': 'ewma' })
      await until(async () => (await slowOnes()) < 5, 60_000)
    } finally {
      stage.delays.delete(slow)
      stage.configure({})
    }
    await until(async () => (await slowOnes()) === 10, 60_000)
  })
})
