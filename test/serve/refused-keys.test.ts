import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startTestBackend, type TestBackend } from './backends.js'
import { get, sendRaw } from './clients.js'
import { mainConfigMap, writeObjects } from './manifests.js'
import { writeOneApp } from './one-app.js'
import { createProgram, until, type Program } from './program.js'

/** TEST-NET-1 (RFC 5737): no machine has it. */
const ELSEWHERE = '192.0.2.1'

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

function configure(data: Readonly<Record<string, string>>): void {
  writeObjects(program.manifests, 'config', [mainConfigMap(data)])
}

test('CM-5: values that only NGINX knows to be bad cost their own keys, also of an NGINX that is started with them', async () => {
  configure({
    'bind-address': ELSEWHERE,
    'ssl-ciphers': 'ALL:@SECLEVEL=5',
    'keep-alive-requests': '77',
    'block-user-agents': 'Bad/1.0',
  })
  await program.start()
  expect((await get(program.http, 'app.test', '/')).body).toContain('one')
  expect(await askAsBad()).toMatch(/^HTTP\/1\.1 403 /)
  expect(frame()).toContain('keepalive_requests 77;')
  expect(frame()).not.toContain('SECLEVEL')
  expect(program.log()).toMatch(
    /NGINX refuses the value "192\.0\.2\.1" \(bind\(\) to 192\.0\.2\.1:\d+ failed .*nothing but 127\.0\.0\.1 is listened on/,
  )
  expect(program.log()).toMatch(/NGINX refuses the value "ALL:@SECLEVEL=5" \(/)
})

test('CM-5: what NGINX took before stays where it refuses what is new, also for the next controller, and everything else is applied', async () => {
  configure({ 'bind-address': '127.0.0.1', 'keep-alive-requests': '66' })
  await program.start()
  expect(frame()).toContain(`listen 127.0.0.1:${program.http}`)
  configure({ 'bind-address': ELSEWHERE, 'keep-alive-requests': '77', 'block-user-agents': 'Bad/1.0' })
  await until(() => Promise.resolve(frame().includes('keepalive_requests 77;')), 20_000)
  await until(() => Promise.resolve(program.log().includes('"127.0.0.1" stays in force')), 20_000)
  expect(await askAsBad()).toMatch(/^HTTP\/1\.1 403 /)
  expect(frame()).toContain(`listen 127.0.0.1:${program.http}`)

  const controller = program.controller()
  const ended = new Promise((resolve) => controller.once('exit', resolve))
  controller.kill('SIGKILL')
  await ended
  const nginx = program.nginx()
  configure({ 'bind-address': ELSEWHERE, 'keep-alive-requests': '88' })
  await program.start()
  await until(() => Promise.resolve(frame().includes('keepalive_requests 88;')), 20_000)
  expect(frame()).toContain(`listen 127.0.0.1:${program.http}`)
  expect(program.nginx()).toBe(nginx)

  configure({ 'keep-alive-requests': '88' })
  await until(() => Promise.resolve(!frame().includes(`listen 127.0.0.1:${program.http}`)), 20_000)
})

function askAsBad(): Promise<string> {
  return sendRaw(program.http, 'GET / HTTP/1.1\r\nHost: app.test\r\nUser-Agent: Bad/1.0\r\nConnection: close\r\n\r\n')
}

function frame(): string {
  return readFileSync(join(program.state, 'private', 'nginx.conf'), 'utf8')
}
