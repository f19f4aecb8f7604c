import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { get } from './clients.js'
import { mainConfigMap, writeObjects } from './manifests.js'
import { startOneApp, type OneApp } from './one-app.js'
import { until } from './program.js'

const bin = fileURLToPath(new URL('../../bin/fairlead', import.meta.url))

function run(...words: readonly string[]): Promise<{ readonly out: string; readonly err: string }> {
  const child = spawn(process.execPath, [bin, ...words], { stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  let err = ''
  child.stdout.on('data', (bytes: Buffer) => (out += bytes.toString()))
  child.stderr.on('data', (bytes: Buffer) => (err += bytes.toString()))
  return new Promise((resolve) => child.once('close', () => resolve({ out, err })))
}

async function top(
  { program }: OneApp,
  ...words: readonly string[]
): Promise<{ readonly rows: unknown; readonly err: string }> {
  const { out, err } = await run('logs', 'top', '--state-dir', program.state, '--json', ...words)
  return { rows: out === '' ? [] : (JSON.parse(out) as { rows: unknown }).rows, err } // what the command prints
}

function logAs({ program }: OneApp, data: Readonly<Record<string, string>>): void {
  writeObjects(program.manifests, 'config', [mainConfigMap(data)])
}

async function ask(app: OneApp, path: string, times: number): Promise<void> {
  for (let i = 0; i < times; i++) expect((await get(app.program.http, 'app.test', path)).status).toBe(200)
}

test('what NGINX served is counted, in the usual format, that of ACK and JSON, without a line that is not read (LOGF-2..4)', {
  timeout: 180_000,
}, async () => {
  const app = await startOneApp()
  try {
    const counts = async (path: string, ...by: readonly string[]): Promise<unknown> => {
      const { rows, err } = await top(
        app,
        '--by',
        ['service', ...by].join(','),
        '--figures',
        'requests',
        '--where',
        `path='${path}'`,
      )
      expect(err).toBe('')
      return rows
    }
    await ask(app, '/usual', 5)
    const usual = [{ service: 'test-app-80', requests: 5 }]
    await expect.poll(() => counts('/usual'), { timeout: 60_000, interval: 300 }).toEqual(usual)

    const formats = [
      { 'log-format-upstream': 'ack' },
      {
        'log-format-upstream':
          '{"t":"$time_iso8601","h":"$host","r":"$request","s":$status,"u":"$upstream_status","n":"$proxy_upstream_name","i":"$req_id"}',
        'log-format-escape-json': 'true',
      },
    ]
    for (const [i, data] of formats.entries()) {
      const generation = app.program.generation()
      logAs(app, data)
      await until(() => Promise.resolve(app.program.generation() > generation), 60_000)
      // Workers of the frame before still answer for a while: only what is written in the new format has a host.
      await expect
        .poll(
          async () => {
            await ask(app, `/"${i}`, 1)
            return counts(`/"${i}`, 'host')
          },
          { timeout: 60_000, interval: 300 },
        )
        .toContainEqual({ service: 'test-app-80', host: 'app.test', requests: expect.any(Number) as number }) // a matcher
    }

    const json = formats[1]?.['log-format-upstream'] ?? ''
    const asked = ['--where', 'host=app.test', '-n', '1', '--json', '--escape', 'json', '--format', json]
    let requestId = ''
    await until(async () => {
      await ask(app, '/json', 1)
      const { out } = await run('logs', 'tail', '--state-dir', app.program.state, ...asked)
      requestId = out === '' ? '' : (JSON.parse(out) as { requestId: string }).requestId // what the command prints
      return requestId !== ''
    }, 60_000)
    const words = ['--request-id', requestId, '--state-dir', app.program.state, '--manifests', app.program.manifests]
    let explained = ''
    await until(async () => (explained = (await run('explain', ...words, '--json')).out) !== '', 60_000)
    expect(JSON.parse(explained)).toMatchObject({ record: { requestId, host: 'app.test', service: 'test-app-80' } })
    expect((await run('explain', '--request-id', 'no-such', '--state-dir', app.program.state)).err).toContain(
      'no request "no-such"',
    )
  } finally {
    await app.end()
  }
})
