import { readFileSync } from 'node:fs'
import { createServer, request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { annotated, mainConfigMap, service, slice, writeObjects } from './manifests.js'
import { startOneApp, type OneApp } from './one-app.js'
import { until } from './program.js'

let app: OneApp

beforeEach(async () => {
  app = await startOneApp()
})

afterEach(() => app.end())

function configure(data: Readonly<Record<string, string>>): void {
  writeObjects(app.program.manifests, 'config', [mainConfigMap(data)])
}

test('CM-2 CM-3 CM-5: answers are compressed and lines logged as JSON once the ConfigMap says so; a bad value and an unknown key cost only themselves', async () => {
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
  await reloadedOnce()
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

test('IP-4: blocked addresses, agents and referers are refused everywhere, also on paths with a list of their own; a bad item costs only itself', async () => {
  const own = annotated('own', 'own.test', 'app', { 'allowlist-source-range': '127.0.0.0/8' })
  writeObjects(app.program.manifests, 'own', [own])
  await until(async () => (await statusOf('own.test', {})) === 200, 20_000)
  // The worker knows by then that nothing is to be looked at here.
  for (let i = 0; i < 3; i++) expect(await statusOf('app.test', {})).toBe(200)
  configure({
    'block-cidrs': '127.0.0.9, example.com',
    'block-user-agents': 'Bad/1.0,~*^scrap(er|y),~(',
    'block-referers': '~spam',
  })
  await untilSettled(async () => (await statusOf('app.test', {}, '127.0.0.9')) === 403)
  for (const host of ['app.test', 'own.test', 'nobody.test']) {
    expect(await statusOf(host, {}, '127.0.0.9')).toBe(403)
    expect(await statusOf(host, { 'user-agent': 'Bad/1.0' })).toBe(403)
    expect(await statusOf(host, { 'user-agent': 'SCRAPY' })).toBe(403)
    expect(await statusOf(host, { referer: 'http://spam.test/' })).toBe(403)
    expect(await statusOf(host, { 'user-agent': 'Bad/1.01', referer: 'http://ham.test/' })).toBe(
      host === 'nobody.test' ? 404 : 200,
    )
    expect(await statusOf(host, { 'user-agent': 'Bad/1.0' })).toBe(403)
  }
  configure({ 'block-cidrs': '127.0.0.10' })
  await until(async () => (await statusOf('app.test', {}, '127.0.0.10')) === 403, 20_000)
  expect(await statusOf('app.test', {}, '127.0.0.9')).toBe(200)
  expect(app.program.generation()).toBe(1)
  await until(() => Promise.resolve(app.program.log().includes('the other items hold')), 20_000)
})

test('LOG-1: paths and URLs that are not to be logged are not', async () => {
  writeObjects(app.program.manifests, 'quiet', [
    annotated('quiet', 'quiet.test', 'app', { 'enable-access-log': 'false' }),
    annotated('loud', 'loud.test', 'app', { 'enable-access-log': 'true' }),
  ])
  configure({
    'skip-access-log-urls': '/skipped?a=1,~^/no-.*-log',
    'log-format-upstream': 'asked $host$request_uri',
    // By it the test knows the workers of the new frame.
    'server-tokens': 'true',
  })
  await untilSettled(async () => {
    const { statusCode, headers } = await answerOf('quiet.test')
    return statusCode === 200 && headers.server !== undefined && (await statusOf('loud.test', {})) === 200
  })
  for (const path of ['/skipped?a=1', '/no-such-log', '/skipped?a=2', '/last']) {
    expect(await statusOf('loud.test', {}, '127.0.0.1', path)).toBe(200)
    expect(await statusOf('quiet.test', {}, '127.0.0.1', path)).toBe(200)
  }
  // Each worker writes its lines on its own.
  const wanted = ['asked loud.test/last', 'asked loud.test/skipped?a=2']
  await until(() => Promise.resolve(wanted.every((line) => lines().includes(line))), 20_000)
  const unwanted = ['asked loud.test/skipped?a=1', 'asked loud.test/no-such-log', 'asked quiet.test/last']
  expect(lines().filter((line) => unwanted.includes(line))).toEqual([])
  // Lua writes what the log would show, whether there is one or not.
  const { length } = lines()
  configure({ 'disable-access-log': 'true', 'generate-request-id': 'false' })
  await untilSettled(async () => (await answerOf('loud.test')).headers.server === undefined)
  expect((await answerOf('loud.test')).statusCode).toBe(200)
  expect(lines().length).toBeGreaterThanOrEqual(length)
})

test('REQ-3 CM-6: headers for all answers and all backends come from the ConfigMaps that it names, which are followed', async () => {
  const seen: IncomingHttpHeaders[] = []
  const backend = createServer((asked, response) => {
    seen.push(asked.headers)
    response.setHeader('Server', 'their-server')
    response.setHeader('X-Powered-By', 'magic')
    response.setHeader('X-Frame-Options', 'theirs')
    response.end()
  })
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve))
  const { port } = backend.address() as AddressInfo // it listens on TCP
  const named = (name: string, data: Readonly<Record<string, string>>): object => {
    return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'test' }, data }
  }
  const write = (answers: Readonly<Record<string, string>>): void =>
    writeObjects(app.program.manifests, 'headers', [
      annotated('headers', 'headers.test', 'headers', {}),
      withLineEnd('line-end', 'line-end.test', 'headers'),
      service('headers'),
      slice('headers', [port]),
      named('answers', answers),
      named('backends', {
        'X-Real-IP': 'hidden',
        'X-Asked': '$request_method $request_uri',
        'X-Whose': '$namespace/$ingress_name$location_path',
        'X-Bad': '$uri',
      }),
    ])
  write({
    'X-Frame-Options': 'DENY',
    'X-Host': 'on $host',
    'X-Service': '$service_name:$service_port',
    'X-Worse': '$nobody_knows',
  })
  configure({
    'add-headers': 'test/answers',
    'proxy-set-headers': 'test/backends',
    'hide-headers': 'X-Powered-By',
    'server-tokens': 'true',
    'allow-backend-server-header': 'true',
  })
  try {
    const answered = async (): Promise<IncomingHttpHeaders> => (await answerOf('headers.test')).headers
    await untilSettled(async () => {
      const { server, 'x-host': host } = await answered()
      return server === 'their-server' && host === 'on headers.test'
    })
    const headers = await answered()
    expect(headers).toMatchObject({ 'x-frame-options': 'DENY', 'x-service': 'headers:80', server: 'their-server' })
    expect(Object.keys(headers)).not.toEqual(expect.arrayContaining(['x-powered-by']))
    expect(headers).not.toHaveProperty('x-worse')
    expect(seen.at(-1)).toMatchObject({ 'x-real-ip': 'hidden', 'x-asked': 'GET /', 'x-whose': 'test/headers/' })
    expect(seen.at(-1)).not.toHaveProperty('x-bad')
    expect((await answerOf('line-end.test')).statusCode).toBe(200)
    expect(seen.at(-1)).toMatchObject({ 'x-whose': 'test/line-end/[^%0A]*' })
    expect((await answerOf('nobody.test')).headers).toMatchObject({ 'x-frame-options': 'DENY' })
    await reloadedOnce()
    write({ 'X-Frame-Options': 'SAMEORIGIN' })
    await until(async () => (await answered())['x-frame-options'] === 'SAMEORIGIN', 20_000)
    expect(app.program.generation()).toBe(2)
    await until(
      () => Promise.resolve(/nobody_knows[\s\S]*\$uri|\$uri[\s\S]*nobody_knows/.test(app.program.log())),
      20_000,
    )
  } finally {
    backend.close()
  }
})

test('DEF-4 DEF-6: the keys say who may read the counters of NGINX, what the default backend answers is logged, and of whom the error log tells everything', async () => {
  const status = (from: string): Promise<number> => statusOf('nobody.test', {}, from, '/nginx_status')
  expect([await status('127.0.0.1'), await status('127.0.0.9')]).toEqual([200, 403])
  expect(await statusOf('nobody.test', {}, '127.0.0.1', '/before')).toBe(404)
  configure({
    'nginx-status-ipv4-whitelist': '127.0.0.8/31, example.com',
    'enable-access-log-for-default-backend': 'true',
  })
  await until(async () => (await status('127.0.0.9')) === 200, 30_000)
  expect([await status('127.0.0.1'), await status('127.0.0.8')]).toEqual([403, 200])
  await until(async () => {
    expect(await statusOf('nobody.test', {}, '127.0.0.1', '/after')).toBe(404)
    return lines().some((line) => line.includes('/after'))
  }, 30_000)
  expect(lines().filter((line) => line.includes('/before'))).toEqual([])
  expect(app.program.generation()).toBe(1)
  configure({ 'nginx-status-ipv4-whitelist': '', 'debug-connections': '127.0.0.9' })
  await until(async () => (await status('127.0.0.9')) === 403, 30_000)
  const told = (): string => readFileSync(join(app.program.state, 'log', 'error.log'), 'utf8')
  await until(async () => {
    await statusOf('app.test', {}, '127.0.0.1', '/of-somebody-else')
    await statusOf('app.test', {}, '127.0.0.9', '/of-the-debugged')
    return /\[debug\].*\/of-the-debugged/.test(told())
  }, 30_000)
  expect(told()).not.toMatch(/\[debug\].*\/of-somebody-else/)
})

/** The record of a reload is written after NGINX has it. */
function reloadedOnce(): Promise<void> {
  return until(() => Promise.resolve(app.program.generation() === 2), 20_000)
}

/** Workers of the frame before may answer between those of the new one. */
async function untilSettled(isThere: () => Promise<boolean>): Promise<void> {
  await until(async () => {
    for (let i = 0; i < 200; i++) if (!(await isThere())) return false
    return true
  }, 20_000)
}

/** Its path is a pattern that holds one. */
function withLineEnd(name: string, host: string, backend: string): object {
  const target = { service: { name: backend, port: { number: 80 } } }
  const paths = [{ path: '/[^\n]*', pathType: 'ImplementationSpecific', backend: target }]
  const spec = { ingressClassName: 'nginx', rules: [{ host, http: { paths } }] }
  return { ...annotated(name, host, backend, { 'use-regex': 'true' }), spec }
}

function answerOf(host: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { host: '127.0.0.1', port: app.program.http, agent: false, headers: { host } },
      (response) => {
        response.resume()
        response.on('end', () => resolve(response))
      },
    )
    asked.on('error', reject)
    asked.end()
  })
}

function statusOf(
  host: string,
  headers: Readonly<Record<string, string>>,
  from = '127.0.0.1',
  path = '/',
): Promise<number> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: app.program.http, path, agent: false as const, localAddress: from }
    const asked = request({ ...options, headers: { host, ...headers } }, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode ?? 0))
    })
    asked.on('error', reject)
    asked.end()
  })
}
