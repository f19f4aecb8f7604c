import { createServer, type IncomingHttpHeaders, request } from 'node:http'
import { readFileSync, writeFileSync } from 'node:fs'
import { Agent } from 'node:https'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAuthority } from '../support/certificates.js'
import { enginesForTests } from '../support/engine.js'
import { get } from './clients.js'
import { annotated, ingress, mainConfigMap, service, slice, writeObjects } from './manifests.js'
import { createProgram, type Program, until } from './program.js'
import { askTls, askWithSession, connectionTo, openHttp2, type TlsReply, type TlsRequest } from './tls-clients.js'

const engines = await enginesForTests()
const DAY = 86_400_000

const ours = createAuthority('Ours')
const theirs = createAuthority('Theirs')
const alice = ours.issue({ names: [], commonName: 'alice', purpose: 'client' })
const bob = ours.issue({ names: [], commonName: 'bob', purpose: 'client' })
const carol = ours.issue({ names: [], commonName: 'carol', purpose: 'client', intermediate: true })
const stranger = theirs.issue({ names: [], commonName: 'alice', purpose: 'client' })
const server = ours.issue({ names: [], commonName: 'alice' })
const deep = ours.issue({ names: [], commonName: 'deep', purpose: 'client', intermediate: 'two' })
const late = ours.issue({
  names: [],
  commonName: 'alice',
  purpose: 'client',
  notBefore: Date.now() - 2 * DAY,
  notAfter: Date.now() - DAY,
})

describe.each(engines)('client certificates through NGINX $version', (engine) => {
  let program: Program
  let backend: Awaited<ReturnType<typeof startEcho>>

  const secrets = (changes: Readonly<Record<string, Readonly<Record<string, string>> | undefined>> = {}): void => {
    const all: Readonly<Record<string, Readonly<Record<string, string>> | undefined>> = {
      ours: { 'ca.crt': ours.certificate },
      theirs: { 'ca.crt': theirs.certificate },
      turning: { 'ca.crt': ours.certificate },
      listed: { 'ca.crt': ours.certificate, 'ca.crl': ours.revoke([bob.certificate]) },
      stale: { 'ca.crt': ours.certificate, 'ca.crl': ours.revoke([], Date.now() - 1000) },
      foreign: { 'ca.crt': ours.certificate, 'ca.crl': theirs.revoke([]) },
      empty: { 'tls.crt': ours.certificate },
      ...changes,
    }
    writeObjects(
      program.manifests,
      'secrets',
      Object.entries(all).flatMap(([name, data]) =>
        data === undefined
          ? []
          : [{ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'test' }, stringData: data }],
      ),
    )
  }

  beforeAll(async () => {
    backend = await startEcho()
    program = await createProgram()
    secrets()
    const by = (name: string, secret: string, annotations: Readonly<Record<string, string>> = {}): object =>
      annotated(name, `${name}.test`, 'echo', {
        'auth-tls-secret': `test/${secret}`,
        'ssl-redirect': 'false',
        ...annotations,
      })
    const wild = by('wild', 'ours') as { spec: { rules: { host: string }[] } }
    writeObjects(program.manifests, 'app', [
      service('echo'),
      slice('echo', [backend.port]),
      ingress('plain', 'plain.test', 'echo'),
      by('on', 'ours'),
      by('other', 'theirs'),
      by('optional', 'ours', { 'auth-tls-verify-client': 'optional' }),
      by('no-ca', 'ours', { 'auth-tls-verify-client': 'optional_no_ca' }),
      by('off', 'ours', { 'auth-tls-verify-client': 'off' }),
      by('unreadable', 'ours', { 'auth-tls-verify-client': 'perhaps' }),
      by('elsewhere', 'ours', { 'auth-tls-error-page': 'https://help.test/certificates' }),
      by('page', 'ours', { 'auth-tls-error-page': '/sorry?why=certificate' }),
      by('passing', 'ours', { 'auth-tls-pass-certificate-to-upstream': 'true' }),
      by('named', 'ours', { 'auth-tls-match-cn': 'CN=(alice|carol)' }),
      by('listed', 'listed'),
      by('stale', 'stale'),
      by('foreign', 'foreign'),
      by('turning', 'turning'),
      by('alias', 'ours', { 'server-alias': 'alias-two.test' }),
      { ...wild, spec: { ...wild.spec, rules: wild.spec.rules.map((rule) => ({ ...rule, host: '*.wild.test' })) } },
      by('deep', 'ours', { 'auth-tls-verify-depth': '0' }),
      by('deeper', 'ours', { 'auth-tls-verify-depth': '2' }),
      by('later', 'ours', { 'auth-tls-verify-client': 'off' }),
      by('kept', 'turning'),
      by('patterned', 'ours', { 'server-alias': '~^any\\d+\\.patterned\\.test$' }),
      by('asking', 'ours', {
        'auth-url': `http://127.0.0.1:${backend.port}/auth`,
        'auth-tls-verify-client': 'optional',
      }),
      by('missing', 'none'),
      by('without-ca', 'empty'),
      by('unnamed', 'x', { 'auth-tls-secret': 'ours' }),
      by('away', 'x', { 'auth-tls-secret': 'away/ours' }),
      by('shared', 'ours'),
      { ...by('z-broken', 'none'), spec: (by('shared', '') as { spec: object }).spec },
    ])
    writeObjects(program.manifests, 'nobody', [catchAll(by('nobody', 'ours'))])
    await program.start(undefined, ['--nginx', engine.binary])
  }, 60_000)

  afterAll(async () => {
    await program?.remove()
    backend?.close()
  })

  const ask = (asked: TlsRequest): Promise<TlsReply> => askTls(program.https, asked)
  const status = async (asked: TlsRequest): Promise<number> => (await ask(asked)).status

  test('MTLS-3 MTLS-5: on: only who has a certificate of the authority that is good comes in', async () => {
    const reply = await ask({ host: 'on.test', identity: alice })
    expect(reply.status).toBe(200)
    expect(introductionIn(reply)).toEqual({
      'ssl-client-verify': 'SUCCESS',
      'ssl-client-subject-dn': 'CN=alice,O=Fairlead tests',
      'ssl-client-issuer-dn': 'CN=Ours root,O=Fairlead tests',
    })
    for (const host of ['on.test', 'unreadable.test'])
      for (const identity of [undefined, stranger, late, server])
        expect([host, await status({ host, identity })]).toEqual([host, 400])
    expect(await status({ host: 'on.test', identity: carol })).toBe(200)
  })

  test('MTLS-3: optional lets in who has none, and nobody with a bad one; optional_no_ca everybody; off asks for none', async () => {
    expect(introductionIn(await ask({ host: 'optional.test' }))).toEqual({ 'ssl-client-verify': 'NONE' })
    expect(await status({ host: 'optional.test', identity: alice })).toBe(200)
    expect(await status({ host: 'optional.test', identity: stranger })).toBe(400)
    expect(await status({ host: 'optional.test', identity: late })).toBe(400)
    expect(introductionIn(await ask({ host: 'no-ca.test' }))).toEqual({ 'ssl-client-verify': 'NONE' })
    const unknown = introductionIn(await ask({ host: 'no-ca.test', identity: stranger }))
    expect(unknown['ssl-client-verify']).toMatch(/^FAILED:/)
    expect(unknown['ssl-client-issuer-dn']).toBe('CN=Theirs root,O=Fairlead tests')
    expect(introductionIn(await ask({ host: 'off.test', identity: alice }))).toEqual({ 'ssl-client-verify': 'NONE' })
  })

  test('MTLS-4: an error page elsewhere, or of the host itself, which gets nothing of the request', async () => {
    const away = await ask({ host: 'elsewhere.test' })
    expect([away.status, away.headers.location]).toEqual([302, 'https://help.test/certificates'])
    for (const method of ['GET', 'HEAD'])
      expect([method, await status({ host: 'page.test', path: '/x?y=z', method })]).toEqual([method, 200])
    const page = await ask({ host: 'page.test', path: '/x?y=z' })
    expect(seenIn(page)).toMatchObject({ method: 'GET', url: '/sorry?why=certificate', body: '' })
    const body = 'secret'
    for (const headers of [{ 'content-length': String(body.length) }, { 'transfer-encoding': 'chunked' }] as const)
      for (const method of ['GET', 'POST'])
        expect(await status({ host: 'page.test', path: '/x?y=z', method, body, headers })).toBe(400)
    const known = await ask({ host: 'page.test', path: '/x?y=z', method: 'POST', body, identity: alice })
    expect(seenIn(known)).toMatchObject({ method: 'POST', url: '/x?y=z', body })
  })

  test('MTLS-5: the certificate is passed where that is asked for, and nothing that a client says of itself', async () => {
    const passed = introductionIn(await ask({ host: 'passing.test', identity: alice }))['ssl-client-cert'] ?? ''
    expect(decodeURIComponent(passed)).toBe(alice.certificate)
    const headers = {
      'ssl-client-verify': ['SUCCESS', 'SUCCESS'],
      'SSL-Client-Subject-DN': 'CN=admin',
      'ssl-client-issuer-dn': 'CN=admin',
      'ssl-client-cert': 'admin',
      ssl_client_verify: 'SUCCESS',
    }
    expect(introductionIn(await ask({ host: 'optional.test', headers }))).toEqual({ 'ssl-client-verify': 'NONE' })
    expect(introductionIn(await ask({ host: 'on.test', headers, identity: alice }))).toEqual({
      'ssl-client-verify': 'SUCCESS',
      'ssl-client-subject-dn': 'CN=alice,O=Fairlead tests',
      'ssl-client-issuer-dn': 'CN=Ours root,O=Fairlead tests',
    })
  })

  test('EXT-11: external authentication is told the same', async () => {
    const headers = { 'ssl-client-verify': 'SUCCESS', 'ssl-client-cert': 'admin' }
    const asked = async (identity: TlsRequest['identity']): Promise<Readonly<Record<string, string | undefined>>> => {
      backend.seen.length = 0
      expect(await status({ host: 'asking.test', identity, headers })).toBe(200)
      const question = backend.seen.find(({ url }) => url === '/auth')
      return introductionIn({ body: JSON.stringify(question) })
    }
    expect(await asked(undefined)).toEqual({ 'ssl-client-verify': 'NONE' })
    expect((await asked(alice))['ssl-client-subject-dn']).toBe('CN=alice,O=Fairlead tests')
    backend.seen.length = 0
    expect(await status({ host: 'asking.test', identity: stranger, headers })).toBe(400)
    expect(backend.seen).toEqual([])
  })

  test('MTLS-7: plain HTTP is not affected, but says nothing of the client', async () => {
    const sent = { host: 'on.test', 'ssl-client-verify': 'SUCCESS', 'ssl-client-cert': 'admin' }
    const reply = await askPlain(program.http, sent)
    expect([reply.status, introductionIn(reply)]).toEqual([200, {}])
  })

  test('MTLS-6: the name of the subject has to match, over plain HTTP too', async () => {
    expect(await status({ host: 'named.test', identity: alice })).toBe(200)
    expect(await status({ host: 'named.test' })).toBe(400)
    const refused = await ask({ host: 'named.test', identity: bob })
    expect([refused.status, refused.body]).toEqual([403, 'client certificate unauthorized'])
    expect(await get(program.http, 'named.test', '/')).toEqual({ status: 403, body: 'client certificate unauthorized' })
  })

  test('MTLS-1 MTLS-2: where there is nothing to verify by, the whole host answers 403', async () => {
    for (const name of ['missing', 'without-ca', 'unnamed', 'away', 'shared']) {
      const host = `${name}.test`
      expect([name, await status({ host, identity: alice })]).toEqual([name, 403])
      expect([name, (await get(program.http, host, '/x')).status]).toEqual([name, 403])
    }
  })

  test('MTLS-2: what is revoked is refused, and so is everybody where the list is old or of another authority', async () => {
    expect(await status({ host: 'listed.test', identity: alice })).toBe(200)
    expect(await status({ host: 'listed.test', identity: bob })).toBe(400)
    expect(await status({ host: 'stale.test', identity: alice })).toBe(400)
    expect(await status({ host: 'foreign.test', identity: alice })).toBe(400)
  })

  test('MTLS-8: a request on a connection for another name, or for none, is misdirected', async () => {
    for (const serverName of ['plain.test', 'other.test', 'optional.test', 'unknown.test', ''])
      for (const host of ['on.test', 'optional.test', 'no-ca.test'])
        if (host !== serverName)
          expect([serverName, host, await status({ host, serverName, identity: alice })]).toEqual([
            serverName,
            host,
            421,
          ])
    expect(await status({ host: 'plain.test', serverName: 'on.test' })).toBe(200)
    expect(introductionIn(await ask({ host: 'off.test', serverName: 'on.test', identity: alice }))).toEqual({
      'ssl-client-verify': 'NONE',
    })
    for (const host of ['ON.test', 'on.test.', 'on.test:443', 'ON.TEST.:8443']) {
      expect([host, await status({ host, serverName: 'plain.test', identity: alice })]).toEqual([host, 421])
      expect([host, await status({ host, serverName: 'On.Test', identity: alice })]).toEqual([host, 200])
      expect([host, await status({ host, serverName: 'on.test' })]).toEqual([host, 400])
    }
  })

  test('MTLS-8: names that share a host are names of their own', async () => {
    expect(await status({ host: 'alias-two.test', identity: alice })).toBe(200)
    expect(await status({ host: 'alias-two.test' })).toBe(400)
    expect(await status({ host: 'alias-two.test', serverName: 'alias.test', identity: alice })).toBe(421)
    expect(await status({ host: 'a.wild.test', identity: alice })).toBe(200)
    expect(await status({ host: 'a.wild.test' })).toBe(400)
    expect(await status({ host: 'a.wild.test', serverName: 'b.wild.test', identity: alice })).toBe(421)
    expect(await status({ host: 'any1.patterned.test', identity: alice })).toBe(200)
    expect(await status({ host: 'any1.patterned.test' })).toBe(400)
    for (const serverName of ['any2.patterned.test', 'patterned.test', 'unknown.test'])
      expect(await status({ host: 'any1.patterned.test', serverName, identity: alice })).toBe(421)
  })

  test('MTLS-8: the default server stands for all names that nobody declared', async () => {
    expect(await status({ host: 'x.unknown.test', identity: alice })).toBe(200)
    expect(await status({ host: 'x.unknown.test' })).toBe(400)
    expect(await status({ host: '127.0.0.1', serverName: '', identity: alice })).toBe(200)
    expect(await status({ host: 'x.unknown.test', serverName: 'y.unknown.test', identity: alice })).toBe(200)
    expect(await status({ host: 'x.unknown.test', serverName: 'optional.test', identity: alice })).toBe(421)
    expect(await status({ host: 'on.test', serverName: 'y.unknown.test', identity: alice })).toBe(421)
  })

  test('auth-tls-verify-depth: how many certificates may stand between', async () => {
    expect(await status({ host: 'deep.test', identity: carol })).toBe(200)
    expect(await status({ host: 'deep.test', identity: deep })).toBe(400)
    expect(await status({ host: 'deeper.test', identity: deep })).toBe(200)
  })

  test('MTLS-8: HTTP/2 connections are not shared between names', async () => {
    const connection = openHttp2(program.https, 'on.test', alice)
    expect((await connection.ask('on.test')).status).toBe(200)
    expect((await connection.ask('optional.test')).status).toBe(421)
    expect((await connection.ask('other.test')).status).toBe(421)
    expect((await connection.ask('plain.test')).status).toBe(200)
    expect((await connection.ask('on.test')).status).toBe(200)
    connection.close()
    const plain = openHttp2(program.https, 'plain.test', alice)
    expect((await plain.ask('plain.test')).status).toBe(200)
    expect((await plain.ask('on.test')).status).toBe(421)
    plain.close()
  })

  test.each(['TLSv1.2', 'TLSv1.3'] as const)('MTLS-8: a %s session resumes for its own name only', async (version) => {
    const first = await askWithSession(program.https, version, { host: 'on.test', identity: alice })
    expect(first).toMatchObject({ status: 200, resumed: false })
    const own = await askWithSession(program.https, version, { host: 'on.test' }, first.ticket)
    expect(own).toMatchObject({ status: 200, resumed: true })
    expect(own.text).toContain('CN=alice')
    for (const [host, expected] of [
      ['other.test', 400],
      ['optional.test', 200],
      ['plain.test', 200],
      ['a.wild.test', 400],
    ] as const) {
      const reply = await askWithSession(program.https, version, { host }, first.ticket)
      expect([host, reply.status, reply.resumed]).toEqual([host, expected, false])
      expect(reply.text).not.toContain('CN=alice')
    }
    const plain = await askWithSession(program.https, version, { host: 'plain.test', identity: alice })
    const crossed = await askWithSession(program.https, version, { host: 'on.test' }, plain.ticket)
    expect(crossed).toMatchObject({ status: 400, resumed: false })
    const hidden = { host: 'on.test', serverName: 'plain.test' }
    expect((await askWithSession(program.https, version, hidden, plain.ticket)).status).toBe(421)
  })

  test('a client cannot negotiate anew', async () => {
    const socket = connect({ ...connectionTo(program.https, 'on.test', undefined), maxVersion: 'TLSv1.2' })
    await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject))
    socket.on('error', () => undefined)
    const ended = new Promise((resolve) => socket.once('close', resolve))
    const isNegotiated = new Promise((resolve) => socket.renegotiate({}, (error) => resolve(error === null)))
    expect(await Promise.race([isNegotiated, ended.then(() => false)])).toBe(false)
    socket.destroy()
  })

  test('MTLS-8: a host that begins to ask for certificates asks on new connections', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1, cert: alice.chain, key: alice.key })
    expect(await status({ host: 'later.test', agent })).toBe(200)
    const later = { 'auth-tls-secret': 'test/ours', 'ssl-redirect': 'false' }
    const objects = readFileSync(`${program.manifests}/app.json`, 'utf8')
    const { items } = JSON.parse(objects) as { items: { metadata: { name: string } }[] } // written above
    const others = items.filter(({ metadata }) => metadata.name !== 'later')
    writeObjects(program.manifests, 'app', [...others, annotated('later', 'later.test', 'echo', later)])
    const seen: number[] = []
    await until(async () => {
      seen.push(await status({ host: 'later.test', agent }))
      return seen.includes(421)
    }, 20_000)
    // NGINX closed the connection with that answer.
    expect(await status({ host: 'later.test', agent })).toBe(200)
    agent.destroy()
  })

  test('GEN-3 GEN-19: of an Ingress that is refused, what it trusts changes as well', async () => {
    expect(await status({ host: 'kept.test', identity: alice })).toBe(200)
    const objects = readFileSync(`${program.manifests}/app.json`, 'utf8')
    writeFileSync(
      `${program.manifests}/app.json`,
      objects.replace(
        '"name":"kept","namespace":"test","annotations":{',
        '$&"nginx.ingress.kubernetes.io/auth-tls-match-cn":"x",',
      ),
    )
    await until(() => Promise.resolve(program.log().includes('Ingress test/kept')), 20_000)
    expect(await status({ host: 'kept.test', identity: alice })).toBe(200)
    secrets({ turning: { 'ca.crt': theirs.certificate } })
    await until(async () => (await status({ host: 'kept.test', identity: alice })) === 400, 20_000)
    secrets({ turning: undefined })
    await until(async () => (await status({ host: 'kept.test', identity: alice })) === 403, 20_000)
    secrets()
    await until(async () => (await status({ host: 'kept.test', identity: alice })) === 200, 20_000)
  })

  test('GEN-19: another authority, and another list, hold at once, for open connections too, without a reload', async () => {
    const generation = program.generation()
    const kept = [alice, bob].map(
      (identity) => new Agent({ keepAlive: true, maxSockets: 1, cert: identity.chain, key: identity.key }),
    )
    const both = (): Promise<readonly number[]> =>
      Promise.all(kept.map((agent) => status({ host: 'turning.test', agent })))
    const until2 = (expected: readonly number[]): Promise<void> =>
      until(async () => String(await both()) === String(expected), 20_000)
    await until2([200, 200])
    const session = await askWithSession(program.https, 'TLSv1.3', { host: 'turning.test', identity: bob })
    expect(session.status).toBe(200)
    // Whatever is verified again, the client did not connect again: NGINX ends a connection with its 400.
    secrets({ turning: { 'ca.crt': ours.certificate + theirs.certificate } })
    await until(async () => (await status({ host: 'turning.test', identity: stranger })) === 200, 20_000)
    expect(await both()).toEqual([200, 200])
    secrets({ turning: { 'ca.crt': ours.certificate, 'ca.crl': ours.revoke([bob.certificate]) } })
    const answers = async (agent: Agent | undefined): Promise<readonly [number, boolean]> => {
      const reply = await ask({ host: 'turning.test', ...(agent === undefined ? {} : { agent }) })
      return [reply.status, reply.reused]
    }
    // On the connection that was good until then.
    let bobs = await answers(kept[1])
    await until(async () => {
      if (bobs[0] === 200) bobs = await answers(kept[1])
      return bobs[0] !== 200
    }, 20_000)
    expect(bobs).toEqual([400, true])
    expect(await answers(kept[0])).toEqual([200, true])
    expect(await status({ host: 'turning.test', identity: stranger })).toBe(400)
    const again = await askWithSession(program.https, 'TLSv1.3', { host: 'turning.test' }, session.ticket)
    expect(again).toMatchObject({ status: 400, resumed: false })
    secrets({ turning: { 'ca.crt': theirs.certificate } })
    await until2([400, 400])
    expect(await status({ host: 'turning.test', identity: stranger })).toBe(200)
    secrets({ turning: undefined })
    await until(async () => (await status({ host: 'turning.test', identity: stranger })) === 403, 20_000)
    expect(await both()).toEqual([403, 403])
    secrets()
    await until2([200, 200])
    expect(program.generation()).toBe(generation)
    for (const agent of kept) agent.destroy()
  }, 90_000)

  // The last one: the frame is another from here on.
  test('MTLS-8: the name counts by which a request is routed, not what it says a proxy in front is asked for', async () => {
    writeObjects(program.manifests, 'config', [mainConfigMap({ 'use-forwarded-headers': 'true' })])
    const forwarded = (name: string): Readonly<Record<string, string>> => ({ 'x-forwarded-host': name })
    const believed = async (): Promise<boolean> =>
      seenIn(await ask({ host: 'plain.test', headers: forwarded('public.test') })).headers.host === 'public.test'
    await until(async () => {
      for (let i = 0; i < 50; i++) if (!(await believed())) return false
      return true
    }, 20_000)
    const good = { host: 'on.test', identity: alice }
    expect(await status({ ...good, headers: forwarded('public.test') })).toBe(200)
    expect(await status({ ...good, serverName: 'optional.test', headers: forwarded('optional.test') })).toBe(421)
  })
})

/** The same Ingress without rules, for what nobody declares. */
function catchAll(ingress: object): object {
  const defaultBackend = { service: { name: 'echo', port: { number: 80 } } }
  return { ...ingress, spec: { ingressClassName: 'nginx', defaultBackend } }
}

function askPlain(port: number, headers: Readonly<Record<string, string>>): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, headers, agent: false }, (response) => {
      let body = ''
      response.on('data', (bytes: Buffer) => (body += bytes.toString()))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
    })
    asked.on('error', reject)
    asked.end()
  })
}

interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Answers with what it was asked. */
async function startEcho(): Promise<{ readonly port: number; readonly seen: Seen[]; close(): void }> {
  const all: Seen[] = []
  const echo = createServer((request, response) => {
    let body = ''
    request.on('data', (bytes: Buffer) => (body += bytes.toString()))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      const seen: Seen = { method, url, headers, body }
      all.push(seen)
      response.end(JSON.stringify(seen))
    })
  })
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve))
  return {
    port: (echo.address() as AddressInfo).port, // it listens on TCP
    seen: all,
    close: () => {
      echo.closeAllConnections()
      echo.close()
    },
  }
}

function seenIn({ body }: { readonly body: string }): Seen {
  return JSON.parse(body) as Seen // our own backend
}

/** What the backend was told of the client. */
function introductionIn(reply: { readonly body: string }): Readonly<Record<string, string | undefined>> {
  const { headers } = seenIn(reply)
  const told = Object.entries(headers).filter(([name]) => /^ssl[-_]client/.test(name))
  return Object.fromEntries(told.map(([name, value]) => [name, String(value)]))
}
