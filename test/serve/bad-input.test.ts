import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, renameSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TestBackend } from './backends.js'
import { get, startLoad } from './clients.js'
import { ingress, service, slice, writeObjects } from './manifests.js'
import { startOneApp, writeOneApp, type OneApp } from './one-app.js'
import { createProgram, until, type Program } from './program.js'

const bin = fileURLToPath(new URL('../../bin/fairlead', import.meta.url))

let app: OneApp
let program: Program
let backend: TestBackend

beforeAll(async () => {
  app = await startOneApp()
  program = app.program
  backend = app.backend
})

afterAll(() => app.end())

const statusOf = async (host: string): Promise<number> => (await get(program.http, host, '/')).status

test('a folder that does not exist: exit 2 and a sentence', () => {
  const flags = ['--manifests', join(program.folder, 'nowhere'), '--state-dir', join(program.folder, 'other')]
  const { status, stderr } = spawnSync(process.execPath, [bin, 'serve', ...flags], { encoding: 'utf8' })
  expect([status, stderr]).toEqual([2, expect.stringContaining('--manifests')])
})

test('a busy port: exit 2, naming the flag that asked for it', async () => {
  const holder = createServer()
  await new Promise<void>((resolve) => holder.listen(0, resolve))
  const address = holder.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  const flags = [
    '--manifests',
    program.manifests,
    '--state-dir',
    join(program.folder, 'other'),
    '--http-port',
    String(port),
  ]
  const { status, stderr } = spawnSync(process.execPath, [bin, 'serve', ...flags], { encoding: 'utf8' })
  holder.close()
  expect(status).toBe(2)
  expect(stderr).toContain(`Port ${port}, asked for by --http-port`)
})

test('the folder vanishes: the last state stays, and is followed again when it returns', async () => {
  renameSync(program.manifests, `${program.manifests}.away`)
  await until(() => Promise.resolve(program.log().includes('file/folder-gone')), 10_000)
  expect(await statusOf('app.test')).toBe(200)
  renameSync(`${program.manifests}.away`, program.manifests)
  writeObjects(program.manifests, 'back', [ingress('back', 'back.test', 'app')])
  await until(async () => (await statusOf('back.test')) === 200, 10_000)
})

test('endpoints go and come back: 503 in between (SVC-5)', async () => {
  writeObjects(program.manifests, 'moving', [
    ingress('moving', 'moving.test', 'moving'),
    service('moving'),
    slice('moving', []),
  ])
  await until(async () => (await statusOf('moving.test')) === 503, 5_000)
  writeObjects(program.manifests, 'moving', [
    ingress('moving', 'moving.test', 'moving'),
    service('moving'),
    slice('moving', [backend.port]),
  ])
  await until(async () => (await statusOf('moving.test')) === 200, 5_000)
})

test('nobody reads its output: the workers and the controller go on', { timeout: 120_000 }, async () => {
  const other = await createProgram()
  writeOneApp(other, backend)
  mkdirSync(other.state)
  const ports = [
    '--http-port',
    String(other.http),
    '--https-port',
    String(other.https),
    '--healthz-port',
    String(other.health),
  ]
  // Both pipes are never read: 64 kB of log lines fill them within the first second.
  const silent = spawn(process.execPath, [
    bin,
    'serve',
    '--manifests',
    other.manifests,
    '--state-dir',
    other.state,
    ...ports,
  ])
  try {
    await until(
      async () => (await get(other.http, 'app.test', '/').catch(() => ({ status: 0 }))).status === 200,
      20_000,
    )
    const load = startLoad(other.http, 16, () => ({ host: 'app.test', body: /^one$/ }))
    await until(() => Promise.resolve(load.count.requests > 5_000), 60_000)
    writeObjects(other.manifests, 'more', [ingress('more', 'more.test', 'app')])
    await until(async () => (await get(other.http, 'more.test', '/')).status === 200, 5_000)
    await load.stop()
    expect(load.count.failed).toEqual([])
  } finally {
    const ended = new Promise((resolve) => silent.once('exit', resolve))
    silent.kill('SIGTERM')
    await ended
    await other.remove()
  }
})
