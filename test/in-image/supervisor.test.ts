import { request } from 'node:http'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startLoad } from '../serve/clients.js'
import { isAlive, until } from '../serve/program.js'
import { imageRoot, startContainer, untilReady, type Container, type ContainerOptions } from './container.js'

let root: string
let container: Container | undefined

beforeAll(() => {
  root = imageRoot()
})

afterEach(async () => {
  await container?.remove()
  container = undefined
})

async function start(options: ContainerOptions = {}): Promise<Container> {
  container = await startContainer(root, options)
  await untilReady(container)
  return container
}

function pidOf(what: number | undefined): number {
  if (what === undefined) throw new Error('that process does not run')
  return what
}

/** Kills the controller and waits until another one is ready. */
async function crash(running: Container): Promise<void> {
  const before = pidOf(running.controller())
  process.kill(before, 'SIGKILL')
  await until(async () => ![undefined, before].includes(running.controller()) && (await running.isReady()), 60_000)
}

/** A request that takes three seconds. Resolves when it has begun; `end` gives how many bytes came, when all is over. */
function beginSlowRequest({ http }: Container): Promise<{ readonly end: Promise<number> }> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port: http, path: '/slow?chunks=30', headers: { host: 'app.test' } })
    asked.on('error', reject)
    asked.on('response', (response) => {
      let bytes = 0
      response.on('data', (data: Buffer) => (bytes += data.length))
      resolve({ end: new Promise((over) => response.on('close', () => over(bytes))) })
    })
    asked.end()
  })
}

const WHOLE = 30_000

describe('bodies that do not fit into a buffer of NGINX', () => {
  it.each([
    ['are files of /tmp: the state is in memory', ['/var/lib/fairlead', '/tmp'], '/tmp/fairlead-bodies'],
    ['are beside the state where only that can be written to', ['/var/lib/fairlead'], '/var/lib/fairlead/state/tmp'],
    ['are beside the state where only /tmp can be written to', ['/tmp'], '/tmp/fairlead/state/tmp'],
  ])('%s', async (_, writable, where) => {
    const running = await start({ writable })
    const state = where.startsWith('/tmp/fairlead/') ? '/tmp/fairlead/state' : '/var/lib/fairlead/state'
    expect((await running.exec('readlink', '-f', `${state}/tmp`)).said).toBe(`${where}\n`)
    expect(await post(running, 100_000)).toBe(200)
    expect((await running.exec('ls', where)).said).toContain('client-body')
  })
})

function post({ http }: Container, bytes: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port: http, method: 'POST', headers: { host: 'app.test' } })
    asked.on('error', reject)
    asked.on('response', (response) => resolve(response.resume().statusCode ?? 0))
    asked.end('x'.repeat(bytes))
  })
}

describe('a crash of the controller', () => {
  it('leaves NGINX alone: it serves on with its process, and the next controller adopts it', async () => {
    const running = await start()
    const master = running.nginx()
    const load = startLoad(running.http, 4, () => ({ host: 'app.test', body: /^one$/ }))
    await crash(running)
    await load.stop()
    expect(load.count.failed).toEqual([])
    expect(load.count.requests).toBeGreaterThan(0)
    expect(running.nginx()).toBe(master)
    expect(running.log()).toContain(
      'the controller has ended with code 137 and is started again in 0 s; NGINX serves on',
    )
    expect(running.log()).toContain('adopted the running NGINX')
  })

  it('again and again: the pauses grow; SIGTERM in such a pause still finishes requests and ends well', async () => {
    const running = await start()
    await crash(running)
    await crash(running)
    await crash(running)
    const slow = await beginSlowRequest(running)
    process.kill(pidOf(running.controller()), 'SIGKILL')
    await until(() => Promise.resolve(running.log().includes('started again in 4 s')), 20_000)
    process.kill(running.init(), 'SIGTERM')
    expect(await slow.end).toBe(WHOLE)
    expect(await running.ended).toBe(0)
    expect(running.log().match(/started again in \d+ s/g)).toEqual([0, 1, 2, 4].map((n) => `started again in ${n} s`))
  })
})

describe('SIGTERM to the container', () => {
  it.each([
    ['as charts start it', undefined],
    ['started without dumb-init', ['/nginx-ingress-controller']],
  ])('%s: requests finish, exit code 0; a second one changes nothing', async (_, command) => {
    const running = await start(command === undefined ? {} : { command })
    expect(running.processes()[0]?.name).toBe('dumb-init')
    const slow = await beginSlowRequest(running)
    process.kill(running.init(), 'SIGTERM')
    await until(() => Promise.resolve(running.log().includes('SIGTERM: stopping')), 20_000)
    process.kill(running.init(), 'SIGTERM')
    expect(await slow.end).toBe(WHOLE)
    expect(await running.ended).toBe(0)
    expect(running.log().split('SIGTERM: stopping')).toHaveLength(2)
  })
})

describe('/wait-shutdown', () => {
  it('stops the controller for good and returns when NGINX is gone, not before (SHD-2)', async () => {
    const running = await start()
    const master = pidOf(running.nginx())
    const slow = await beginSlowRequest(running)
    const order: string[] = []
    const request = slow.end.then((bytes) => order.push(`${bytes} bytes`))
    const hook = running.exec('/wait-shutdown').then((result) => {
      order.push('hook')
      return { ...result, nginx: isAlive(master) }
    })
    await until(() => Promise.resolve(running.log().includes('SIGTERM: stopping')), 20_000)
    expect(await hook).toEqual({ status: 0, said: '', nginx: false })
    await request
    expect(order).toEqual([`${WHOLE} bytes`, 'hook'])
    expect(await running.ended).toBe(0)
    expect(running.log()).not.toContain('started again')
  })

  it('says so where there is nothing to wait for, and does not wait', async () => {
    container = await startContainer(root, {
      command: ['/usr/bin/dumb-init', '--', '/usr/bin/tail', '-f', '/dev/null', '--'],
    })
    const running = container
    await until(() => Promise.resolve(running.processes().some(({ name }) => name === 'tail')), 20_000)
    const { status, said } = await running.exec('/wait-shutdown')
    expect(status).toBe(1)
    expect(said).toContain('/nginx-ingress-controller does not run here')
  })
})

it('a start that is refused ends the container with its code, so that Kubernetes shows it', async () => {
  container = await startContainer(root, { flags: ['--http-port', 'x'] })
  expect(await container.ended).toBe(2)
  expect(container.log()).not.toContain('started again')
})

it('orphans are reaped: the workers of an NGINX whose master was killed leave no zombies', async () => {
  const running = await start()
  const before = pidOf(running.nginx())
  const orphans = running.processes().filter(({ name, pid }) => name === 'nginx' && pid !== before)
  expect(orphans.length).toBeGreaterThan(0)
  process.kill(before, 'SIGKILL')
  await until(async () => ![undefined, before].includes(running.nginx()) && (await running.isReady()), 60_000)
  const gone = (): boolean => {
    const left = new Set(running.processes().map(({ pid }) => pid))
    return [before, ...orphans.map(({ pid }) => pid)].every((pid) => !left.has(pid))
  }
  await until(() => Promise.resolve(gone()), 30_000)
})

it.each([['/var/lib/fairlead'], ['/tmp']])('one folder to write to is enough: %s', async (folder) => {
  const running = await start({ writable: [folder] })
  await crash(running)
  expect(running.log()).toContain('adopted the running NGINX')
  expect(await running.exec('/wait-shutdown')).toEqual({ status: 0, said: '' })
})
