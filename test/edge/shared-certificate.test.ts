import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect, type ConnectionOptions, type PeerCertificate } from 'node:tls'
import { expect, test } from 'vitest'
import { createAuthority } from '../support/certificates.js'
import { certifiedHost, describeServed } from './certified-hosts.js'
import { buildLua, createInput, createRunFolder, removeFolder, startFrame } from './frame-engine.js'

const authority = createAuthority('shared certificates')
const one = authority.issue({ names: ['one.test'], intermediate: true })
const two = authority.issue({ names: ['two.test'], intermediate: 'two', keyType: 'rsa' })
const other = authority.issue({ names: ['other.test'] })
/** A key that no OpenSSL takes for another's certificate. */
const broken = { chain: one.chain, key: other.key }

const documents = {
  'c:one': { chain: one.chain, key: one.key },
  'c:two': { chain: two.chain, key: two.key },
  'c:broken': broken,
  'c:default': { chain: other.chain, key: other.key },
  'h:_': certifiedHost('_', ''),
  'h:one.test': certifiedHost('one.test', 'one'),
  'h:two.test': certifiedHost('two.test', 'two'),
  'h:broken.test': certifiedHost('broken.test', 'broken'),
}

await describeServed('certificates that connections share', documents, (served) => {
  const shown = (name: string, options: ConnectionOptions = {}): Promise<Shown> =>
    shownTo(served.running.input.listeners.httpsPort, name, options)

  test.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'with %s each has its own whole chain, the first as all others',
    async (version) => {
      const options = { minVersion: version, maxVersion: version, ALPNProtocols: ['h2', 'http/1.1'] }
      for (let i = 0; i < 3; i++) {
        expect(await shown('one.test', options)).toMatchObject({ names: 'DNS:one.test', length: 2, protocol: 'h2' })
        expect(await shown('two.test', options)).toMatchObject({ names: 'DNS:two.test', length: 3, protocol: 'h2' })
      }
    },
  )

  test('handshakes at the same time take nothing from one another', async () => {
    const versions = ['TLSv1.2', 'TLSv1.3'] as const
    const names = ['one.test', 'two.test', 'unknown.test']
    const asked = Array.from({ length: 60 }, (_, i) => ({
      name: names[i % 3] ?? '',
      version: versions[i % 2] ?? 'TLSv1.3',
    }))
    const answers = asked.map(({ name, version }) => shown(name, { minVersion: version, maxVersion: version }))
    const expected = asked.map(({ name }) => `DNS:${name === 'unknown.test' ? 'other.test' : name}`)
    expect((await Promise.all(answers)).map(({ names }) => names)).toEqual(expected)
  })

  test('a client whose first offer of a key is refused (HelloRetryRequest) has it too', async () => {
    // It offers a key of the first group only, which no server has by default.
    const { names, group } = await shown('one.test', { minVersion: 'TLSv1.3', ecdhCurve: 'ffdhe8192:X25519' })
    expect({ names, group }).toEqual({ names: 'DNS:one.test', group: 'X25519' })
  })

  test.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'a %s session resumes for its own name only, however long that is, or for none',
    async (version) => {
      const long = `${'a-name-of-more-than-32-bytes-'.repeat(2)}.test`
      const names = ['one.test', 'two.test', long, `x${long}`, '']
      const options = { minVersion: version, maxVersion: version }
      const { httpsPort } = served.running.input.listeners
      for (const name of names) {
        const session = await sessionOf(httpsPort, name, options)
        const resumed = await Promise.all(
          names.map(async (other) => (await shown(other, { ...options, session })).isResumed),
        )
        expect([name, resumed]).toEqual([name, names.map((other) => other === name)])
      }
    },
  )

  test('they need no certificate phase', async () => {
    const [ownLua, ownFolder] = [await createRunFolder(), await createRunFolder()]
    try {
      const built = await buildLua(ownLua)
      const file = join(built, 'edge/tls.lua')
      const phase = /(function ____exports\.presentCertificate\(\)\n)/
      const text = readFileSync(file, 'utf8')
      expect(text).toMatch(phase)
      writeFileSync(file, text.replace(phase, '$1    do return ngx.exit(ngx.ERROR) end\n'))
      const without = await startFrame(served.engine, await createInput(served.engine, built, ownFolder), documents)
      const { httpsPort } = without.input.listeners
      for (const name of ['one.test', 'two.test'])
        expect((await shownTo(httpsPort, name, {})).names).toBe(`DNS:${name}`)
      await expect(shownTo(httpsPort, 'broken.test', {})).rejects.toThrow()
      await without.stop()
    } finally {
      await removeFolder(ownLua)
      await removeFolder(ownFolder)
    }
  })

  test('what OpenSSL refuses is not shared: the default certificate is shown, each time', async () => {
    for (let i = 0; i < 3; i++) expect((await shown('broken.test')).names).toBe('DNS:other.test')
    expect((await shown('one.test')).names).toBe('DNS:one.test')
  })
})

interface Shown {
  readonly names: string | undefined
  /** Certificates of the chain, without its root. */
  readonly length: number
  readonly protocol: string | false | null
  readonly group: string | undefined
  readonly isResumed: boolean
}

/** Fails where the handshake does. */
function shownTo(port: number, servername: string, options: ConnectionOptions): Promise<Shown> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, servername, rejectUnauthorized: false, ...options })
    socket.on('secureConnect', () => {
      const leaf = socket.getPeerCertificate(true)
      const { name: group } = socket.getEphemeralKeyInfo() as { readonly name?: string }
      resolve({
        names: leaf.subjectaltname,
        length: lengthOf(leaf),
        protocol: socket.alpnProtocol,
        group,
        isResumed: socket.isSessionReused(),
      })
      socket.destroy()
    })
    socket.on('error', reject)
  })
}

/** Over TLS 1.3 a session comes after the handshake. */
function sessionOf(port: number, servername: string, options: ConnectionOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, servername, rejectUnauthorized: false, ...options })
    socket.once('session', (session: Buffer) => {
      resolve(session)
      socket.destroy()
    })
    socket.on('error', reject)
  })
}

function lengthOf(leaf: PeerCertificate & { readonly issuerCertificate?: PeerCertificate }): number {
  const seen = new Set<string>()
  let current: (PeerCertificate & { readonly issuerCertificate?: PeerCertificate }) | undefined = leaf
  while (current?.fingerprint256 !== undefined && !seen.has(current.fingerprint256)) {
    seen.add(current.fingerprint256)
    current = current.issuerCertificate
  }
  return seen.size
}
