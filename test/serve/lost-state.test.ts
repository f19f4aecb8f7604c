import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startTestBackend, type TestBackend } from './backends.js'
import { get } from './clients.js'
import { ingress, writeObjects } from './manifests.js'
import { startInMountNamespace, type Started } from './mount-namespace.js'
import { writeOneApp } from './one-app.js'
import { createProgram, isAlive, type Program, until } from './program.js'

const bin = fileURLToPath(new URL('../../bin/fairlead', import.meta.url))

let program: Program
let backend: TestBackend
let serve: Started | undefined

beforeEach(async () => {
  program = await createProgram()
  backend = await startTestBackend('one')
  writeOneApp(program, backend)
})

afterEach(async () => {
  serve?.process.kill('SIGKILL')
  serve = undefined
  await program.remove()
  backend.close()
})

const statusOf = async (host: string): Promise<number> => (await get(program.http, host, '/')).status

test('a state folder that is removed: NGINX serves on, each change is one error, and both end when they are told to', async () => {
  await program.start()
  const nginx = program.nginx()
  rmSync(program.state, { recursive: true })
  writeObjects(program.manifests, 'more', [ingress('more', 'more.test', 'app')])
  await until(() => Promise.resolve(program.log().includes('[table/not-pushed]')), 20_000)
  expect(program.log()).not.toContain('NGINX has ended')
  expect(await statusOf('app.test')).toBe(200)
  // The number of its process is nowhere but with the controller.
  program.controller().kill('SIGTERM')
  await until(() => Promise.resolve(program.controller().exitCode !== null), 20_000)
  expect(isAlive(nginx)).toBe(false)
  expect(program.log().match(/\[table\/not-pushed\]/g)).toHaveLength(1)
})

test('what is mounted as the state folder is removed elsewhere: nothing asks for it without end', async () => {
  const backing = join(program.folder, 'backing')
  for (const folder of [backing, program.state]) mkdirSync(folder, { mode: 0o711 })
  const { manifests, state, http, https, health } = program
  const ports = ['--http-port', String(http), '--https-port', String(https), '--healthz-port', String(health)]
  const flags = [
    '--manifests',
    manifests,
    '--state-dir',
    state,
    '--log-format',
    'text',
    '--log-retention',
    '0',
    ...ports,
  ]
  serve = startInMountNamespace('mount --bind "$1" "$2"', [backing, state], [process.execPath, bin, 'serve', ...flags])
  await serve.ready(health)
  rmSync(backing, { recursive: true })
  expect(await statusOf('app.test')).toBe(200)
  // It saves what it has added up of the log.
  const ended = await Promise.race([serve.end(), new Promise((resolve) => setTimeout(resolve, 30_000, 'goes on'))])
  expect(ended, serve.log()).toBe(0)
})
