import { connect, type SecureVersion } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { IssuedLeaf } from '../support/certificates.js'
import { enginesForTests } from '../support/engine.js'
import { createOcspAuthority, type Responder } from '../support/ocsp.js'
import { ingress, mainConfigMap, secret, service, slice, writeObjects } from './manifests.js'
import { createProgram, type Program, until } from './program.js'
import { freePorts } from '../support/ports.js'
import { connectionTo } from './tls-clients.js'

const PATIENCE = 40_000

describe.each(await enginesForTests())('OCSP stapling through NGINX $version', (engine) => {
  const authority = createOcspAuthority('stapled')
  let program: Program
  let responder: Responder
  let silentPort = 0
  let next: IssuedLeaf
  let leafs: Readonly<Record<string, IssuedLeaf>> = {}

  const serve = (): void =>
    writeObjects(program.manifests, 'app', [
      service('app'),
      slice('app', []),
      ...Object.entries(leafs).flatMap(([name, { chain, key }]) => [
        secret(name, chain, key),
        ingress(name, `${name}.test`, 'app', name),
      ]),
      both(),
    ])

  /** A host with two certificates. */
  const both = (): object => {
    const made = ingress('both', 'both.test', 'app') as { readonly spec: object }
    return {
      ...made,
      spec: { ...made.spec, tls: ['good', 'rsa'].map((secretName) => ({ hosts: ['both.test'], secretName })) },
    }
  }

  const configure = (data: Readonly<Record<string, string>>): void => {
    writeObjects(program.manifests, 'config', [mainConfigMap(data)])
  }

  const issue = (name: string, at: number, mustStaple = false): IssuedLeaf =>
    authority.issue({ names: [`${name}.test`, 'both.test'], responder: `http://127.0.0.1:${at}/`, mustStaple })

  const stapled = (name: string, version: SecureVersion = 'TLSv1.3'): Promise<Buffer | undefined> =>
    staple(program.https, `${name}.test`, version)

  /** Until the response about this very certificate is stapled, and openssl finds it good. */
  const untilGood = (name: string, leaf: IssuedLeaf): Promise<void> =>
    until(async () => {
      const response = await stapled(name)
      return response !== undefined && authority.check(leaf, response) === 'good'
    }, PATIENCE)

  beforeAll(async () => {
    const [port = 0, free = 0] = await freePorts(2)
    silentPort = free
    const revoked = issue('revoked', port)
    authority.revoke(revoked)
    next = issue('good', port)
    leafs = {
      good: issue('good', port),
      rsa: authority.issue({
        names: ['rsa.test', 'both.test'],
        keyType: 'rsa',
        responder: `http://127.0.0.1:${port}/`,
      }),
      revoked,
      down: issue('down', silentPort, true),
      nobody: authority.issue({ names: ['nobody.test'], mustStaple: true }),
    }
    responder = await authority.serve(port)
    program = await createProgram()
    configure({ 'enable-ocsp': 'true' })
    serve()
    await program.start(undefined, ['--nginx', engine.binary])
  }, 60_000)

  afterAll(async () => {
    await program?.remove()
    await responder?.stop()
    authority.remove()
  })

  test('enable-ocsp: the answer of the responder is stapled, for the certificate it is about, without a reload', async () => {
    const generation = program.generation()
    const { good, rsa } = leafs
    if (good === undefined || rsa === undefined) throw new Error('not issued')
    await untilGood('good', good)
    await untilGood('rsa', rsa)
    expect(authority.check(good, (await stapled('good', 'TLSv1.2')) ?? Buffer.alloc(0))).toBe('good')
    // Which of two certificates is served is OpenSSL's to choose.
    expect(await stapled('both')).toBeUndefined()
    expect(await stapled('unknown')).toBeUndefined()
    leafs = { ...leafs, good: next }
    serve()
    await untilGood('good', next)
    expect(program.generation()).toBe(generation)
  })

  test('a certificate that is revoked is served without a staple, and that is said', async () => {
    await until(() => Promise.resolve(/2026-01-01T00:00:00Z.*\[tls\/revoked\]/.test(program.log())), PATIENCE)
    expect(await stapled('revoked')).toBeUndefined()
  })

  test('a responder that is down costs no handshake; must-staple is said; when it is back, its answer is stapled', async () => {
    await until(() => Promise.resolve(/gives no answer.*must-staple.*\[tls\/no-staple\]/.test(program.log())), PATIENCE)
    await until(() => Promise.resolve(/it names no responder.*\[tls\/no-staple\]/.test(program.log())), PATIENCE)
    expect(await stapled('down')).toBeUndefined()
    const late = await authority.serve(silentPort)
    try {
      const { down } = leafs
      if (down !== undefined) await untilGood('down', down)
    } finally {
      await late.stop()
    }
  })

  test('switched off, nothing is stapled', async () => {
    configure({})
    await until(async () => (await stapled('good')) === undefined, PATIENCE)
    await until(() => Promise.resolve(/Set enable-ocsp.*\[tls\/no-staple\]/.test(program.log())), PATIENCE)
  })
})

/** What is stapled where a client asks for it; fails where the handshake does. */
function staple(port: number, name: string, version: SecureVersion): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    // Its declaration lacks requestOCSP.
    const options = {
      ...connectionTo(port, name, undefined),
      requestOCSP: true,
      minVersion: version,
      maxVersion: version,
    }
    const socket = connect(options)
    let response: Buffer | undefined
    socket.on('OCSPResponse', (bytes: Buffer | null) => (response = bytes ?? undefined))
    socket.on('secureConnect', () => {
      resolve(response)
      socket.destroy()
    })
    socket.on('error', reject)
  })
}
