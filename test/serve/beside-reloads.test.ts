import { existsSync, unlinkSync } from 'node:fs'
import { request, type ClientRequest } from 'node:http'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startTestBackend, type TestBackend } from './backends.js'
import { get } from './clients.js'
import { annotated, service, slice, writeObjects } from './manifests.js'
import { createProgram, until, type Program } from './program.js'

let program: Program
let backends: readonly TestBackend[]
let slow: ClientRequest | undefined

beforeEach(async () => {
  program = await createProgram()
  backends = [await startTestBackend('one'), await startTestBackend('two')]
  for (const { name, port } of backends) writeObjects(program.manifests, name, [service(name), slice(name, [port])])
})

afterEach(async () => {
  slow?.destroy()
  await program.remove()
  for (const backend of backends) backend.close()
})

/** A request that lasts for 20 s: the worker that has it takes no new ones after a reload, but goes on. */
async function askSlowly(host: string): Promise<void> {
  const headers = { host }
  slow = request({ host: '127.0.0.1', port: program.http, path: '/slow?chunks=200', headers })
  slow.on('error', () => undefined)
  slow.end()
  await new Promise((resolve) => slow?.once('response', resolve))
}

/** Each number is a profile of its own. */
const profiled = (number: number): Readonly<Record<string, string>> => {
  return { 'proxy-buffering': 'on', 'proxy-buffers-number': String(number) }
}

function write(name: string, host: string, backend: string, annotations: Readonly<Record<string, string>>): void {
  writeObjects(program.manifests, `ingress-${name}`, [annotated(name, host, backend, annotations)])
}

function writeUsers(): void {
  const metadata = { name: 'users', namespace: 'test' }
  const stringData = { auth: 'ann:{PLAIN}secret' }
  writeObjects(program.manifests, 'users', [{ apiVersion: 'v1', kind: 'Secret', metadata, stringData }])
}

/** So many profiles that a frame takes its time, and a host with a login. */
async function startWithMany(): Promise<void> {
  const many = Array.from({ length: 60 }, (_, i) => annotated(`p${i}`, `p${i}.test`, 'one', profiled(100 + i)))
  writeObjects(program.manifests, 'many', many)
  write('app', 'app.test', 'one', { 'auth-type': 'basic', 'auth-secret': 'users' })
  writeUsers()
  await program.start()
}

const statusOf = async (host: string): Promise<number> => (await get(program.http, host, '/')).status

const reloads = (): number => program.log().match(/reload: frame \d+ is up/g)?.length ?? 0

test('a path that waits for a profile goes on as it was with its new checks, and loses nothing that it names', async () => {
  write('open', 'open.test', 'one', {})
  const served = (by: string, port: number | undefined, annotations: Readonly<Record<string, string>>): void => {
    const objects = [annotated('app', 'app.test', by, annotations), service(by), slice(by, [port ?? 0])]
    writeObjects(program.manifests, 'app', objects)
  }
  served('before', backends[0]?.port, {})
  await program.start()
  await askSlowly('open.test')
  // Another Service in place of the one before, a check, and a profile that no worker has.
  served('after', backends[1]?.port, { ...profiled(33), 'denylist-source-range': '192.0.2.0/24' })
  const answers = new Set<string>()
  await until(async () => {
    const { status, body } = await get(program.http, 'app.test', '/')
    answers.add(`${status} ${body}`)
    return body === 'two'
  }, 20_000)
  expect([...answers]).toEqual(['200 one', '200 two'])
})

test('what somebody may not do any more does not wait for a profile, nor for those who keep changing theirs', async () => {
  write('open', 'open.test', 'one', {})
  write('app', 'app.test', 'one', {})
  writeUsers()
  await program.start()
  await askSlowly('open.test')
  write('app', 'app.test', 'one', { ...profiled(33), 'auth-type': 'basic', 'auth-secret': 'users' })
  await until(async () => (await statusOf('app.test')) === 401, 5_000)
  // The profile is there, and may not be used while an old worker is about to end.
  await until(() => Promise.resolve(reloads() === 1), 20_000)
  write('app', 'app.test', 'one', { ...profiled(34), 'denylist-source-range': '127.0.0.0/8' })
  await until(async () => (await statusOf('app.test')) === 403, 5_000)
})

test('a Secret that is deleted closes while a frame is tried and loaded', async () => {
  await startWithMany()
  expect(await statusOf('app.test')).toBe(401)
  write('new', 'new.test', 'one', profiled(33))
  await until(() => Promise.resolve(existsSync(join(program.state, 'private', 'nginx.conf.new'))), 20_000)
  unlinkSync(join(program.manifests, 'users.json'))
  await until(async () => (await statusOf('app.test')) === 503, 20_000)
  expect(reloads()).toBe(0)
  await until(async () => (await statusOf('new.test')) === 200, 20_000)
  expect([reloads(), await statusOf('app.test')]).toEqual([1, 503])
})

test('what was behind a login does not stand open while the path leads elsewhere with a profile', async () => {
  write('open', 'open.test', 'one', {})
  write('app', 'app.test', 'one', { 'auth-type': 'basic', 'auth-secret': 'users' })
  writeUsers()
  await program.start()
  await askSlowly('open.test')
  write('app', 'app.test', 'two', profiled(33))
  const answers = new Set<string>()
  await until(async () => {
    const { status, body } = await get(program.http, 'app.test', '/')
    answers.add(status === 200 ? body : String(status))
    return body === 'two'
  }, 20_000)
  // 503: the list of users is gone, which nobody wants any more; without it what it guarded is closed.
  expect([...answers].filter((answer) => answer !== '503')).toEqual(['401', 'two'])
})

async function endController(): Promise<void> {
  const ended = new Promise((resolve) => program.controller().once('exit', resolve))
  program.controller().kill('SIGKILL')
  await ended
}

test('a controller that takes over knows what runs: checks do not wait for profiles then either', async () => {
  write('open', 'open.test', 'one', {})
  write('app', 'app.test', 'one', {})
  writeUsers()
  await program.start()
  await until(() => Promise.resolve(existsSync(join(program.state, 'private', 'table.snapshot'))), 10_000)
  await askSlowly('open.test')
  await endController()
  write('app', 'app.test', 'one', { ...profiled(33), 'auth-type': 'basic', 'auth-secret': 'users' })
  await program.start()
  await until(async () => (await statusOf('app.test')) === 401, 5_000)
  // The same workers, which cannot have the profile yet.
  expect(program.log()).toContain('adopted the running NGINX')
  expect(slow?.destroyed).toBe(false)
})

test('a Secret that is deleted closes while a controller that takes over loads its first frame', async () => {
  await startWithMany()
  await endController()
  write('new', 'new.test', 'one', profiled(33))
  const taken = program.start()
  await until(() => Promise.resolve(existsSync(join(program.state, 'private', 'nginx.conf.new'))), 20_000)
  unlinkSync(join(program.manifests, 'users.json'))
  await until(async () => (await statusOf('app.test')) === 503, 20_000)
  expect(reloads()).toBe(0)
  await taken
  await until(async () => (await statusOf('new.test')) === 200, 20_000)
  expect([reloads(), await statusOf('app.test')]).toEqual([1, 503])
})
