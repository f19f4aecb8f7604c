import { connect, type ConnectionOptions } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAuthority, type IssuedLeaf } from '../support/certificates.js'
import { enginesForTests } from '../support/engine.js'
import { startTestBackend, type TestBackend } from './backends.js'
import { annotated, ingress, secret, service, slice, writeObjects } from './manifests.js'
import { createProgram, type Program, until } from './program.js'
import { askTls, connectionTo, openHttp2 } from './tls-clients.js'

const authority = createAuthority('two certificates')
const people = createAuthority('people')
const person = people.issue({ names: ['alice'], purpose: 'client' })

const EC = authority.issue({ names: ['both.test', 'known.test'], intermediate: true })
const RSA = authority.issue({ names: ['both.test', 'known.test', '*.wild.test'], intermediate: 'two', keyType: 'rsa' })

/** Clients by what they can verify. */
const MODERN: ConnectionOptions = { minVersion: 'TLSv1.3' }
const MODERN_WITH_RSA: ConnectionOptions = { minVersion: 'TLSv1.3', sigalgs: 'rsa_pss_rsae_sha256' }
const OLD: ConnectionOptions = { maxVersion: 'TLSv1.2' }
const OLD_WITH_RSA: ConnectionOptions = { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' }

describe.each(await enginesForTests())('two certificates for a name, through NGINX $version', (engine) => {
  let program: Program
  let backend: TestBackend

  const withTls = (name: string, host: string, secrets: readonly string[], createdAt: string): object => {
    const made = ingress(name, host, 'app') as { readonly metadata: object; readonly spec: object }
    const tls = secrets.map((secretName) => ({ hosts: [host], secretName }))
    return {
      ...made,
      metadata: { ...made.metadata, creationTimestamp: createdAt },
      spec: { ...made.spec, tls },
    }
  }

  const serve = (ec: IssuedLeaf, ecSecret: string = 'ec'): void => {
    const known = annotated('known', 'known.test', 'app', {
      'auth-tls-secret': 'test/people',
    }) as { readonly spec: object }
    const metadata = { name: 'people', namespace: 'test' }
    writeObjects(program.manifests, 'app', [
      service('app'),
      slice('app', [backend.port]),
      secret('rsa', RSA.chain, RSA.key),
      secret('ec', ec.chain, ec.key),
      { apiVersion: 'v1', kind: 'Secret', metadata, stringData: { 'ca.crt': people.certificate } },
      withTls('first', 'both.test', ['rsa'], '2026-01-01T00:00:00Z'),
      withTls('second', 'both.test', [ecSecret], '2026-01-02T00:00:00Z'),
      {
        ...known,
        spec: { ...known.spec, tls: ['ec', 'rsa'].map((secretName) => ({ hosts: ['known.test'], secretName })) },
      },
      withTls('wild', '*.wild.test', ['rsa'], '2026-01-01T00:00:00Z'),
    ])
  }

  beforeAll(async () => {
    backend = await startTestBackend('app')
    program = await createProgram()
    serve(EC)
    await program.start(undefined, ['--nginx', engine.binary])
  }, 60_000)

  afterAll(async () => {
    await program?.remove()
    backend?.close()
  })

  test('CERT-1, CERT-5: what the client offers decides, and each certificate has its own chain', async () => {
    const seen = async (name: string, options: ConnectionOptions): Promise<readonly string[]> =>
      presented(program.https, name, options)
    const [ec, rsa] = [chainOf(EC), chainOf(RSA)]
    expect(await seen('both.test', MODERN)).toEqual(ec)
    expect(await seen('both.test', MODERN_WITH_RSA)).toEqual(rsa)
    expect(await seen('both.test', OLD)).toEqual(ec)
    expect(await seen('both.test', OLD_WITH_RSA)).toEqual(rsa)
    // A host below a wildcard with one certificate, a name that nobody declared, and none.
    expect(await seen('a.wild.test', MODERN)).toEqual(rsa)
    expect(await seen('unknown.test', MODERN)).toHaveLength(1)
    expect(await seen('', MODERN)).toHaveLength(1)
  })

  test('CERT-9: HTTP/2 and HTTP/1.1 are agreed on with either', async () => {
    for (const options of [MODERN, OLD_WITH_RSA]) {
      expect(await protocolOf(program.https, { ...options, ALPNProtocols: ['http/1.1', 'h2'] })).toBe('h2')
      expect(await protocolOf(program.https, { ...options, ALPNProtocols: ['http/1.1'] })).toBe('http/1.1')
    }
  })

  test('MTLS-1, MTLS-3: who has to show a certificate has to, whichever is served', async () => {
    for (const sigalgs of ['ecdsa_secp256r1_sha256', 'rsa_pss_rsae_sha256:ecdsa_secp256r1_sha256']) {
      expect((await askTls(program.https, { host: 'known.test', tls: { sigalgs } })).status).toBe(400)
      const identity = { chain: person.chain, key: person.key }
      expect((await askTls(program.https, { host: 'known.test', tls: { sigalgs }, identity })).status).toBe(200)
    }
    const connection = openHttp2(program.https, 'both.test', person)
    expect((await connection.ask('known.test')).status).toBe(421)
    connection.close()
  })

  test('CERT-8: one of them is replaced, and goes, without a reload and without the other', async () => {
    const generation = program.generation()
    const next = authority.issue({ names: ['both.test', 'known.test'], intermediate: true })
    serve(next)
    const [leaf] = chainOf(next)
    await until(async () => (await presented(program.https, 'both.test', MODERN))[0] === leaf, 30_000)
    expect(await presented(program.https, 'both.test', MODERN_WITH_RSA)).toEqual(chainOf(RSA))
    serve(next, 'rsa')
    await until(async () => (await presented(program.https, 'both.test', MODERN))[0] === chainOf(RSA)[0], 30_000)
    expect(program.generation()).toBe(generation)
  })
})

function protocolOf(port: number, options: ConnectionOptions): Promise<string | false | null> {
  return new Promise((resolve, reject) => {
    const socket = connect({ ...connectionTo(port, 'both.test', undefined), ...options }, () => {
      resolve(socket.alpnProtocol)
      socket.destroy()
    })
    socket.on('error', reject)
  })
}

function chainOf({ chain }: IssuedLeaf): readonly string[] {
  const blocks = chain.match(/(?<=-----BEGIN CERTIFICATE-----)[^-]+/g) ?? []
  return blocks.map((block) => block.replaceAll(/\s/g, ''))
}

/** The certificates that the server sends, leaf first, in base64. */
function presented(port: number, name: string, options: ConnectionOptions): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const socket = connect({ ...connectionTo(port, name, undefined), ...options }, () => {
      const chain: string[] = []
      for (let at = socket.getPeerCertificate(true); at?.raw !== undefined; at = at.issuerCertificate) {
        const text = at.raw.toString('base64')
        if (chain.includes(text)) break
        chain.push(text)
      }
      resolve(chain)
      socket.destroy()
    })
    socket.on('error', reject)
  })
}
