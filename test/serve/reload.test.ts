import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestBackend, type TestBackend } from './backends.js'
import { openWebSocket, startLoad } from './clients.js'
import { ingress, service, slice, writeObjects } from './manifests.js'
import { createProgram, type Program } from './program.js'

let program: Program
let backend: TestBackend

beforeAll(async () => {
  program = await createProgram()
  backend = await startTestBackend('one')
  writeObjects(program.manifests, 'app', [
    ingress('app', 'app.test', 'app'),
    service('app'),
    slice('app', [backend.port]),
  ])
  await program.start()
})

afterAll(async () => {
  await program.remove()
  backend.close()
})

test('12 forced reloads in 6 s under 32 busy connections lose nothing, and a WebSocket lives through them', async () => {
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
