import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { get } from '../serve/clients.js'
import { until } from '../serve/program.js'
import { beginHandshake, createHello, NAME_LENGTH } from './hello.js'
import { attackHttp2, block, CONTINUATION, DATA, END_HEADERS, END_STREAM, field, frame, HEADERS } from './http2.js'
import { type Http2Attacker, PING, reset, RST_STREAM, SETTINGS } from './http2.js'
import { pipeline } from './pipelined.js'
import { drip, gather } from './slow.js'
import { withstand } from './watch.js'
import { readDictionaries, startWorld, WORKER_CONNECTIONS, type World } from './world.js'

/** `FAIRLEAD_FLOODS=deep`: of the size that the issue names, minutes. */
const isDeep = process.env['FAIRLEAD_FLOODS'] === 'deep'
const size = (usual: number, deep: number): number => (isDeep ? deep : usual)

/** Each body that goes to a file is a line of the error log. */
const LINE_BYTES = 500

const DEADLINE = { timeout: 600_000 }
const PATIENCE = 60_000

let world: World
let http = 0
let https = 0

beforeAll(async () => {
  world = await startWorld()
  ;({ http, https } = world.program)
})

afterAll(() => world.remove())

/** Names that nobody asked for before, also when a test is run again. */
function stranger(i: number): string {
  return `${i}-${salt}`
}

const salt = randomBytes(4).toString('hex')

describe('names that nobody declared', () => {
  test('random Hosts and paths', DEADLINE, async () => {
    const count = size(40_000, 100_000)
    const head = (i: number): string => `GET /${stranger(i)}/x?${i} HTTP/1.1\r\nHost: ${stranger(i)}.nobody.test`
    const statuses = await withstand(world, `${count} Hosts and paths`, () =>
      pipeline(http, { count, connections: 8, head }),
    )
    expect([...statuses.keys()]).toEqual(['404'])
    expect(statuses.get('404')).toBe(count)
  })

  test('random paths and queries of one host, all the way to its backend', DEADLINE, async () => {
    const count = size(5_000, 100_000)
    const head = (i: number): string =>
      `GET /${stranger(i)}/x?${i} HTTP/1.1\r\nHost: app.test\r\nCookie: INGRESSCOOKIE=${i}`
    const before = world.reached()
    const statuses = await withstand(world, `${count} paths`, () => pipeline(http, { count, connections: 8, head }))
    expect([...statuses.keys()]).toEqual(['200'])
    expect(world.reached() - before).toBeGreaterThanOrEqual(count)
  })

  test('random server names, each with a handshake that is given up', DEADLINE, async () => {
    const count = size(3_000, 100_000)
    const hello = await createHello()
    const name = (i: number): string => `${stranger(i)}.nobody.test`.padStart(NAME_LENGTH, 'x').slice(-NAME_LENGTH)
    await withstand(world, `${count} server names`, async () => {
      let next = 0
      let answered = 0
      const clients = Array.from({ length: 16 }, async () => {
        while (next < count) if (await beginHandshake(https, hello(name(next++)))) answered++
      })
      await Promise.all(clients)
      expect(answered).toBe(count)
    })
  })

  test('random sessions', DEADLINE, async () => {
    const count = size(2_000, 100_000)
    const head = (i: number): string =>
      `GET / HTTP/1.1\r\nHost: sticky.test\r\nCookie: INGRESSCOOKIE=${stranger(i)}|${i}`
    const statuses = await withstand(world, `${count} sessions`, () => pipeline(http, { count, connections: 8, head }))
    expect([...statuses.keys()]).toEqual(['200'])
  })
})

describe('clients that take their time', () => {
  test('connections that say nothing, more than all workers have', DEADLINE, async () => {
    const count = size(2 * WORKER_CONNECTIONS + 800, 3 * WORKER_CONNECTIONS)
    await withstand(
      world,
      `${count} silent connections`,
      async () => {
        const crowd = await gather(http, count)
        try {
          expect((await get(http, 'app.test', '/')).status).toBe(200)
          // NGINX takes the oldest for new ones, and ends those that wait for too long.
          await until(() => Promise.resolve(crowd.closed() > 0), PATIENCE)
        } finally {
          crowd.leave()
        }
      },
      NO_CONNECTIONS,
    )
  })

  test.each([
    ['heads', 'GET / HTTP/1.1\r\nHost: app.test\r\nX-Slow: '],
    [
      'heads of 30 KB',
      `GET / HTTP/1.1\r\nHost: app.test\r\n${`X-Long: ${'x'.repeat(7_900)}\r\n`.repeat(3)}X-Slow: ${'x'.repeat(6_000)}`,
    ],
  ])('slow %s are given up after their time, however they drip', DEADLINE, async (what, first) => {
    const count = size(500, 2_000)
    await withstand(world, `${count} slow ${what}`, async () => {
      const crowd = await gather(http, count, first)
      const timer = setInterval(() => drip(crowd), 500)
      try {
        await until(() => Promise.resolve(crowd.closed() === count), PATIENCE)
      } finally {
        clearInterval(timer)
        crowd.leave()
      }
    })
  })

  test('bodies that stop are given up; those that drip cost little', DEADLINE, async () => {
    const count = size(300, 1_500)
    const head = `POST / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 1000000\r\n\r\n${'x'.repeat(8_000)}`
    await withstand(
      world,
      `2 times ${count} slow bodies`,
      async () => {
        const stopping = await gather(http, count, head)
        const dripping = await gather(http, count, head)
        const timer = setInterval(() => drip(dripping), 500)
        try {
          await until(() => Promise.resolve(stopping.closed() === count), PATIENCE)
        } finally {
          clearInterval(timer)
          stopping.leave()
          dripping.leave()
        }
      },
      { logBytes: LINE_BYTES * 2 * count },
    )
  })
})

/** NGINX says that it has none left. */
const NO_CONNECTIONS = { logBytes: 4_000_000 }

describe('HTTP/2', () => {
  const resetsIn = (frames: readonly number[]): number => frames.filter((type) => type === RST_STREAM).length

  /** Goes on with several connections until all of it was sent; a connection that was closed is opened anew. */
  async function attack(
    connections: number,
    rounds: number,
    act: (attacker: Http2Attacker, round: number) => Promise<void>,
  ): Promise<number> {
    let closed = 0
    await Promise.all(
      Array.from({ length: connections }, async () => {
        let attacker = await attackHttp2(https, 'secure.test')
        for (let round = 0, own = 0; round < rounds; round++, own++) {
          if (attacker.isOver) {
            closed++
            own = 0
            attacker.socket.destroy()
            attacker = await attackHttp2(https, 'secure.test')
          }
          await act(attacker, own)
        }
        attacker.socket.destroy()
      }),
    )
    return closed
  }

  test('streams that are reset as soon as they are opened', DEADLINE, async () => {
    const [rounds, each] = [size(50, 1_000), 100]
    await withstand(world, `${4 * rounds * each} streams that are reset`, () =>
      attack(4, rounds, (attacker, round) => {
        const frames: Buffer[] = []
        for (let i = 0; i < each; i++) {
          const stream = 2 * (round * each + i) + 1
          const head = block('secure.test', `/${stranger(stream)}`)
          frames.push(frame(HEADERS, END_STREAM | END_HEADERS, stream, head), reset(stream))
        }
        return attacker.send(...frames)
      }),
    )
  })

  test('heads that never end are cut off', DEADLINE, async () => {
    const rounds = size(500, 10_000)
    const closed = await withstand(world, `${4 * rounds} frames of heads that never end`, () =>
      attack(4, rounds, (attacker, round) =>
        round === 0
          ? attacker.send(frame(HEADERS, END_STREAM, 1, block('secure.test', '/')))
          : attacker.send(frame(CONTINUATION, 0, 1, field(`x-${round}`, 'y'.repeat(4_000)))),
      ),
    )
    expect(closed).toBeGreaterThan(0)
  })

  test('frames that say nothing', DEADLINE, async () => {
    const [rounds, each] = [size(20, 1_000), 200]
    const empty = [frame(SETTINGS, 0, 0), frame(PING, 0, 0, Buffer.alloc(8)), frame(DATA, 0, 1)]
    await withstand(world, `${4 * rounds * each * empty.length} empty frames`, () =>
      attack(4, rounds, async (attacker, round) => {
        if (round === 0) await attacker.send(frame(HEADERS, END_HEADERS, 1, block('secure.test', '/', 'POST')))
        await attacker.send(...Array.from({ length: each }, () => empty).flat())
      }),
    )
  })

  test('as many streams as there may be, each with a body that stops', DEADLINE, async () => {
    const connections = size(8, 40)
    await withstand(
      world,
      `128 slow bodies on each of ${connections} connections`,
      async () => {
        const attackers = await Promise.all(
          Array.from({ length: connections }, () => attackHttp2(https, 'secure.test')),
        )
        for (const attacker of attackers) {
          for (let i = 0; i < 128; i++) {
            const head = frame(HEADERS, END_HEADERS, 2 * i + 1, block('secure.test', '/', 'POST'))
            await attacker.send(head, frame(DATA, 0, 2 * i + 1, Buffer.alloc(16_000)))
          }
        }
        await until(
          () => Promise.resolve(attackers.every(({ frames, isOver }) => isOver || resetsIn(frames) >= 128)),
          PATIENCE,
        )
        for (const { socket } of attackers) socket.destroy()
      },
      { logBytes: LINE_BYTES * 128 * connections },
    )
  })
})

describe('what is counted and remembered of clients', () => {
  test('wrong passwords leave nothing in shared memory', DEADLINE, async () => {
    const count = size(2_000, 50_000)
    const head = (i: number): string =>
      `GET / HTTP/1.1\r\nHost: login.test\r\nAuthorization: Basic ${Buffer.from(`ann:${stranger(i)}`).toString('base64')}`
    const statuses = await withstand(world, `${count} wrong passwords`, () =>
      pipeline(http, { count, connections: 64, atOnce: 1, head }),
    )
    // Too many wait already, or it is wrong.
    expect(statuses.get('200')).toBeUndefined()
    expect((statuses.get('401') ?? 0) + (statuses.get('503') ?? 0)).toBe(count)
  })

  test('nor do digests that are none', DEADLINE, async () => {
    const count = size(5_000, 100_000)
    const head = (i: number): string =>
      `GET / HTTP/1.1\r\nHost: digest.test\r\nAuthorization: Digest username="ann", realm="realm", nonce="${i}.${stranger(i)}.x", uri="/", response="${'0'.repeat(32)}", nc=00000001, cnonce="${i}", qop=auth`
    const statuses = await withstand(world, `${count} wrong digests`, () =>
      pipeline(http, { count, connections: 8, head }),
    )
    expect([...statuses.keys()]).toEqual(['401'])
  })

  test('clients of a limited Ingress take as much as there is, and give it back', DEADLINE, async () => {
    const count = size(5_000, 300_000)
    const head = (i: number): string =>
      `GET / HTTP/1.1\r\nHost: limited.test\r\nX-Forwarded-For: 10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`
    const dictionaries = ['fairlead_limits', 'fairlead_connections', 'fairlead_state']
    const statuses = await withstand(
      world,
      `${count} clients of a limited Ingress`,
      () => pipeline(http, { count, connections: 8, head }),
      { dictionaries },
    )
    expect(statuses.get('200') ?? 0).toBeGreaterThan(0)
    const now = await readDictionaries(world)
    for (const { free, capacity } of Object.values(now)) expect(free).toBeLessThanOrEqual(capacity)
    await until(async () => (await get(http, 'limited.test', '/')).status === 200, PATIENCE)
  })
})
