import { connect, type ConnectionOptions } from 'node:tls'
import { expect, test } from 'vitest'
import { createAuthority } from '../support/certificates.js'
import { certifiedHost, describeServed } from './certified-hosts.js'

const authority = createAuthority('staples')
const ec = authority.issue({ names: ['*.test'] })
const rsa = authority.issue({ names: ['*.test'], keyType: 'rsa' })
const [HOUR, NOW] = [3_600, Math.floor(Date.now() / 1000)]
/** The shortest that is one: `tryLater`. OpenSSL 3.6 reads what it is given. */
const RESPONSE = Buffer.from('30030a0103', 'hex')

const staple = (until: number, response = RESPONSE.toString('base64')): object => ({ response, until })
const documents = {
  'c:live': { chain: ec.chain, key: ec.key, staple: staple(NOW + HOUR) },
  'c:ended': { chain: ec.chain, key: ec.key, staple: staple(NOW - HOUR) },
  'c:broken': { chain: ec.chain, key: ec.key, staple: staple(NOW + HOUR, '!') },
  'c:strange': { chain: ec.chain, key: ec.key, staple: staple(NOW + HOUR, 'c3RyYW5nZQ==') },
  'c:none': { chain: ec.chain, key: ec.key },
  'c:rsa': { chain: rsa.chain, key: rsa.key, staple: staple(NOW + HOUR) },
  'c:default': { chain: rsa.chain, key: rsa.key, staple: staple(NOW + HOUR) },
  'h:_': certifiedHost('_', ''),
  ...Object.fromEntries(
    ['live', 'ended', 'broken', 'strange', 'none'].map((name) => [
      `h:${name}.test`,
      certifiedHost(`${name}.test`, name),
    ]),
  ),
  'h:both.test': certifiedHost('both.test', 'live', ['rsa']),
  'h:gone.test': certifiedHost('gone.test', 'not-there'),
}

await describeServed('staples of documents', documents, (served) => {
  const stapled = (name: string, options: ConnectionOptions = {}): Promise<Buffer | undefined> =>
    stapleOf(served.running.input.listeners.httpsPort, name, options)

  test.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'with %s, a response is stapled until its end, and no handshake fails',
    async (version) => {
      const options = { minVersion: version, maxVersion: version }
      expect(await stapled('live.test', options)).toEqual(RESPONSE)
      // What is left of an error shows in the next step of the handshake, or in the next handshake.
      for (let i = 0; i < 20; i++) await stapled('strange.test', options)
      for (const name of ['ended.test', 'broken.test', 'none.test'])
        expect(await stapled(name, options)).toBeUndefined()
    },
  )

  test('with the default certificate comes its response, and with two certificates none', async () => {
    expect(await stapled('unknown.test')).toEqual(RESPONSE)
    expect(await stapled('gone.test')).toEqual(RESPONSE)
    expect(await stapled('both.test')).toBeUndefined()
    expect(await stapled('both.test', { minVersion: 'TLSv1.3', sigalgs: 'rsa_pss_rsae_sha256' })).toBeUndefined()
  })
})

/** Fails where the handshake does. */
function stapleOf(port: number, servername: string, options: ConnectionOptions): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    // Its declaration lacks requestOCSP.
    const all = { host: '127.0.0.1', port, servername, rejectUnauthorized: false, requestOCSP: true, ...options }
    const socket = connect(all)
    let response: Buffer | undefined
    socket.on('OCSPResponse', (bytes: Buffer | null) => (response = bytes ?? undefined))
    socket.on('secureConnect', () => {
      resolve(response)
      socket.destroy()
    })
    socket.on('error', reject)
  })
}
