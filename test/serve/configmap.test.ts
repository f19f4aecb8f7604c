import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { writeObjects } from './manifests.js'
import { startOneApp, type OneApp } from './one-app.js'
import { until } from './program.js'

let app: OneApp

beforeEach(async () => {
  app = await startOneApp()
})

afterEach(() => app.end())

function configure(data: Readonly<Record<string, string>>): void {
  const metadata = { name: 'ingress-nginx-controller', namespace: 'ingress-nginx' }
  writeObjects(app.program.manifests, 'config', [{ apiVersion: 'v1', kind: 'ConfigMap', metadata, data }])
}

test('CM-2 CM-3: answers are compressed and lines logged as JSON once the ConfigMap says so; a bad value and an unknown key cost only themselves', async () => {
  expect(await encoding()).toBeUndefined()
  configure({
    'use-gzip': 'true',
    'gzip-types': '*',
    'gzip-min-length': '0',
    'keep-alive': '50k',
    'use-gzipp': 'true',
    'log-format-escape-json': 'true',
    'log-format-upstream': '{"agent":"$http_user_agent","status":$status,"to":"$proxy_upstream_name"}',
    'enable-brotli': 'true',
  })
  await until(async () => (await encoding()) === 'gzip', 20_000)
  await until(() => Promise.resolve(app.program.generation() === 2), 20_000)
  await until(() => Promise.resolve(lines().some((line) => line.startsWith('{'))), 20_000)
  const last = JSON.parse(lines().findLast((line) => line.startsWith('{')) ?? '') as Readonly<Record<string, unknown>>
  expect(last).toEqual({ agent: 'a "b"', status: 200, to: 'test-app-80' })
  await until(() => Promise.resolve(app.program.log().includes('use-gzipp')), 20_000)
  const log = app.program.log()
  expect(log).toContain('The value "50k" is not a whole number')
  expect(log).toContain('Did you mean use-gzip?')
  expect(log).toContain('no module for brotli')
})

const lines = (): readonly string[] =>
  readFileSync(join(app.program.state, 'log', 'access.log'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')

function encoding(): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { host: 'app.test', 'accept-encoding': 'gzip', 'user-agent': 'a "b"' }
    const asked = request({ host: '127.0.0.1', port: app.program.http, headers, agent: false }, (response) => {
      response.resume()
      response.on('end', () => resolve(response.headers['content-encoding']))
    })
    asked.on('error', reject)
    asked.end()
  })
}
