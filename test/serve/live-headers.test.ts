import { request, type IncomingHttpHeaders } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ingress, service, slice, writeObjects } from './manifests.js'
import { startOneApp, type OneApp } from './one-app.js'
import { until, type Program } from './program.js'

let app: OneApp
let program: Program

beforeAll(async () => {
  app = await startOneApp()
  program = app.program
})

afterAll(() => app.end())

const prefix = 'nginx.ingress.kubernetes.io'

function writeApp(annotations: Readonly<Record<string, string>>): void {
  const named = Object.fromEntries(Object.entries(annotations).map(([name, value]) => [`${prefix}/${name}`, value]))
  const own = ingress('app', 'app.test', 'app')
  const annotated = { ...own, metadata: { name: 'app', namespace: 'test', annotations: named } }
  writeObjects(program.manifests, 'app', [annotated, service('app'), slice('app', [app.backend.port])])
}

function writeConfigMap(namespace: string, name: string, data: Readonly<Record<string, string>>): void {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data }
  writeObjects(program.manifests, `${namespace}-${name}`, [object])
}

function ask(): Promise<{ readonly status: number; readonly headers: IncomingHttpHeaders }> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: program.http, headers: { host: 'app.test', origin: 'http://b.test' } }
    const asked = request({ ...options, agent: false }, (response) => {
      response.resume().on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers }))
    })
    asked.on('error', reject)
    asked.end()
  })
}

const frameOf = async (value: string | undefined): Promise<boolean> => (await ask()).headers['x-frame'] === value

test('headers from ConfigMaps and CORS begin, change and end while NGINX runs, without a reload (GEN-18, HDR-2)', async () => {
  const { generation } = program
  const first = generation()
  writeApp({ 'custom-headers': 'shared/headers' })
  await until(async () => (await ask()).status === 503, 10_000)
  writeConfigMap('shared', 'headers', { 'X-Frame': 'one' })
  writeConfigMap('ingress-nginx', 'ingress-nginx-controller', { 'global-allowed-response-headers': 'X-Frame' })
  await until(() => frameOf('one'), 10_000)
  writeConfigMap('shared', 'headers', { 'X-Frame': 'two' })
  await until(() => frameOf('two'), 10_000)
  writeConfigMap('ingress-nginx', 'ingress-nginx-controller', { 'global-allowed-response-headers': 'X-Other' })
  await until(async () => (await ask()).status === 503, 10_000)
  writeApp({ 'enable-cors': 'true', 'cors-allow-origin': 'http://a.test' })
  await until(async () => (await ask()).status === 200, 10_000)
  expect((await ask()).headers['access-control-allow-origin']).toBeUndefined()
  writeApp({ 'enable-cors': 'true', 'cors-allow-origin': 'http://b.test' })
  await until(async () => (await ask()).headers['access-control-allow-origin'] === 'http://b.test', 10_000)
  writeApp({})
  await until(async () => (await ask()).headers['access-control-allow-origin'] === undefined, 10_000)
  expect(generation()).toBe(first)
})
