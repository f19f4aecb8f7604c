import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import type { Applier, Desired } from '../../src/apply/applier.js'
import { digestBytes } from '../../src/apply/digest.js'
import { createProfile, type Profile } from '../../src/nginx/profile.js'
import { isAlive } from '../serve/program.js'
import { ask, plainHost, until, useApplier, type Begun } from './rig.js'

const begin = useApplier()
let slow: Socket | undefined

afterEach(() => slow?.destroy())

/** A request whose head is not there yet: the worker that has it finishes it, and does not end. */
async function holdWorker({ input }: Begun): Promise<void> {
  const socket = connect(input.listeners.httpPort, '127.0.0.1')
  slow = socket
  socket.on('error', () => undefined)
  await new Promise((resolve) => socket.write('GET / HTTP/1.1\r\nHost: a.test\r\n', resolve))
}

const profileOf = (buffers: number): Profile =>
  createProfile([{ name: 'proxy_buffers', args: [String(buffers), '8k'] }], digestBytes)

const [first, second] = [profileOf(16), profileOf(32)]
const hosts = [plainHost('a.test')]

/** What `host` answers while something goes on. */
async function statusesWhile({ input }: Begun, host: string, promise: Promise<unknown>): Promise<ReadonlySet<number>> {
  const statuses = new Set<number>()
  let isOver = false
  void promise.finally(() => (isOver = true))
  while (!isOver) statuses.add(await ask(input, host))
  return statuses
}

/** The profile is in the frame, and a worker of the one before is held. */
async function beginWaiting(): Promise<Begun & { readonly wanted: Desired }> {
  const begun = await begin({})
  const { applier, input, desire } = begun
  await applier.begin(desire(hosts, []))
  await holdWorker(begun)
  const wanted = desire([...hosts, plainHost('b.test', first.name)], [first])
  expect(await applier.apply(wanted)).toEqual([])
  expect(await ask(input, 'b.test')).toBe(404)
  return { ...begun, wanted }
}

/** The drain of old workers is looked at every 100 ms. */
async function drained({ client }: Begun, generation: number): Promise<void> {
  await until(async () => {
    const status = await client.status()
    return status.ok && status.value.workers.every((worker) => worker.generation >= generation || !isAlive(worker.pid))
  })
  await sleep(200)
}

test('a profile that the next frame goes without is not there when its old workers end while that is loaded', async () => {
  const begun = await beginWaiting()
  const { applier, desire, wanted } = begun
  let pushing: Promise<void> = Promise.resolve()
  const without = applier.apply(desire(hosts, [second]), () => {
    slow?.destroy()
    // Somebody names it again meanwhile.
    pushing = pushAgainAndAgain(applier, wanted)
  })
  const statuses = await statusesWhile(begun, 'b.test', without)
  await pushing
  expect(await without).toEqual([])
  expect([...statuses]).toEqual([404])
  expect(applier.reloads()).toBe(2)
  const next = applier.apply(desire([...hosts, plainHost('b.test', first.name)], [first, second]))
  expect([...(await statusesWhile(begun, 'b.test', next))].filter((status) => status !== 200)).toEqual([404])
  await until(async () => (await ask(begun.input, 'b.test')) === 200)
  expect(applier.reloads()).toBe(3)
})

async function pushAgainAndAgain(applier: Applier, { documents }: Desired): Promise<void> {
  while (applier.isReloading()) {
    await applier.pushMeanwhile(documents)
    await sleep(10)
  }
}

test('a profile that the next frame went without is not there when its old workers end after that', async () => {
  const begun = await beginWaiting()
  const { applier, desire } = begun
  expect(await applier.apply(desire(hosts, [second]))).toEqual([])
  slow?.destroy()
  await drained(begun, 2)
  const next = applier.apply(desire([...hosts, plainHost('b.test', first.name)], [first, second]))
  expect([...(await statusesWhile(begun, 'b.test', next))].filter((status) => status !== 200)).toEqual([404])
  await until(async () => (await ask(begun.input, 'b.test')) === 200)
  expect(applier.reloads()).toBe(3)
})

test('a profile whose old workers end while a frame is refused is there', async () => {
  const begun = await beginWaiting()
  const { applier, input, wanted } = begun
  const refused: Desired = {
    ...wanted,
    printFrame: (...asked) => `no_such_directive;\n${wanted.printFrame(...asked)}`,
  }
  const problems = await applier.apply(refused, () => slow?.destroy())
  expect(problems.map(({ code }) => code)).toEqual(['frame/refused'])
  await until(async () => (await ask(input, 'b.test')) === 200)
  expect(applier.reloads()).toBe(1)
})
