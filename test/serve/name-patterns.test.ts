import { request } from 'node:https'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAuthority } from '../support/certificates.js'
import { get, servedCertificate } from './clients.js'
import { annotated, secret, service, slice, writeObjects } from './manifests.js'
import { startOneApp, type OneApp } from './one-app.js'
import { until } from './program.js'

let app: OneApp

beforeAll(async () => {
  app = await startOneApp()
})

afterAll(() => app.end())

const { chain, key } = createAuthority('name patterns').issue({ names: ['app.test', '*.test'] })

/** The host with these aliases, and a certificate that covers every name of one label before .test. */
function writeApp(aliases: string): void {
  const own = annotated('app', 'app.test', 'app', { 'server-alias': aliases, 'ssl-redirect': 'false' })
  const spec = { ...(own as { spec: object }).spec, tls: [{ hosts: ['app.test'], secretName: 'app' }] }
  writeObjects(app.program.manifests, 'app', [
    { ...own, spec },
    secret('app', chain, key),
    service('app'),
    slice('app', [app.backend.port]),
  ])
}

const statusOf = async (name: string): Promise<number> => (await get(app.program.http, name, '/')).status

test('aliases by pattern begin, change and end without a reload, also where one of them is refused (ALI-1, ALI-2)', async () => {
  const { generation } = app.program
  const first = generation()
  expect(await statusOf('shop-1.test')).toBe(404)
  writeApp('~^shop-[0-9]+\\.test$, ~(')
  await until(async () => (await statusOf('shop-1.test')) === 200, 10_000)
  expect(await statusOf('shop-x.test')).toBe(404)
  expect(await statusOf('app.test')).toBe(200)
  writeApp('~^shop-[a-z]+\\.test$')
  await until(async () => (await statusOf('shop-x.test')) === 200, 10_000)
  expect(await statusOf('shop-1.test')).toBe(404)
  writeApp('other.test')
  await until(async () => (await statusOf('other.test')) === 200, 10_000)
  expect(await statusOf('shop-x.test')).toBe(404)
  expect(generation()).toBe(first)
})

test('names by pattern have the default certificate, also where that of their host would cover them (CERT-5, ALI-5)', async () => {
  writeApp('alias.test, ~^shop-')
  await until(async () => (await statusOf('shop-1.test')) === 200, 10_000)
  const { https } = app.program
  const own = await servedCertificate(https, 'app.test')
  const standard = await servedCertificate(https, 'nobody.example')
  expect(own).not.toBe(standard)
  expect(await servedCertificate(https, 'alias.test')).toBe(own)
  expect(await servedCertificate(https, 'shop-1.test')).toBe(standard)
})

test('a match beyond the cost limit is 503 for that name alone', async () => {
  writeApp('~^(a+)+\\.costly$, ~^fine')
  await until(async () => (await statusOf('fine.test')) === 200, 10_000)
  expect(await statusOf(`${'a'.repeat(40)}.costlz.y`)).toBe(503)
  expect(await statusOf('app.test')).toBe(200)
  expect(await statusOf('fine.test')).toBe(200)
  expect(await statusOf('aaa.costly')).toBe(200)
})

test('what a host asks of its clients it asks of those that come by a pattern too (MTLS-1, MTLS-3, MTLS-8)', async () => {
  const clients = createAuthority('clients')
  const own = clients.issue({ names: [], commonName: 'client', purpose: 'client' })
  const stranger = createAuthority('strangers').issue({ names: [], commonName: 'client', purpose: 'client' })
  const trusted = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'clients', namespace: 'test' },
    stringData: { 'ca.crt': clients.certificate },
  }
  writeObjects(app.program.manifests, 'app', [
    annotated('app', 'app.test', 'app', { 'server-alias': '~^shop-', 'auth-tls-secret': 'test/clients' }),
    trusted,
    service('app'),
    slice('app', [app.backend.port]),
  ])
  await until(async () => (await askTls('shop-1.test', 'shop-1.test', own)) === 200, 10_000)
  expect(await askTls('shop-1.test', 'shop-1.test')).toBe(400)
  expect(await askTls('shop-1.test', 'shop-1.test', stranger)).toBe(400)
  // On a connection for another name nothing that was presented counts.
  expect(await askTls('nobody.example', 'shop-1.test', own)).toBe(421)
  expect(await askTls('app.test', 'shop-1.test', own)).toBe(421)
})

function askTls(
  serverName: string,
  host: string,
  leaf?: { readonly chain: string; readonly key: string },
): Promise<number> {
  return new Promise((resolve, reject) => {
    const certificate = leaf === undefined ? {} : { cert: leaf.chain, key: leaf.key }
    const asked = request(
      {
        host: '127.0.0.1',
        port: app.program.https,
        servername: serverName,
        headers: { host },
        rejectUnauthorized: false,
        agent: false,
        ...certificate,
      },
      (response) => response.resume().on('end', () => resolve(response.statusCode ?? 0)),
    )
    asked.on('error', reject)
    asked.end()
  })
}
