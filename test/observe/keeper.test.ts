import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { StoreStatus } from '../../src/observe/analytics.js'
import { createKeeper, type Keeper, type KeeperOptions } from '../../src/observe/logs/raw/keeper.js'
import { until } from '../serve/program.js'
import { ackFormat, ackLine } from './log-lines.js'
import { childrenOf } from './processes.js'

const PATIENCE = 60_000

let folder = ''
let said: string[] = []
let keeper: Keeper | undefined
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-keeper-'))
  said = []
})
afterEach(async () => {
  await keeper?.close()
  rmSync(folder, { recursive: true })
})

function start(options: Partial<KeeperOptions> = {}): Keeper {
  return (keeper = createKeeper({
    folder: join(folder, 'lines'),
    maxBytes: 1e9,
    maxAgeMilliseconds: 86_400_000,
    format: ackFormat,
    say: (_, sentence) => said.push(sentence),
    ...options,
  }))
}

function lines(count: number, first = 0): Uint8Array {
  return Buffer.from(Array.from({ length: count }, (_, i) => ackLine(first + i, { time: Date.now() })).join(''))
}

function raw(status: StoreStatus): StoreStatus & { readonly kind: 'raw' } {
  if (status.kind !== 'raw') throw new Error(status.reason)
  return status
}

test('lines are kept by a process of its own; when it is killed, what it had not written is counted, and another one goes on', {
  timeout: 240_000,
}, async () => {
  const running = start()
  expect(await childrenOf(process.pid, 'program/log-store.js')).toEqual([])
  running.feed(lines(100))
  await until(async () => (await running.find('id99')) !== undefined, PATIENCE)
  expect(raw(running.status())).toMatchObject({ lines: 100, waitingLines: 0, notKept: 0 })
  const [pid = 0] = await childrenOf(process.pid, 'program/log-store.js')
  process.kill(pid, 'SIGSTOP')
  running.feed(lines(50, 100))
  expect(raw(running.status()).waitingLines).toBe(50)
  process.kill(pid, 'SIGKILL')
  await until(() => Promise.resolve(raw(running.status()).notKept === 50), PATIENCE)
  expect(raw(running.status()).problem).toContain('SIGKILL')
  // The first line behind the gap might be half a one.
  await until(async () => {
    running.feed(lines(2, 200))
    return (await running.find('id201')) !== undefined
  }, PATIENCE)
  await until(() => Promise.resolve(raw(running.status()).problem === undefined), PATIENCE)
  expect(await running.find('id120')).toBeUndefined()
  expect(await running.find('id99')).toMatchObject({ uri: '/p/0?x=99' })
  const from = Date.now() - 3_600_000
  const answer = await running.query({ from, to: from + 7_200_000, figures: ['requests'], groupBy: ['client', 'path'] })
  expect(answer.ok && [answer.source, answer.rows.length > 8]).toEqual(['raw', true])
  expect(said.map((sentence) => sentence.slice(0, 40))).toEqual([
    'lines of the access log cannot be kept f',
    'lines of the access log are kept again',
  ])
  await running.close()
  expect(await childrenOf(process.pid, 'program/log-store.js')).toEqual([])
})

test('what comes faster than it can be written is not kept, and counted; the rest is whole', {
  timeout: 120_000,
}, async () => {
  const piece = lines(1_000)
  const running = start({ maxWaitingBytes: piece.length * 3 })
  for (let i = 0; i < 10; i++) running.feed(piece)
  expect(raw(running.status())).toMatchObject({ waitingLines: 3_000, notKept: 7_000 })
  await until(async () => (await running.find('id999')) !== undefined, PATIENCE)
  expect(raw(running.status())).toMatchObject({ lines: 3_000, waitingLines: 0, notKept: 7_000 })
})

test('without DuckDB nothing is started, and one sentence says so', async () => {
  const running = start({ packages: pathToFileURL(join(folder, 'program.js')).href })
  running.feed(lines(10))
  expect(running.status()).toEqual({
    kind: 'none',
    reason: 'DuckDB is not installed (npm install --include=optional), so that only roll-ups are kept',
  })
  expect(await running.query({ from: 0, to: 1, figures: ['requests'] })).toMatchObject({ ok: false })
  expect(said).toEqual([`lines of the access log are not kept: ${(running.status() as { reason: string }).reason}`]) // seen above
  expect(existsSync(join(folder, 'lines'))).toBe(false)
})

test('where no process can be started, questions are answered, lines are counted, and it is tried again', {
  timeout: 120_000,
}, async () => {
  const node = process.execPath
  const running = start()
  try {
    process.execPath = join(folder, 'no-node')
    running.feed(lines(10))
    expect(await running.query({ from: 0, to: 1, figures: ['requests'] })).toMatchObject({ ok: false })
    expect(raw(running.status())).toMatchObject({ notKept: 10, waitingLines: 0 })
    expect(raw(running.status()).problem).toContain('cannot be started')
    const other = start()
    other.feed(lines(1))
    await other.close()
    keeper = running
  } finally {
    process.execPath = node
  }
  await until(async () => {
    running.feed(lines(2, 100))
    return (await running.find('id101')) !== undefined
  }, PATIENCE)
})

test('what still waits at the end is kept', { timeout: 120_000 }, async () => {
  const running = start({ farewellMilliseconds: PATIENCE })
  running.feed(lines(1))
  await until(async () => (await running.find('id0')) !== undefined, PATIENCE)
  const [pid = 0] = await childrenOf(process.pid, 'program/log-store.js')
  process.kill(pid, 'SIGSTOP')
  for (let i = 0; i < 10; i++) running.feed(lines(500, i * 500))
  const closed = running.close()
  process.kill(pid, 'SIGCONT')
  await closed
  const next = start()
  next.feed(lines(1))
  await until(async () => (await next.find('id0')) !== undefined, PATIENCE)
  expect(await next.find('id4999')).toBeDefined()
})

test('old lines go without any traffic: of a store that is in use, and of one that nobody has written to since the start', {
  timeout: 240_000,
}, async () => {
  const files = (): readonly string[] =>
    existsSync(join(folder, 'lines'))
      ? readdirSync(join(folder, 'lines')).filter((name) => name.includes('.duckdb'))
      : []
  const first = start()
  first.feed(lines(10))
  await until(async () => (await first.find('id9')) !== undefined, PATIENCE)
  await first.close()
  expect(files()).toContain('lines-000001.duckdb')
  const second = start({ maxAgeMilliseconds: 8_000 })
  await until(() => Promise.resolve(files().length === 0), PATIENCE)
  // Now with a process that has been writing.
  second.feed(lines(10))
  await until(() => Promise.resolve(raw(second.status()).waitingLines === 0), PATIENCE)
  await until(() => Promise.resolve(files().length === 0 && raw(second.status()).lines === 0), PATIENCE)
  expect(raw(second.status())).toMatchObject({ notKept: 0 })
  expect((await childrenOf(process.pid, 'program/log-store.js')).length).toBe(1)
})
