import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openWebSocket, startLoad } from './clients.js'
import { startOneApp, type OneApp } from './one-app.js'
import type { Program } from './program.js'

let app: OneApp
let program: Program

beforeAll(async () => {
  app = await startOneApp()
  program = app.program
})

afterAll(() => app.end())

test('DYN-2: 12 forced reloads in 6 s under 32 busy connections lose nothing, and a WebSocket lives through them', async () => {
  const load = startLoad(program.http, 32, () => ({ host: 'app.test', body: /^one$/ }))
  const socket = await openWebSocket(program.http, 'app.test')
  for (let reload = 0; reload < 12; reload++) {
    process.kill(program.nginx(), 'SIGHUP')
    // The rhythm is what is tested: half a second from one reload to the next.
    await sleep(500)
    await socket.ping(`after reload ${reload} `)
  }
  await load.stop()
  socket.close()
  process.stdout.write(`${load.count.requests} requests over 12 reloads, ${load.count.failed.length} failed\n`)
  expect(load.count.failed).toEqual([])
  expect(load.count.requests).toBeGreaterThan(1_000)
})
