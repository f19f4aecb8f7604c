import { execFile } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { get } from './clients.js'
import { annotated, ingress, mainConfigMap, service, slice, writeObjects } from './manifests.js'
import { startOneApp, type OneApp } from './one-app.js'
import { until } from './program.js'
import { freePort } from '../support/ports.js'

const bin = fileURLToPath(new URL('../../bin/fairlead', import.meta.url))
const PATIENCE = 60_000
const POLLED = { timeout: PATIENCE, interval: 300 }

let app: OneApp

beforeAll(async () => {
  app = await startOneApp()
  const closed = await freePort()
  writeObjects(app.program.manifests, 'more', [
    annotated('quiet', 'quiet.test', 'app', { 'enable-access-log': 'false' }),
    ingress('gone', 'gone.test', 'gone'),
    service('gone'),
    slice('gone', [closed]),
  ])
  await until(async () => (await ask('quiet.test', '/')) === 200, PATIENCE)
})

afterAll(() => app?.end())

const ask = async (host: string, path: string): Promise<number> => (await get(app.program.http, host, path)).status
const read = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8') : '')
const own = (): string => read(join(app.program.state, 'log', 'access.log'))

function configure(data: Readonly<Record<string, string>>): void {
  writeObjects(app.program.manifests, 'config', [mainConfigMap(data)])
}

/** Asks again and again, since workers of the frame before answer for a while, until a line that says so is there. */
async function lineOf(host: string, path: string, text: () => string, line: RegExp): Promise<void> {
  await expect
    .poll(
      async () => {
        await ask(host, path)
        return line.test(text())
      },
      { timeout: PATIENCE, interval: 100 },
    )
    .toBe(true)
}

/** Requests of a path by log analytics, which are one for each that was asked, whatever the keys say. */
function counted(path: string): Promise<number> {
  return new Promise((resolve) => {
    const words = ['--by', 'path', '--figures', 'requests', '--where', `path='${path}'`, '--json']
    execFile(process.execPath, [bin, 'logs', 'top', '--state-dir', app.program.state, ...words], (_, out) => {
      const { rows } = JSON.parse(out === '' ? '{"rows":[]}' : out) as {
        readonly rows: readonly { requests: number }[]
      } // printed by us
      resolve(rows[0]?.requests ?? 0)
    })
  })
}

test('LOGF-3 DEF-6 LOG-1: a line says whose route it was; an unknown variable is - and named; some requests have no line', {
  timeout: 4 * PATIENCE,
}, async () => {
  configure({
    'log-format-upstream':
      'named $namespace/$ingress_name/$service_name/$service_port$location_path of $server_name by $proxy_host $STATUS "$Arg_A" [$nobody_knows] [$nor_this]',
    'enable-access-log-for-default-backend': 'true',
    'skip-access-log-urls': '/skipped?a=1',
  })
  await lineOf(
    'app.test',
    '/named?a=b',
    own,
    /^named test\/app\/app\/80\/ of app\.test by test-app-80 200 "b" \[-\] \[-\]$/m,
  )
  await lineOf('nobody.test', '/named', own, /^named \/\/\/\/ of _ by upstream-default-backend 404 "-" \[-\] \[-\]$/m)
  expect(app.program.log()).toContain(
    'names the variables $nobody_knows, $nor_this, which are not known here: - is written for them',
  )
  await until(() => Promise.resolve(app.program.log().includes('leaves out the time ($time_local)')), PATIENCE)
  await ask('quiet.test', '/named')
  await ask('app.test', '/skipped?a=1')
  await lineOf('app.test', '/last?a=last', own, /"last"/)
  expect(own()).not.toContain('named test/quiet')
  expect(own()).not.toContain('200 "1"')
})

test('lines go to a file, which is begun anew when it was put aside, and log analytics goes on', {
  timeout: 4 * PATIENCE,
}, async () => {
  const folder = join(app.program.folder, 'logs')
  mkdirSync(folder)
  const file = join(folder, 'access.log')
  configure({ 'access-log-path': file, 'error-log-path': join(folder, 'error.log') })
  await lineOf('app.test', '/to-a-file', () => read(file), /"GET \/to-a-file HTTP/)
  await lineOf('gone.test', '/to-a-file', () => read(join(folder, 'error.log')), /connect\(\) failed/)

  renameSync(file, `${file}.1`)
  await lineOf('app.test', '/after-rotation', () => read(file), /after-rotation/)
  expect(read(`${file}.1`)).toContain('to-a-file')

  renameSync(file, `${file}.2`)
  app.program.controller().kill('SIGUSR1')
  await until(() => Promise.resolve(app.program.log().includes('SIGUSR1: files of logs are opened anew')), PATIENCE)
  await lineOf('app.test', '/after-signal', () => read(file), /after-signal/)

  await expect.poll(() => counted('/after-signal'), POLLED).toBeGreaterThan(0)
})

test('a file that cannot be written costs its lines only', { timeout: 4 * PATIENCE }, async () => {
  configure({ 'access-log-path': join(app.program.folder, 'missing', 'access.log') })
  await expect
    .poll(async () => {
      await ask('app.test', '/some')
      return app.program.log()
    }, POLLED)
    .toContain('cannot be written')
  expect(await ask('app.test', '/not-written')).toBe(200)
  await expect.poll(() => counted('/not-written'), POLLED).toBe(1)
})

test('both logs go to syslog, each line a datagram; without a host the problem says so', {
  timeout: 4 * PATIENCE,
}, async () => {
  const seen: string[] = []
  const server = createSocket('udp4')
  server.on('message', (message) => seen.push(message.toString()))
  await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve))
  try {
    configure({ 'enable-syslog': 'true' })
    await until(() => Promise.resolve(app.program.log().includes('Syslog needs syslog-host')), PATIENCE)
    const { port } = server.address()
    configure({ 'enable-syslog': 'true', 'syslog-host': '127.0.0.1', 'syslog-port': String(port) })
    const all = (): string => seen.join('\n')
    await lineOf(
      'app.test',
      '/by-datagram',
      all,
      /^<190>\w{3} [ \d]\d [\d:]{8} \S+ nginx: 127\.0\.0\.1 .*"GET \/by-datagram/m,
    )
    await lineOf('gone.test', '/by-datagram', all, /^<187>.* nginx: .*\[error\].*connect\(\) failed/m)
    await expect.poll(() => counted('/by-datagram'), POLLED).toBeGreaterThan(0)
  } finally {
    server.close()
  }
})

test('with the access log off analytics says that it sees nothing', { timeout: 4 * PATIENCE }, async () => {
  configure({ 'disable-access-log': 'true' })
  await until(
    () => Promise.resolve(app.program.log().includes('nothing is seen while the access log is off')),
    PATIENCE,
  )
})
