import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { closeSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startTestBackend, type TestBackend } from './backends.js'
import { get } from './clients.js'
import { ingress, writeObjects } from './manifests.js'
import { writeOneApp } from './one-app.js'
import { createProgram, isAlive, until, type Program } from './program.js'

const bin = fileURLToPath(new URL('../../bin/fairlead', import.meta.url))
const PATIENCE = 60_000

let program: Program
let backend: TestBackend

beforeEach(async () => {
  program = await createProgram()
  backend = await startTestBackend('one')
  writeOneApp(program, backend)
})

afterEach(async () => {
  await program?.remove()
  backend?.close()
})

const words = (): string[] => {
  const ports = [program.http, program.https, program.health].map(String)
  const flags = ['--http-port', '--https-port', '--healthz-port'].flatMap((flag, i) => [flag, ports[i] ?? ''])
  return [
    bin,
    'serve',
    '--manifests',
    program.manifests,
    '--state-dir',
    program.state,
    '--log-retention',
    '0',
    ...flags,
  ]
}
const isReady = async (): Promise<boolean> =>
  (await fetch(`http://127.0.0.1:${program.health}/readyz`).catch(() => undefined))?.status === 200
const ask = async (host: string): Promise<number> => (await get(program.http, host, '/')).status

/** A change is live: the controller lives and nothing waits. */
async function follows(host: string): Promise<void> {
  writeObjects(program.manifests, 'more', [ingress('more', host, 'app')])
  await until(async () => (await ask(host)) === 200, PATIENCE)
}

async function ends(serve: ChildProcess): Promise<unknown> {
  const ended = new Promise((resolve) => serve.once('exit', (code, signal) => resolve(code ?? signal)))
  serve.kill('SIGTERM')
  return ended
}

test('a full disk under both outputs: it serves, follows changes and stops', { timeout: 3 * PATIENCE }, async () => {
  const full = openSync('/dev/full', 'w')
  const serve = spawn(process.execPath, words(), { stdio: ['ignore', full, full] })
  closeSync(full)
  await until(isReady, PATIENCE)
  expect(await ask('app.test')).toBe(200)
  await follows('first.test')
  await follows('second.test')
  expect(serve.exitCode).toBeNull()
  expect(await ends(serve)).toBe(0)
})

test('its terminal is closed: it serves, follows changes and stops', { timeout: 3 * PATIENCE }, async () => {
  const status = join(program.folder, 'status')
  const pid = join(program.folder, 'pid')
  const quoted = [process.execPath, ...words()].map((word) => `'${word}'`).join(' ')
  // A shell that lives on says what became of it; `script` holds the other end of the terminal.
  const line = `trap '' HUP; ${quoted} & echo $! >${pid}; wait $!; echo $? >${status}`
  const terminal = spawn('script', ['-qfc', `exec sh -c "${line.replaceAll('$', '\\$')}"`, '/dev/null'], {
    stdio: ['ignore', 'ignore', 'ignore'],
  })
  await until(isReady, PATIENCE)
  const controller = Number(readFileSync(pid, 'utf8'))
  terminal.kill('SIGKILL')
  process.kill(controller, 'SIGHUP')
  expect(await ask('app.test')).toBe(200)
  await follows('first.test')
  await follows('second.test')
  expect(isAlive(controller)).toBe(true)
  process.kill(controller, 'SIGTERM')
  await expect.poll(() => readdirSync(program.folder).includes('status'), { timeout: PATIENCE }).toBe(true)
  await expect.poll(() => readFileSync(status, 'utf8'), { timeout: PATIENCE }).toBe('0\n')
  rmSync(status)
})

test.each([
  ['check', () => ['check', program.manifests]],
  ['explain', () => ['explain', 'http://app.test/', '--manifests', program.manifests]],
  ['version', () => ['version']],
])('%s that cannot print says so in one sentence', (_, command) => {
  const full = openSync('/dev/full', 'w')
  const { status, stderr } = spawnSync(process.execPath, [bin, ...command()], {
    stdio: ['ignore', full, 'pipe'],
    encoding: 'utf8',
  })
  closeSync(full)
  expect(stderr).toBe('fairlead: standard output cannot be written: ENOSPC: no space left on device, write\n')
  expect(status).toBe(1)
})
