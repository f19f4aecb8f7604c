import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { parseFormat } from '../../src/observe/logs/formats.js'
import { createLiveAnalytics } from '../../src/observe/logs/live.js'
import { until } from '../serve/program.js'

const script = new URL('../../dist/program/log-thread.js', import.meta.url)

function lines(count: number): Uint8Array {
  const time = `${new Date().toISOString().slice(0, 19)}+00:00`
  return Buffer.from(Array.from({ length: count }, (_, i) => `${time} 200 h.test /${i % 9} id${i}\n`).join(''))
}

test('a thread reads the lines and answers; what it cannot take is counted and the rest is read on', async () => {
  const live = createLiveAnalytics({
    format: parseFormat('$status'),
    maxWaitingBytes: 4_000_000,
    onRestart: (reason) => expect(reason).toBe(''),
  })
  try {
    live.useFormat(parseFormat('$time_iso8601 $status $host $request_uri $req_id'))
    const piece = lines(10_000)
    // All at once: the thread has had no time to take anything.
    for (let i = 0; i < 20; i++) live.feed(piece)
    const taken = Math.floor(4_000_000 / piece.length)
    await until(async () => (await live.status()).records === taken * 10_000, 60_000)
    live.feed(piece)
    await until(async () => (await live.status()).records > taken * 10_000, 60_000)
    const status = await live.status()
    expect([status.lost, status.unparsable]).toEqual([(20 - taken) * 10_000, 0])
    // The piece behind the gap begins with a line that might be half a one.
    expect(status.records).toBe((taken + 1) * 10_000 - 1)
    const answer = await live.query({
      from: 0,
      to: Date.now() + 60_000,
      figures: ['requests'],
      groupBy: ['host'],
    })
    expect(answer.ok && answer.rows).toEqual([{ group: ['h.test'], figures: [status.records] }])
    expect((await live.find('id9999'))?.uri).toBe('/0')
    expect((await live.recent({ limit: 3 })).length).toBe(3)
  } finally {
    await live.close()
  }
  expect(await live.query({ from: 0, to: 1, figures: ['requests'] })).toMatchObject({ ok: false })
})

test('when the thread ends, who asks before there is another one has an answer, and lines of that time are counted', {
  timeout: 120_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-live-'))
  const failing = join(folder, 'thread.mjs')
  writeFileSync(
    failing,
    `import { parentPort } from 'node:worker_threads'
     import ${JSON.stringify(script.href)}
     parentPort.on('message', ({ bytes }) => { if (bytes && Buffer.from(bytes).includes('fail')) throw new Error('as told') })`,
  )
  let down = (): void => undefined
  const isDown = new Promise<void>((resolve) => (down = resolve))
  const live = createLiveAnalytics({
    format: parseFormat('$time_iso8601 $status $host $request_uri $req_id'),
    script: pathToFileURL(failing),
    onRestart: () => down(),
  })
  try {
    live.feed(Buffer.from('fail\n'))
    await isDown
    const asked = live.query({ from: 0, to: 1, figures: ['requests'] })
    live.feed(lines(10))
    expect(await asked).toMatchObject({ ok: false })
    await until(async () => (await live.status()).maxRows > 0, 60_000)
    live.feed(lines(10))
    await until(async () => (await live.status()).records === 9, 60_000)
    expect((await live.status()).lost).toBe(10)
  } finally {
    await live.close()
    rmSync(folder, { recursive: true })
  }
})
