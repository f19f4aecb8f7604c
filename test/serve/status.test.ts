import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import type { StatusReport } from '../../src/observe/status.js'
import { ingress, service, writeObjects } from './manifests.js'
import { startOneApp } from './one-app.js'
import { isAlive, until } from './program.js'

const program = fileURLToPath(new URL('../../bin/fairlead', import.meta.url))

interface Outcome {
  readonly code: number
  readonly out: string
  readonly error: string
}

function status(...args: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [program, 'status', ...args],
      { env: { ...process.env, NO_COLOR: '1' } },
      (cause, out, error) => {
        resolve({ code: cause === null ? 0 : Number(cause.code), out, error })
      },
    )
  })
}

test('fairlead status shows a running one, what is wrong with it, and an NGINX that was left alone', async () => {
  const app = await startOneApp()
  try {
    const { program: serve } = app
    const ask = async (): Promise<StatusReport> => {
      const { out } = await status('--state-dir', serve.state, '--json')
      return JSON.parse(out) as StatusReport // it is what is tested
    }
    writeObjects(serve.manifests, 'lost', [ingress('lost', 'lost.test', 'lost'), service('other')])
    let report = await ask()
    await until(async () => {
      report = await ask()
      return report.problems.errors + report.problems.warnings > 0 && report.ingresses === 2
    }, 60_000)
    expect(report).toMatchObject({
      ready: true,
      ingresses: 2,
      upstreams: 3,
      endpoints: 1,
      watches: [],
    })
    expect(report.problems.first.map(({ code, about }) => `${code} ${about}`)).toContain(
      'backend/service-not-found Ingress test/lost',
    )
    expect(report.pid).toBe(serve.controller().pid)
    expect(report.nginx?.pid).toBe(serve.nginx())
    expect(report.nginx?.workers.length).toBeGreaterThan(0)
    expect(report.nginx?.residentBytes).toBeGreaterThan(1e6)

    const text = await status('--state-dir', serve.state)
    expect(text.code).toBe(0)
    expect(text.out).toMatch(/^ready\n/)
    expect(text.out).toMatch(/routes +2 Ingresses, 3 hosts/)
    expect(text.out).toMatch(/reloads +none since the start/)
    expect(text.out).toContain('backend/service-not-found')
    expect(text.out.split('\n').length).toBeLessThan(25)

    const controller = serve.controller()
    controller.kill('SIGKILL')
    await until(() => Promise.resolve(!isAlive(controller.pid ?? 0)), 60_000)
    const alone = await status('--state-dir', serve.state)
    expect(alone.code).toBe(1)
    expect(alone.error).toMatch(/no controller runs in .*; its NGINX serves on with \d+ workers and revision \d+/)
  } finally {
    await app.end()
  }
})

test('fairlead status exits with 2 where nobody runs', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-status-'))
  const { code, error } = await status('--state-dir', folder)
  rmSync(folder, { recursive: true })
  expect(code).toBe(2)
  expect(error).toContain(`nobody runs in ${folder}`)
})
