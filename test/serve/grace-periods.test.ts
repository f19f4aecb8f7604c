import { Command } from 'commander'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { addServeFlags, postShutdownSeconds, type ServeFlags } from '../../src/cli/serve/flags.js'
import { startTestBackend, type TestBackend } from './backends.js'
import { get } from './clients.js'
import { writeOneApp } from './one-app.js'
import { createProgram, isAlive, until, type Program } from './program.js'

let program: Program
let backend: TestBackend

beforeEach(async () => {
  program = await createProgram()
  backend = await startTestBackend('one')
  writeOneApp(program, backend)
})

afterEach(async () => {
  await program.remove()
  backend.close()
})

async function logged(text: string): Promise<void> {
  await until(() => Promise.resolve(program.log().includes(text)), 20_000)
}

test('SHD-1: serving on before NGINX is told to end, and staying after it has ended', async () => {
  await program.start(undefined, ['--shutdown-grace-period', '2', '--post-shutdown-grace-period', '2'])
  const controller = program.controller()
  const ended = new Promise((resolve) => controller.once('exit', resolve))
  const nginx = program.nginx()
  const asked = Date.now()
  controller.kill('SIGTERM')
  await logged('serving on for 2 s (--shutdown-grace-period)')
  expect((await get(program.http, 'app.test', '/')).status).toBe(200)
  expect((await fetch(`http://127.0.0.1:${program.health}/healthz`)).status).toBe(500)

  await logged('staying for 2 s (--post-shutdown-grace-period)')
  expect(isAlive(nginx)).toBe(false)
  expect(await ended).toBe(0)
  expect(Date.now() - asked).toBeGreaterThanOrEqual(3_900)
})

test.each<readonly [given: readonly string[], seconds: number]>([
  [[], 10],
  [['--manifests', 'k8s'], 0],
  [['--manifests', 'k8s', '--post-shutdown-grace-period', '10'], 10],
  [['--post-shutdown-grace-period', '0'], 0],
])('SHD-1: after %j it stays for %d s', (given, seconds) => {
  const command = addServeFlags(new Command('serve'))
  command.parse([...given], { from: 'user' })
  expect(postShutdownSeconds(command.opts<ServeFlags>())).toBe(seconds)
})
