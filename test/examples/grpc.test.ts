import { cpSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { get } from '../serve/clients.js'
import { call, startGrpc } from '../serve/grpc.js'
import type { Started } from '../serve/listen.js'
import { slice, writeObjects } from '../serve/manifests.js'
import { createProgram, type Program } from '../serve/program.js'
import { enginesForTests } from '../support/engine.js'
import { startEcho, type Echo } from './echo.js'

const example = fileURLToPath(new URL('../../examples/grpc', import.meta.url))
const host = 'grpc.example.com'

describe.each(await enginesForTests())('examples/grpc through NGINX $version', ({ binary }) => {
  let program: Program
  let echo: Started
  let page: Echo

  beforeAll(async () => {
    echo = await startGrpc()
    page = await startEcho('page')
    program = await createProgram()
    cpSync(example, program.manifests, { recursive: true })
    const slices = [slice('echo', [echo.port]), slice('page', [page.port])]
    writeObjects(program.manifests, 'endpoints', slices.map(inDemo))
    await program.start(undefined, ['--nginx', binary])
  })

  afterAll(async () => {
    await program?.remove()
    echo?.close()
    page?.close()
  })

  test('BP-2: a call of one message', async () => {
    const { status, messages, trailers } = await call(program.http, host, '/echo.Echo/Unary', ['hello'])
    expect([status, messages, trailers['grpc-status']]).toEqual([200, ['hello'], '0'])
  })

  test('BP-2: a stream in both directions', async () => {
    const { messages, trailers } = await call(program.http, host, '/echo.Echo/Stream', ['one', 'two', 'three'])
    expect([messages, trailers['grpc-status']]).toEqual([['one', 'two', 'three'], '0'])
  })

  test('a deadline that the backend misses is its answer', async () => {
    const { trailers } = await call(program.http, host, '/echo.Echo/Slow', ['x'], { 'grpc-timeout': '50m' })
    expect(trailers['grpc-status']).toBe('4')
  })

  test('BP-6: two protocols on one host, of two Ingresses', async () => {
    expect(await get(program.http, host, '/about')).toEqual({ status: 200, body: 'page /about' })
    expect(program.generation()).toBe(1)
  })
})

function inDemo(object: object): object {
  return { ...object, metadata: { ...('metadata' in object ? (object.metadata as object) : {}), namespace: 'demo' } }
}
