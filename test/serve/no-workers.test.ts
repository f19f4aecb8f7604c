import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { get } from './clients.js'
import { startOneApp, type OneApp } from './one-app.js'
import { until } from './program.js'

let app: OneApp

beforeEach(async () => {
  app = await startOneApp()
})

afterEach(() => app.end())

test('OBS-1: an NGINX whose workers are gone and cannot be started is not healthy, and is replaced', async () => {
  const { program } = app
  const master = program.nginx()
  // Nothing that it starts has room for anything.
  execFileSync('prlimit', ['--pid', String(master), '--data=4096'])
  for (const worker of workersOf(master)) process.kill(worker, 'SIGKILL')
  await until(() => Promise.resolve(program.nginx() !== master && program.nginx() > 0), 30_000)
  await until(async () => (await get(program.http, 'app.test', '/').catch(() => undefined))?.status === 200, 30_000)
  expect(program.log()).toContain('NGINX has no workers any more and is started again with the last table')
  await until(async () => (await health('/readyz')) === 200, 20_000)
})

test('OBS-1: an NGINX of which no worker answers is not healthy, whoever asks, until one answers again', async () => {
  const workers = workersOf(app.program.nginx())
  for (const worker of workers) process.kill(worker, 'SIGSTOP')
  try {
    for (const path of ['/healthz', '/readyz', '/livez']) await until(async () => (await health(path)) === 500, 60_000)
    const said = await (await fetch(`http://127.0.0.1:${app.program.health}/livez`)).text()
    expect(said).toMatch(/^not ok: NGINX runs, and none of its workers has answered for \d+ s$/m)
  } finally {
    for (const worker of workers) process.kill(worker, 'SIGCONT')
  }
  for (const path of ['/healthz', '/readyz', '/livez']) await until(async () => (await health(path)) === 200, 30_000)
})

async function health(path: string): Promise<number> {
  return (await fetch(`http://127.0.0.1:${app.program.health}${path}`)).status
}

function workersOf(master: number): readonly number[] {
  return readFileSync(`/proc/${master}/task/${master}/children`, 'utf8').trim().split(' ').map(Number)
}
