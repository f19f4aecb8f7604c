import { connect, type ConnectionOptions } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAuthority } from '../support/certificates.js'
import { dhSecret } from '../support/dh-secret.js'
import { enginesForTests } from '../support/engine.js'
import { startTestBackend, type TestBackend } from './backends.js'
import { startLoad } from './clients.js'
import { annotated, ingress, mainConfigMap, secret, service, slice, writeObjects } from './manifests.js'
import { createProgram, type Program, until } from './program.js'
import { askWithSession, connectionTo } from './tls-clients.js'

const authority = createAuthority('TLS settings')
const rsa = authority.issue({ names: ['rsa.test'], keyType: 'rsa' })

const [AES128, AES256, CHACHA] = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
] as const

describe.each(await enginesForTests())('TLS settings through NGINX $version', (engine) => {
  let program: Program
  let backend: TestBackend

  const serve = (annotations: Readonly<Record<string, string>>): void => {
    const leaf = authority.issue({ names: ['own.test', 'plain.test'] })
    const spec = (ingress('own', 'own.test', 'app', 'own') as { spec: object }).spec
    writeObjects(program.manifests, 'app', [
      service('app'),
      slice('app', [backend.port]),
      secret('own', leaf.chain, leaf.key),
      { ...annotated('own', 'own.test', 'app', annotations), spec },
      ingress('plain', 'plain.test', 'app', 'own'),
      secret('rsa', rsa.chain, rsa.key),
      ingress('rsa', 'rsa.test', 'app', 'rsa'),
    ])
  }
  const configure = (data: Readonly<Record<string, string>>): void => {
    writeObjects(program.manifests, 'config', [mainConfigMap(data)])
  }

  beforeAll(async () => {
    backend = await startTestBackend('app')
    program = await createProgram()
    configure({ 'ssl-redirect': 'false' })
    serve({ 'ssl-ciphers': `${AES256}:${CHACHA}` })
    await program.start(undefined, ['--nginx', engine.binary])
  }, 60_000)

  afterAll(async () => {
    await program?.remove()
    backend?.close()
  })

  const cipher = (name: string, options: ConnectionOptions = {}): Promise<string> =>
    cipherOf(program.https, name, options)

  const resumes = async (): Promise<boolean> => {
    const { ticket } = await askWithSession(program.https, 'TLSv1.2', { host: 'plain.test' })
    return (await askWithSession(program.https, 'TLSv1.2', { host: 'plain.test' }, ticket)).resumed
  }

  test('TLS-1: ciphers and whose order counts are of the host, and change without a reload', async () => {
    const generation = program.generation()
    const both = { ciphers: `${CHACHA}:${AES256}:${AES128}` }
    expect(await cipher('own.test', both)).toBe(AES256)
    expect(await cipher('plain.test', both)).toBe(AES128)
    expect(await cipher('own.test', { ciphers: AES128 })).toBe('refused')
    expect(await cipher('own.test', { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3' })).toMatch(/^TLS_AES_/)
    serve({ 'ssl-ciphers': `${AES256}:${CHACHA}`, 'ssl-prefer-server-ciphers': 'false' })
    await until(async () => (await cipher('own.test', both)) === CHACHA, 20_000)
    serve({ 'ssl-ciphers': AES128 })
    await until(async () => (await cipher('own.test', both)) === AES128, 20_000)
    serve({ 'ssl-ciphers': 'HIGH:!ALL' })
    await until(async () => (await cipher('own.test', { ciphers: AES256 })) === AES256, 20_000)
    expect(program.generation()).toBe(generation)
  })

  test('TLS-1: a level of security that a list of ciphers names is of its host, also where others have the same certificate', async () => {
    const versions = ['TLSv1.2', 'TLSv1.3'] as const
    const all = (name: string): Promise<readonly string[]> =>
      Promise.all(versions.map((version) => cipher(name, { minVersion: version, maxVersion: version })))
    // More than the key and the signatures of certificates here have.
    serve({ 'ssl-ciphers': `${AES128}:@SECLEVEL=5` })
    await until(async () => (await cipher('own.test')) === 'refused', 20_000)
    // As often as each worker has to meet both of them.
    for (let i = 0; i < 8; i++) {
      expect(await all('own.test')).toEqual(['refused', 'refused'])
      expect(await all('plain.test')).not.toContain('refused')
    }
    serve({})
    await until(async () => (await cipher('own.test')) !== 'refused', 20_000)
  })

  test('ssl-reject-handshake: who names no host, or one that nobody declared, is refused', async () => {
    expect(await cipher('unknown.test')).not.toBe('refused')
    const generation = program.generation()
    configure({ 'ssl-redirect': 'false', 'ssl-reject-handshake': 'true' })
    await until(async () => (await cipher('unknown.test')) === 'refused', 20_000)
    expect(await cipher('')).toBe('refused')
    expect(await cipher('own.test')).not.toBe('refused')
    expect(program.generation()).toBe(generation)
    configure({ 'ssl-redirect': 'false' })
    await until(async () => (await cipher('unknown.test')) !== 'refused', 20_000)
  })

  test('keys of the frame are live after a reload in which no request fails, and a bad value costs only itself', async () => {
    const load = startLoad(program.http, 2, () => ({ host: 'own.test', body: /^app$/ }))
    configure({
      'ssl-redirect': 'false',
      'ssl-ciphers': CHACHA,
      'ssl-ecdh-curve': 'nonsense:X25519',
      'ssl-session-cache-size': '1m',
      'ssl-protocols': 'TLSv1.2',
    })
    await until(async () => (await cipher('plain.test')) === CHACHA, 30_000)
    const modern = { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3' } as const
    // Workers of the frame before answer for some seconds more.
    await until(async () => (await cipher('plain.test', modern)) === 'refused', 30_000)
    await until(resumes, 30_000)
    configure({ 'ssl-redirect': 'false', 'ssl-ciphers': 'HIGH:!ALL', 'ssl-session-cache': 'false' })
    await until(async () => (await cipher('plain.test', { ciphers: AES128 })) === AES128, 30_000)
    await until(async () => !(await resumes()), 30_000)
    // Tickets of this key are good after every reload; it is shown to nobody, and to the workers' user neither.
    const tickets = { 'ssl-session-tickets': 'true', 'ssl-session-cache': 'false', 'ssl-redirect': 'false' }
    const key = (byte: number): string => Buffer.alloc(80, byte).toString('base64')
    configure({ ...tickets, 'ssl-session-ticket-key': key(1) })
    let ticket: Buffer | undefined
    await until(async () => {
      const asked = await askWithSession(program.https, 'TLSv1.2', { host: 'plain.test' })
      ticket = asked.ticket
      return asked.isTicket
    }, 30_000)
    const isTaken = async (): Promise<boolean> =>
      (await askWithSession(program.https, 'TLSv1.2', { host: 'plain.test' }, ticket)).resumed
    configure({ ...tickets, 'ssl-session-ticket-key': key(2) })
    await until(async () => !(await isTaken()), 30_000)
    configure({ ...tickets, 'ssl-session-ticket-key': key(1), 'ssl-buffer-size': '8k' })
    await until(isTaken, 30_000)
    configure({ ...tickets, 'ssl-session-ticket-key': key(3).slice(8) })
    await until(() => Promise.resolve(program.log().includes('48 or 80 bytes')), 30_000)
    expect(program.log()).not.toContain(key(3).slice(8))
    const dhe = (): Promise<string> => cipher('rsa.test', { ciphers: 'DHE-RSA-AES128-GCM-SHA256' })
    configure({ 'ssl-redirect': 'false', 'ssl-dh-param': 'test/dh' })
    await until(() => Promise.resolve(program.log().includes('There is no Secret test/dh')), 30_000)
    writeObjects(program.manifests, 'dh', [dhSecret('test', 'dh')])
    await until(async () => (await dhe()) === 'DHE-RSA-AES128-GCM-SHA256', 30_000)
    await load.stop()
    // The older engine may end a kept connection in the moment in which it is used.
    if (engine.facts.keepaliveMinTimeout) expect(load.count.failed).toEqual([])
    expect(program.log()).toContain('"nonsense"')
    expect(program.log()).toContain('comes to no cipher that is known')
  }, 120_000)

  test('ssl-protocols: TLS 1.1 needs a list at security level 0, of the host or of all, and without the latter it is said that nobody else gets it (TLS-1)', async () => {
    const old = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' } as const
    const said = 'No handshake comes to TLSv1.1'
    const keys = { 'ssl-redirect': 'false', 'ssl-protocols': 'TLSv1.1 TLSv1.2' }
    configure({ ...keys, 'ssl-ciphers': 'HIGH:@SECLEVEL=0' })
    await until(async () => (await cipher('plain.test', old)) === 'ECDHE-ECDSA-AES256-SHA', 30_000)
    expect(program.log()).not.toContain(said)
    configure({ ...keys, 'ssl-ciphers': 'HIGH:@SECLEVEL=1' })
    await until(async () => (await cipher('plain.test', old)) === 'refused', 30_000)
    await until(() => Promise.resolve(program.log().includes(said)), 30_000)
    serve({ 'ssl-ciphers': 'HIGH:@SECLEVEL=0' })
    await until(async () => (await cipher('own.test', old)) === 'ECDHE-ECDSA-AES256-SHA', 30_000)
    // Workers of the frame before answer for some seconds more.
    await until(async () => (await cipher('plain.test', old)) === 'refused', 30_000)
    serve({})
    configure({ 'ssl-redirect': 'false' })
  })
})

/** What is agreed on, by default with TLS 1.2; `refused` where nothing is. */
function cipherOf(port: number, name: string, options: ConnectionOptions): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ ...connectionTo(port, name, undefined), maxVersion: 'TLSv1.2', ...options }, () => {
      resolve(socket.getCipher().name)
      socket.destroy()
    })
    socket.on('error', () => resolve('refused'))
  })
}
