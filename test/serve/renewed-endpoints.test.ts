import { createServer, get, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { annotated, service, slice, writeObjects } from './manifests.js'
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
function ask(host: string, milliseconds: number): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(milliseconds)
    const asked = get({ host: '127.0.0.1', port: program.http, headers: { host }, agent: false, signal }, (answer) => {
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
