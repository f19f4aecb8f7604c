import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { get } from './clients.js'
import { mainConfigMap, writeObjects } from './manifests.js'
import { startTestBackend, type TestBackend } from './backends.js'
import { writeOneApp } from './one-app.js'
import { createProgram, type Program } from './program.js'

const bin = fileURLToPath(new URL('../../bin/fairlead', import.meta.url))
const PATIENCE = 60_000

let program: Program
let backend: TestBackend

beforeAll(async () => {
  program = await createProgram()
  backend = await startTestBackend('one')
  writeOneApp(program, backend)
})

afterAll(async () => {
  await program?.remove()
  backend?.close()
})

/** Requests by path, as log analytics has them. */
function counted(): Readonly<Record<string, number>> {
  const flags = ['--by', 'path', '--figures', 'requests', '--json', '--state-dir', program.state]
  const { stdout } = spawnSync(process.execPath, [bin, 'logs', 'top', ...flags], { encoding: 'utf8' })
  if (stdout === '') return {}
  const { rows } = JSON.parse(stdout) as {
    readonly rows: readonly { readonly path: string; readonly requests: number }[]
  } // what the command prints
  return Object.fromEntries(rows.map(({ path, requests }) => [path, requests]))
}

test('each line of the access log is copied once, and counted, whoever runs when: stopped, killed, taken over', {
  timeout: 4 * PATIENCE,
}, async () => {
  const folder = join(program.folder, 'logs')
  mkdirSync(folder)
  const file = join(folder, 'access.log')
  writeObjects(program.manifests, 'config', [mainConfigMap({ 'access-log-path': file })])
  const paths = (): string[] =>
    [...(existsSync(file) ? readFileSync(file, 'utf8') : '').matchAll(/"GET \/(said-\w+) /g)].map(
      ([, path = '']) => path,
    )
  const ask = (path: string): Promise<unknown> => get(program.http, 'app.test', `/said-${path}`)
  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    const controller = program.controller()
    const ended = new Promise((resolve) => controller.once('exit', resolve))
    controller.kill(signal)
    await ended
  }

  await program.start()
  await ask('first')
  await expect.poll(paths, { timeout: PATIENCE }).toEqual(['said-first'])
  await end('SIGTERM')

  await program.start()
  await ask('second')
  await expect.poll(paths, { timeout: PATIENCE }).toEqual(['said-first', 'said-second'])
  // What was copied is kept within a second.
  await sleep(1_500)
  await end('SIGKILL')
  await ask('alone')

  await program.start()
  await ask('third')
  await expect.poll(paths, { timeout: PATIENCE }).toEqual(['said-first', 'said-second', 'said-alone', 'said-third'])
  // What was counted is saved in a minute, or when the controller is stopped: the second is lost.
  const expected = { '/said-first': 1, '/said-alone': 1, '/said-third': 1 }
  await expect.poll(counted, { timeout: PATIENCE, interval: 300 }).toEqual(expected)

  await end('SIGTERM')
  await program.start()
  await expect.poll(counted, { timeout: PATIENCE, interval: 300 }).toEqual(expected)
})
