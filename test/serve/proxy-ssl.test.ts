import { X509Certificate } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { Agent } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { TLSSocket, type SecureVersion } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stateFolderAt } from '../../src/apply/state-folder.js'
import { createAuthority, type IssuedLeaf } from '../support/certificates.js'
import { enginesForTests } from '../support/engine.js'
import { get } from './clients.js'
import { annotated, service, slice, writeObjects } from './manifests.js'
import { createProgram, type Program, until } from './program.js'

const engines = await enginesForTests()
const trusted = createAuthority('Trusted')
const other = createAuthority('Other')
const client = other.issue({ names: ['client.internal'] })
const renewed = other.issue({ names: ['client.internal'] })
const server = trusted.issue({ names: ['app.internal'] })

const VERIFIED = { 'proxy-ssl-verify': 'on', 'proxy-ssl-name': 'app.internal' }

/** A reload of the older engine may end a kept connection in the moment in which it is used. */
const once = new Agent({ keepAlive: false })

describe.each(engines)('TLS to backends through NGINX $version', (engine) => {
  let program: Program
  let ends: (() => void)[] = []

  beforeAll(async () => {
    const backend = await startBackend('TLSv1.2')
    const modern = await startBackend('TLSv1.3')
    ends = [backend.close, modern.close]
    program = await createProgram()
    const to = (name: string, annotations: Readonly<Record<string, string>>, app = 'backend'): object =>
      annotated(name, `${name}.test`, app, { 'backend-protocol': 'HTTPS', ...annotations })
    writeSecrets(program, client, trusted.certificate)
    writeObjects(program.manifests, 'app', [
      service('backend'),
      slice('backend', [backend.port]),
      service('modern'),
      slice('modern', [modern.port]),
      to('good', { ...VERIFIED, 'proxy-ssl-secret': 'test/full', 'proxy-ssl-server-name': 'on' }),
      atPath('/sharing', annotated('sharing', 'good.test', 'backend', { 'backend-protocol': 'HTTPS' })),
      atPath('/sharing', annotated('alone', 'alone.test', 'backend', { 'backend-protocol': 'HTTPS' })),
      to('unnamed', { 'proxy-ssl-secret': 'test/full', 'proxy-ssl-verify': 'on' }),
      to('misnamed', { ...VERIFIED, 'proxy-ssl-secret': 'test/full', 'proxy-ssl-name': 'other.internal' }),
      to('distrusted', { ...VERIFIED, 'proxy-ssl-secret': 'test/distrusting' }),
      to('unverified', { 'proxy-ssl-secret': 'test/distrusting' }),
      to('without-ca', { 'proxy-ssl-secret': 'test/without-ca' }),
      to('without-ca-verified', { ...VERIFIED, 'proxy-ssl-secret': 'test/without-ca' }),
      to('missing', { 'proxy-ssl-secret': 'test/missing' }),
      to('old', { 'proxy-ssl-secret': 'test/full' }, 'modern'),
      to('modern', { 'proxy-ssl-secret': 'test/full', 'proxy-ssl-protocols': 'TLSv1.3 TLSv9' }, 'modern'),
    ])
    await program.start(undefined, ['--nginx', engine.binary])
  }, 60_000)

  afterAll(async () => {
    await program?.remove()
    for (const end of ends) end()
  })

  const ask = (name: string) => get(program.http, `${name}.test`, '/', once)

  test('PSSL-2 PSSL-4: verified, with the client certificate and the name', async () => {
    expect(await ask('good')).toEqual({ status: 200, body: seen(client, 'app.internal') })
  })

  test('PSSL-5: another Ingress of the host has the same TLS, and one of another host has not', async () => {
    const at = (host: string) => get(program.http, host, '/sharing', once)
    expect(await at('good.test')).toEqual({ status: 200, body: seen(client, 'app.internal') })
    expect(await at('alone.test')).toEqual({ status: 200, body: seen(undefined, undefined) })
  })

  test('PSSL-3: a certificate of somebody else, or for another name, is 502, also beside open connections', async () => {
    for (let round = 0; round < 3; round++) {
      expect((await ask('good')).status).toBe(200)
      for (const name of ['distrusted', 'misnamed', 'unnamed'])
        expect([name, (await ask(name)).status]).toEqual([name, 502])
    }
  })

  test('PSSL-2: without verification, and without ca.crt, where no certificate is presented either', async () => {
    expect(await ask('unverified')).toEqual({ status: 200, body: seen(undefined, undefined) })
    expect(await ask('without-ca')).toEqual({ status: 200, body: seen(undefined, undefined) })
  })

  test('nothing to verify with, or no Secret: closed', async () => {
    for (const name of ['without-ca-verified', 'missing']) expect([name, (await ask(name)).status]).toEqual([name, 503])
  })

  test('PSSL-6: versions of TLS', async () => {
    expect((await ask('old')).status).toBe(502)
    expect((await ask('modern')).status).toBe(200)
  })

  test('GEN-19: a renewed client certificate is presented without a reload; what is trusted can change', async () => {
    const generation = program.generation()
    writeSecrets(program, renewed, trusted.certificate)
    await until(async () => (await ask('good')).body === seen(renewed, 'app.internal'), 20_000)
    expect(program.generation()).toBe(generation)
    expect(filesOf(program)).toEqual(expect.arrayContaining([trusted.certificate]))
    writeSecrets(program, renewed, other.certificate)
    await until(async () => (await ask('good')).status === 502, 30_000)
    writeSecrets(program, renewed, trusted.certificate)
    await until(async () => (await ask('good')).status === 200, 30_000)
  }, 90_000)

  test('what is trusted is for us alone', () => {
    const folder = folderOf(program)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600)
  })
})

/** The same at another path. */
function atPath(path: string, made: object): object {
  return JSON.parse(JSON.stringify(made).replace('"path":"/"', `"path":${JSON.stringify(path)}`)) as object // JSON of an object
}

function writeSecrets({ manifests }: Program, { chain, key }: IssuedLeaf, authority: string): void {
  const secretOf = (name: string, stringData: Readonly<Record<string, string>>): object => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: 'test' },
    stringData,
  })
  writeObjects(manifests, 'secrets', [
    secretOf('full', { 'tls.crt': chain, 'tls.key': key, 'ca.crt': authority }),
    secretOf('distrusting', { 'ca.crt': other.certificate }),
    secretOf('without-ca', { 'tls.crt': chain, 'tls.key': key }),
  ])
}

function folderOf({ state }: Program): string {
  return join(dirname(stateFolderAt(state).frame), 'files')
}

function filesOf(program: Program): readonly string[] {
  const folder = folderOf(program)
  return readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))
}

/** What the backend answers: whose certificate it was shown, and which name. */
function seen(leaf: IssuedLeaf | undefined, name: string | undefined): string {
  return `${leaf === undefined ? 'nobody' : new X509Certificate(leaf.certificate).fingerprint256} at ${name ?? 'no name'}`
}

async function startBackend(version: SecureVersion): Promise<{ readonly port: number; close(): void }> {
  const options = { cert: server.chain, key: server.key, requestCert: true, rejectUnauthorized: false }
  const started = createServer({ ...options, minVersion: version, maxVersion: version }, ({ socket }, response) => {
    if (!(socket instanceof TLSSocket)) throw new Error('not TLS')
    const { fingerprint256 } = socket.getPeerCertificate()
    // Node's types know no `servername` of a server's socket; it is false where the client sent none.
    const name: unknown = Reflect.get(socket, 'servername')
    response.end(`${fingerprint256 ?? 'nobody'} at ${typeof name === 'string' ? name : 'no name'}`)
  })
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve))
  const { port } = started.address() as AddressInfo // it listens on TCP
  return { port, close: () => started.close() }
}
