import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { get, startLoad } from './clients.js'
import { ingress, writeObjects } from './manifests.js'
import { startOneApp, type OneApp } from './one-app.js'
import { makeOtherVersion } from './other-version.js'
import { isAlive, until, type Program } from './program.js'

const repository = fileURLToPath(new URL('../..', import.meta.url))

let app: OneApp
let program: Program

beforeEach(async () => {
  app = await startOneApp()
  program = app.program
})

afterEach(() => app.end())

const isServed = async (host = 'app.test'): Promise<boolean> =>
  (await get(program.http, host, '/').catch(() => ({ status: 0 }))).status === 200

/** The processes that NGINX's master has started. */
function workers(): number[] {
  const master = String(program.nginx())
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => parentOf(name) === master)
    .map(Number)
}

function parentOf(pid: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')[1]
  } catch {
    return undefined
  }
}

describe('kill -9', () => {
  test("of NGINX's master: it is started again with its table, and takes changes", async () => {
    const before = program.nginx()
    const orphans = workers()
    process.kill(before, 'SIGKILL')
    await until(async () => program.nginx() !== before && isAlive(program.nginx()) && (await isServed()), 10_000)
    await until(() => Promise.resolve(orphans.every((pid) => !isAlive(pid))), 10_000)
    writeObjects(program.manifests, 'more', [ingress('more', 'more.test', 'app')])
    await until(() => isServed('more.test'), 5_000)
  })

  test("of the controller and NGINX's master: the next start takes the ports from the workers that are left", async () => {
    const orphans = workers()
    const controller = program.controller()
    const ended = new Promise((resolve) => controller.once('exit', resolve))
    controller.kill('SIGKILL')
    await ended
    process.kill(program.nginx(), 'SIGKILL')
    await until(() => Promise.resolve(!isAlive(program.nginx())), 10_000)
    expect(orphans.some(isAlive)).toBe(true)
    await program.start()
    expect(await isServed()).toBe(true)
    await until(() => Promise.resolve(!orphans.some(isAlive)), 10_000)
  })

  test('of a worker: another one takes its place, with the same table', async () => {
    const master = program.nginx()
    const [worker] = workers()
    if (worker === undefined) throw new Error('no worker')
    process.kill(worker, 'SIGKILL')
    await until(async () => !workers().includes(worker) && (await isServed()), 5_000)
    expect(program.nginx()).toBe(master)
    expect(program.generation()).toBe(1)
  })

  test('of the controller: traffic goes on, and the next one with the same code takes over without a reload', async () => {
    const master = program.nginx()
    const load = startLoad(program.http, 8, () => ({ host: 'app.test', body: /^one$/ }))
    program.controller().kill('SIGKILL')
    writeObjects(program.manifests, 'more', [ingress('more', 'more.test', 'app')])
    await program.start()
    await until(() => isServed('more.test'), 5_000)
    await load.stop()
    expect(load.count.failed).toEqual([])
    expect(program.nginx()).toBe(master)
    expect(program.generation()).toBe(1)
    expect(program.log()).toContain('adopted the running NGINX')
  })

  test('of the controller, and the next one has other code: all documents go out anew, nothing is lost', async () => {
    const home = makeOtherVersion(program, (lua) => `${lua}\n-- another version\n`)
    const master = program.nginx()
    const load = startLoad(program.http, 8, () => ({ host: 'app.test', body: /^one$/ }))
    program.controller().kill('SIGKILL')
    await program.start(home)
    writeObjects(program.manifests, 'more', [ingress('more', 'more.test', 'app')])
    await until(() => isServed('more.test'), 5_000)
    await load.stop()
    expect(load.count.failed).toEqual([])
    expect(program.nginx()).toBe(master)
    expect(program.generation()).toBe(2)
    expect(program.log()).toContain('with new code')
  })
})

test('a second controller on the same state folder refuses to start, and says who has it', () => {
  const flags = ['--manifests', program.manifests, '--state-dir', program.state]
  const second = spawnSync(process.execPath, [join(repository, 'bin', 'fairlead'), 'serve', ...flags], {
    encoding: 'utf8',
  })
  expect(second.status).toBe(2)
  expect(second.stderr).toContain(`process ${program.controller().pid ?? 0}`)
  expect(second.stderr).toContain('--state-dir')
})

test.each(['SIGTERM', 'SIGINT'] as const)('%s finishes a request under way, ends NGINX and exits 0', async (signal) => {
  const slow = get(program.http, 'app.test', '/slow?chunks=10')
  await until(async () => (await isServed()) && isAlive(program.nginx()), 5_000)
  const master = program.nginx()
  const ended = new Promise<number | null>((resolve) => program.controller().once('exit', resolve))
  program.controller().kill(signal)
  expect((await slow).body.length).toBe(10_000)
  expect(await ended).toBe(0)
  expect(isAlive(master)).toBe(false)
})

test('fairlead stop ends an NGINX that was left over', async () => {
  const master = program.nginx()
  program.controller().kill('SIGKILL')
  await until(() => Promise.resolve(program.controller().signalCode !== null), 5_000)
  const stop = spawnSync(
    process.execPath,
    [join(repository, 'bin', 'fairlead'), 'stop', '--state-dir', program.state],
    { encoding: 'utf8' },
  )
  expect(stop.stdout).toContain(`process ${master}`)
  expect(stop.status).toBe(0)
  expect(isAlive(master)).toBe(false)
})

test('a full disk, or whatever else keeps the frame from being written, leaves the old one in force', async () => {
  // A folder in the place of the new file makes writing it fail.
  mkdirSync(join(program.state, 'private', 'nginx.conf.new', 'x'), { recursive: true })
  const configMap = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'ingress-nginx-controller', namespace: 'ingress-nginx' },
    data: { 'keep-alive': '33' },
  }
  writeFileSync(join(program.manifests, 'config.json'), JSON.stringify(configMap))
  await until(() => Promise.resolve(program.log().includes('frame/not-written')), 5_000)
  expect(await isServed()).toBe(true)
  expect(program.generation()).toBe(1)
})
