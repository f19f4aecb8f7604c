import { request } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestBackend, type TestBackend } from '../serve/backends.js'
import { annotated, mainConfigMap, service, slice, writeObjects } from '../serve/manifests.js'
import { createProgram, until, type Program } from '../serve/program.js'
import { askTls } from '../serve/tls-clients.js'
import { createAuthority } from '../support/certificates.js'

/**
 * In time that doubles with each letter it is found that `COSTLY` does not match `ALMOST`; without an x that would be
 * plain.
 */
const LETTERS = 'a'.repeat(40)
const ALMOST = `${LETTERS}yx`
const COSTLY = '(a+)+x'

let program: Program
let protectedApp: TestBackend
let openApp: TestBackend

const ours = createAuthority('Ours')
const alice = ours.issue({ names: [], commonName: ALMOST, purpose: 'client' })
const xena = ours.issue({ names: [], commonName: `${LETTERS}x`, purpose: 'client' })

beforeAll(async () => {
  program = await createProgram()
  protectedApp = await startTestBackend('protected')
  openApp = await startTestBackend('open')
  const secret = (name: string, stringData: object): object => {
    return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'test' }, stringData }
  }
  const settings = { 'block-user-agents': `~^${COSTLY}$`, 'ssl-redirect': 'false' }
  writeObjects(program.manifests, 'objects', [
    mainConfigMap(settings),
    service('protected'),
    slice('protected', [protectedApp.port]),
    service('open'),
    slice('open', [openApp.port]),
    secret('users', { auth: 'ann:{PLAIN}sesame' }),
    secret('ca', { 'ca.crt': ours.certificate }),
    pathOf(annotated('wide', 'paths.test', 'open', { 'use-regex': 'true' }), '/'),
    pathOf(
      annotated('narrow', 'paths.test', 'protected', {
        'use-regex': 'true',
        'auth-type': 'basic',
        'auth-secret': 'users',
      }),
      `/${COSTLY}`,
    ),
    annotated('clients', 'clients.test', 'protected', {
      'auth-tls-secret': 'test/ca',
      'auth-tls-match-cn': `CN=${COSTLY}`,
    }),
    annotated('agents', 'agents.test', 'protected', {}),
  ])
  await program.start()
  await until(async () => (await ask('agents.test', '/')).body === 'protected', 20_000)
}, 60_000)

afterAll(async () => {
  await program?.remove()
  protectedApp?.close()
  openApp?.close()
})

test('a path that is not found out in time to be the protected one is closed, and no wider one answers for it', async () => {
  expect(await ask('paths.test', '/other')).toEqual({ status: 200, body: 'open' })
  expect((await ask('paths.test', `/${LETTERS}x`)).status).toBe(401)
  expect((await ask('paths.test', `/${ALMOST}`)).status).toBe(503)
})

test('a subject that is not found out in time to be the right one is not', async () => {
  const { https } = program
  expect((await askTls(https, { host: 'clients.test', identity: xena })).body).toBe('protected')
  expect((await askTls(https, { host: 'clients.test', identity: alice })).status).toBe(403)
})

test('an agent that is not found out in time to be none of those that are blocked is blocked', async () => {
  expect((await ask('agents.test', '/', ALMOST)).status).toBe(403)
  expect((await ask('agents.test', '/', 'curl')).body).toBe('protected')
})

function pathOf(ingress: object, path: string): object {
  return JSON.parse(
    JSON.stringify(ingress)
      .replace('"path":"/"', `"path":${JSON.stringify(path)}`)
      .replace('"Prefix"', '"ImplementationSpecific"'),
  ) as object // was one before
}

function ask(host: string, path: string, agent = 'test'): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const headers = { host, 'user-agent': agent }
    const asked = request({ host: '127.0.0.1', port: program.http, path, headers, agent: false }, (response) => {
      let body = ''
      response.on('data', (bytes: Buffer) => (body += bytes.toString()))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
    })
    asked.on('error', reject)
    asked.end()
  })
}
