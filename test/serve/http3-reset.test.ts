import { createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { enginesForTests } from '../support/engine.js'
import { type Http3Client, startHttp3Client } from '../support/http3.js'
import { freePort } from '../support/ports.js'
import { ingress, mainConfigMap, service, slice, writeObjects } from './manifests.js'
import { createProgram, type Program, until } from './program.js'

const MOST_STREAMS = 16
const PATIENCE = 60_000

/** Requests that are not answered before `answer`. */
const waiting = new Set<Socket>()
const backend = createServer((socket) => {
  socket.on('error', () => undefined)
  socket.on('close', () => waiting.delete(socket))
  socket.on('data', () => waiting.add(socket))
})
const answer = (): void => {
  for (const socket of waiting) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhere')
  waiting.clear()
}
const reach = (count: number): Promise<void> => until(() => Promise.resolve(waiting.size === count), PATIENCE)

let client: Http3Client
let port = 0

beforeAll(async () => {
  port = await freePort()
  await new Promise<void>((resolve) => backend.listen(port, '127.0.0.1', resolve))
  client = await startHttp3Client()
}, 120_000)

afterAll(async () => {
  await client?.close()
  backend.close()
})

const engines = (await enginesForTests()).filter(({ facts }) => facts.http3)

describe.each(engines)('streams of HTTP/3 that are given up at once, NGINX $version', (engine) => {
  let program: Program

  beforeAll(async () => {
    program = await createProgram()
    const data = { 'use-http3': 'true', 'http2-max-concurrent-streams': String(MOST_STREAMS) }
    writeObjects(program.manifests, 'app', [
      ingress('a', 'a.test', 'app'),
      service('app'),
      slice('app', [port]),
      mainConfigMap(data),
    ])
    await program.start(undefined, ['--nginx', engine.binary])
  }, 120_000)

  afterAll(async () => {
    await program?.remove()
  }, PATIENCE)

  test('reach no backend while they are not whole', async () => {
    const connection = await client.open(program.https, { serverName: 'a.test' })
    await connection.giveUp({}, MOST_STREAMS, 'head')
    const reply = connection.ask()
    await reach(1)
    await sleep(200)
    expect(waiting.size).toBe(1)
    answer()
    expect((await reply).status).toBe(200)
    await connection.close()
  })

  test('keep their places until the backend has answered: nobody has more of it than who waits for answers', async () => {
    const connection = await client.open(program.https, { serverName: 'a.test' })
    await connection.giveUp({}, MOST_STREAMS, 'whole')
    await reach(MOST_STREAMS)
    const reply = connection.ask()
    await sleep(500)
    expect(waiting.size).toBe(MOST_STREAMS)
    answer()
    await reach(1)
    answer()
    expect((await reply).status).toBe(200)
    await connection.close()
  })
})
