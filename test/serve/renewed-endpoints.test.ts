import { createServer, get, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { annotated, ingress, mainConfigMap, service, slice, writeObjects } from './manifests.js'
import { createProgram, type Program, until } from './program.js'

let program: Program
let silent: Server[]
let good: Server
/** Requests that a silent backend has. */
let held = 0

beforeAll(async () => {
  silent = await Promise.all(Array.from({ length: 3 }, () => serve(() => void held++)))
  good = await serve((response) => response.end('good'))
  program = await createProgram()
  write(silent)
  await program.start()
})

afterAll(async () => {
  await program?.remove()
  for (const server of [...(silent ?? []), good]) {
    server?.closeAllConnections()
    server?.close()
  }
})

test.each([
  ['in turn', 'turns.test'],
  ['by a hash', 'hash.test'],
  ['by a cookie', 'cookie.test'],
])(
  'RTY-1: a further try goes to whom the table names by then, %s',
  async (_, host) => {
    write(silent)
    await until(async () => (await ask(host, 1_000)) === undefined, 30_000)
    held = 0
    const answer = ask(host, 60_000)
    await until(() => Promise.resolve(held === 1), 30_000)
    write([good])
    expect(await answer).toBe('200 good')
    // With the endpoints of its beginning it would have had three of these, and 504.
    expect(held).toBeLessThan(3)
  },
  120_000,
)

/** Of a plain route a worker carries less than of others, and has to find it again. */
describe('a plain route', () => {
  const CONCURRENT = 20
  const names = ['a', 'b', 'c', 'd']
  let speaking: Server[]
  let other: Server

  beforeAll(async () => {
    other = await serve((response) => response.end('other'))
    speaking = await Promise.all(names.map((name) => serve((response) => response.end(name))))
    const generation = program.generation()
    writePlain(speaking)
    await until(() => Promise.resolve(program.generation() > generation), 30_000)
  })

  afterAll(() => {
    for (const server of [...(speaking ?? []), other]) server?.close()
  })

  function writePlain(servers: readonly Server[], backend = 'usual'): void {
    writeObjects(program.manifests, 'plain', [
      mainConfigMap({ 'proxy-read-timeout': '4', 'worker-processes': '1' }),
      ingress('usual', 'usual.test', backend),
      service('usual'),
      // One port of a Service is one port of a slice.
      ...servers.map((server, i) => named(slice('usual', [portOf(server)]), `usual-${i}`)),
      service('other'),
      slice('other', [portOf(other)]),
    ])
  }

  function named(object: object, name: string): object {
    const { metadata } = object as { readonly metadata: object }
    return { ...object, metadata: { ...metadata, name } }
  }

  /** What requests are answered that wait for a backend which says nothing, while the table changes behind them. */
  async function askThrough(change: () => void): Promise<readonly string[]> {
    const [mute] = silent
    if (mute === undefined) throw new Error('there is no silent backend')
    held = 0
    writePlain([mute, ...speaking])
    await until(async () => {
      await isAnswered(300)
      return held > 0
    }, 30_000)
    // More often than a worker has to look before it knows the host.
    for (let known = 0; known < 12; ) if (await isAnswered(300)) known++
    held = 0
    let answered = 0
    const late: string[] = []
    const answers = Array.from({ length: CONCURRENT }, async (_, i) => {
      const begun = Date.now()
      // Those that bring an id are found by what they would ask without one.
      const answer = await ask('usual.test', 60_000, i % 2 === 0 ? {} : { 'X-Request-ID': `id-${i}` })
      answered++
      if (Date.now() - begun > 2_000) late.push(answer ?? 'none')
    })
    await until(() => Promise.resolve(held + answered === CONCURRENT), 30_000)
    const waiting = held
    expect(waiting).toBeGreaterThan(2)
    change()
    // Nobody is sent to the silent one any more, and so the workers know of the change.
    await until(async () => {
      const before = held
      for (let time = 0; time < 12; time++) await isAnswered(300)
      return held === before
    }, 3_000)
    expect(answered).toBe(CONCURRENT - waiting)
    await Promise.all(answers)
    expect(late).toHaveLength(waiting)
    for (const answer of late) expect(answer).toMatch(/^200 /)
    return late
  }

  async function isAnswered(milliseconds: number): Promise<boolean> {
    return (await ask('usual.test', milliseconds)) !== undefined
  }

  test('RTY-1: a further try stays with the Service of the first, though the route has another one by then', async () => {
    const late = await askThrough(() => writePlain(speaking, 'other'))
    expect(await ask('usual.test', 10_000)).toBe('200 other')
    expect(late).not.toContain('200 other')
  }, 120_000)

  test('RTY-1: further tries are divided among those that are left', async () => {
    const late = await askThrough(() => writePlain(speaking))
    expect(new Set(late).size).toBeGreaterThan(1)
  }, 120_000)
})

function write(servers: readonly Server[]): void {
  const brief = { 'proxy-read-timeout': '4' }
  const cookie = { affinity: 'cookie', 'session-cookie-change-on-failure': 'true' }
  writeObjects(program.manifests, 'app', [
    annotated('turns', 'turns.test', 'turns', brief),
    annotated('hash', 'hash.test', 'hash', { ...brief, 'upstream-hash-by': '$request_uri' }),
    annotated('cookie', 'cookie.test', 'cookie', { ...brief, ...cookie }),
    ...['turns', 'hash', 'cookie'].flatMap((name) => [service(name), slice(name, servers.map(portOf))]),
  ])
}

/** undefined: no answer in time. */
function ask(
  host: string,
  milliseconds: number,
  more: Readonly<Record<string, string>> = {},
): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(milliseconds)
    const headers = { host, ...more }
    const asked = get({ host: '127.0.0.1', port: program.http, headers, agent: false, signal }, (answer) => {
      let text = ''
      answer.on('data', (bytes: Buffer) => (text += bytes.toString()))
      answer.on('end', () => resolve(`${answer.statusCode ?? 0} ${text}`))
    })
    asked.on('error', (cause) => (signal.aborted ? resolve(undefined) : reject(cause)))
  })
}

async function serve(answer: (response: { end(text: string): void }) => void): Promise<Server> {
  const server = createServer((_, response) => answer(response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port // it listens on TCP
}
