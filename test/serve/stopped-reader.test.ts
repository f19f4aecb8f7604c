import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { startTestBackend } from './backends.js'
import { get } from './clients.js'
import { ingress, writeObjects } from './manifests.js'
import { writeOneApp } from './one-app.js'
import { createProgram, until } from './program.js'

const bin = fileURLToPath(new URL('../../bin/fairlead', import.meta.url))

const STOPPED_MILLISECONDS = 60_000

/** A process that copies a pipe to a file, as a log collector would. */
interface Reader {
  readonly process: ChildProcess
  readonly ended: Promise<unknown>
  /** The pipe, for whoever writes into it. */
  readonly descriptor: number
  text(): string
}

function startReader(folder: string, name: string): Reader {
  const pipe = join(folder, `${name}.pipe`)
  const file = join(folder, `${name}.log`)
  expect(spawnSync('mkfifo', [pipe]).status).toBe(0)
  const target = openSync(file, 'w')
  const reader = spawn('cat', [pipe], { stdio: ['ignore', target, 'inherit'] })
  closeSync(target)
  const ended = new Promise((resolve) => reader.once('exit', resolve))
  return { process: reader, ended, descriptor: openSync(pipe, 'w'), text: () => readFileSync(file, 'utf8') }
}

test('whoever reads its output stops for 60 s under load: no request waits, and every line arrives or is counted', {
  timeout: 150_000,
}, async () => {
  const program = await createProgram()
  const backend = await startTestBackend('one')
  writeOneApp(program, backend)
  const readers = [startReader(program.folder, 'stdout'), startReader(program.folder, 'stderr')] as const
  const [out, log] = readers
  const ports = [program.http, program.https, program.health].map(String)
  const flags = ['--http-port', '--https-port', '--healthz-port'].flatMap((flag, i) => [flag, ports[i] ?? ''])
  const serve = spawn(
    process.execPath,
    [bin, 'serve', '--manifests', program.manifests, '--state-dir', program.state, '--log-format', 'json', ...flags],
    { stdio: ['ignore', out.descriptor, log.descriptor] },
  )
  for (const { descriptor } of readers) closeSync(descriptor)
  try {
    const isReady = async (): Promise<boolean> =>
      (await fetch(`http://127.0.0.1:${program.health}/readyz`).catch(() => undefined))?.status === 200
    await until(isReady, 20_000)
    const load = startPacedLoad(program.http)
    await until(() => Promise.resolve(out.text() !== ''), 20_000)

    for (const reader of readers) reader.process.kill('SIGSTOP')
    const end = Date.now() + STOPPED_MILLISECONDS
    for (let round = 0; Date.now() < end; round++) {
      // Two thousand lines of problems, more than a pipe holds, and a change that must go live all the same.
      writeObjects(program.manifests, 'bad', badIngresses(round % 40))
      writeObjects(program.manifests, 'more', [ingress('more', `more-${round}.test`, 'app')])
      await until(async () => (await get(program.http, `more-${round}.test`, '/')).status === 200, 20_000)
      expect(await isReady()).toBe(true)
      await sleep(500)
    }
    const beforeReading = out.text().length
    for (const reader of readers) reader.process.kill('SIGCONT')
    await load.stop()
    expect(load.failed).toEqual([])
    expect(load.longest).toBeLessThan(10_000)

    const ended = new Promise((resolve) => serve.once('exit', resolve))
    serve.kill('SIGTERM')
    expect(await ended).toBe(0)
    await Promise.all(readers.map((reader) => reader.ended))
    const served = out
      .text()
      .split('\n')
      .filter((line) => line.includes('"GET /counted HTTP/1.1" 200 '))
    console.log(`${load.requests} requests, ${out.text().length - beforeReading} bytes waited, ${served.length} lines`)
    expect(out.text().length - beforeReading).toBeGreaterThan(500_000)
    expect(served.length).toBe(load.requests)
    // Its own log: whole lines, the last one arrives, and if some are missing it says how many.
    const words = log.text().trimEnd().split('\n').map(messageOf)
    expect(words.at(-1)).toBe('stopped')
    expect(log.text().length).toBeGreaterThan(128_000)
  } finally {
    for (const { process: reader } of readers) reader.kill('SIGKILL')
    serve.kill('SIGTERM')
    await program.remove()
    backend.close()
  }
})

function messageOf(line: string): string {
  return (JSON.parse(line) as { msg: string }).msg // our own log
}

function badIngresses(from: number): object[] {
  return Array.from({ length: 40 }, (_, i) => ingress(`bad-${i}`, `no host ${from + i} ${'x'.repeat(200)}`, 'app'))
}

interface PacedLoad {
  requests: number
  readonly failed: string[]
  longest: number
  stop(): Promise<void>
}

/** Eight clients that ask a hundred times a second each at most: enough to fill the pipes, and the machine stays usable. */
function startPacedLoad(port: number): PacedLoad {
  let busy = true
  const load: PacedLoad = {
    requests: 0,
    failed: [],
    longest: 0,
    async stop() {
      busy = false
      await Promise.all(clients)
    },
  }
  const clients = Array.from({ length: 8 }, async () => {
    while (busy) {
      const begun = Date.now()
      const reply = await get(port, 'app.test', '/counted').catch((cause: unknown) => ({
        status: 0,
        body: String(cause),
      }))
      load.requests += 1
      load.longest = Math.max(load.longest, Date.now() - begun)
      if (reply.status !== 200 || reply.body !== 'one') load.failed.push(`${reply.status} ${reply.body}`)
      await sleep(10)
    }
  })
  return load
}
