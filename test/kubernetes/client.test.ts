import { writeFileSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { TLSSocket } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import type { Access } from '../../src/kubernetes/access.js'
import { createAuthority as trustFile } from '../../src/kubernetes/authority.js'
import type { KubernetesClient } from '../../src/kubernetes/client.js'
import { fixedCredentials, noCredential } from '../../src/kubernetes/credentials.js'
import { type ClientTimes, createKubernetesClient } from '../../src/kubernetes/http-client.js'
import { keepFile } from '../../src/kubernetes/kept-file.js'
import { createTokenCredentials } from '../../src/kubernetes/token.js'
import { createAuthority } from '../support/certificates.js'
import { answer, bodyOf, plainAccess, startServer, statusBody, temporaryFolder, until, writeFile } from './server.js'

function clientOf(access: Access, times: Partial<ClientTimes> = {}): KubernetesClient {
  const client = createKubernetesClient(access, times)
  onTestFinished(() => client.close())
  return client
}

async function clientFor(handler: RequestListener, times: Partial<ClientTimes> = {}): Promise<KubernetesClient> {
  const server = await startServer(handler)
  return clientOf(plainAccess(server.url), times)
}

test('a call sends method, path, query, body and its type, and gives the parsed answer', async () => {
  const seen: unknown[] = []
  const client = await clientFor(async (request, response) => {
    const { method, url, headers } = request
    seen.push({ method, url, type: headers['content-type'], accept: headers.accept, body: await bodyOf(request) })
    answer(response, 200, { kind: 'Ingress' })
  })
  const result = await client.call({
    method: 'PATCH',
    path: '/apis/networking.k8s.io/v1/namespaces/shop/ingresses/front/status',
    query: { fieldManager: 'fairlead', force: 'true' },
    body: { a: 'é' },
    contentType: 'application/merge-patch+json',
  })
  expect(result).toEqual({ ok: true, status: 200, body: { kind: 'Ingress' } })
  expect(seen).toEqual([
    {
      method: 'PATCH',
      url: '/apis/networking.k8s.io/v1/namespaces/shop/ingresses/front/status?fieldManager=fairlead&force=true',
      type: 'application/merge-patch+json',
      accept: 'application/json',
      body: '{"a":"é"}',
    },
  ])
})

test('the path of an address comes before those of calls', async () => {
  const server = await startServer((request, response) => answer(response, 200, request.url))
  const client = clientOf(plainAccess(`${server.url}/clusters/a/`))
  expect(await client.call({ method: 'GET', path: '/version' })).toMatchObject({ body: '/clusters/a/version' })
})

const refusals: [fact: string, handler: RequestListener, expected: object][] = [
  [
    'a Status: its reason and message',
    (_, response) => answer(response, 409, statusBody(409, 'Conflict', 'the object has been modified')),
    { ok: false, status: 409, reason: 'Conflict', message: 'the object has been modified' },
  ],
  [
    'Retry-After',
    (_, response) => answer(response, 429, statusBody(429, 'TooManyRequests', 'slow down'), { 'retry-after': '7' }),
    { ok: false, status: 429, reason: 'TooManyRequests', message: 'slow down', retryAfterSeconds: 7 },
  ],
  [
    'the wait in a Status',
    (_, response) => answer(response, 503, statusBody(503, '', 'starting', { retryAfterSeconds: 3 })),
    { ok: false, status: 503, reason: '', message: 'starting', retryAfterSeconds: 3 },
  ],
  [
    'an answer of a proxy',
    (_, response) => response.writeHead(502).end('<html>Bad Gateway</html>'),
    { ok: false, status: 502, reason: '', message: '<html>Bad Gateway</html>' },
  ],
  [
    'an answer without text',
    (_, response) => response.writeHead(500).end(),
    { ok: false, status: 500, reason: '', message: 'the API server answered 500' },
  ],
  [
    'a redirect is not followed',
    (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    { ok: false, status: 302, reason: '', message: 'the API server answered 302' },
  ],
  [
    'success that is not JSON',
    (_, response) => response.writeHead(200).end('hello'),
    { ok: false, status: 200, reason: '', message: 'the answer is not JSON: hello' },
  ],
]
test.each(refusals)('a failure is a value: %s', async (_fact, handler, expected) => {
  const client = await clientFor(handler)
  expect(await client.call({ method: 'GET', path: '/x' })).toEqual(expected)
})

test('no answer is status 0: refused, cut, no headers, half a body, too long, ended early, closed', async () => {
  const gone = await startServer(() => undefined)
  await gone.stop()
  expect(await clientOf(plainAccess(gone.url)).call({ method: 'GET', path: '/x' })).toMatchObject({
    ok: false,
    status: 0,
    message: expect.stringContaining('ECONNREFUSED'),
  })
  const times = { headersMilliseconds: 500, bodyMilliseconds: 500 }
  const client = await clientFor((request, response) => {
    if (request.url === '/cut') request.socket.destroy()
    if (request.url === '/half') response.writeHead(200, { 'content-length': '100' }).write('{"a":')
    if (request.url === '/drip') setInterval(() => response.write(' '), 20).unref()
  }, times)
  const call = (path: string, more: object = {}) => client.call({ method: 'GET', path, ...more })
  expect(await call('/cut')).toMatchObject({ ok: false, status: 0 })
  expect(await call('/silent')).toMatchObject({ status: 0, message: expect.stringContaining('did not answer in time') })
  expect(await call('/half')).toMatchObject({ status: 0, message: expect.stringContaining('stopped half way') })
  expect(await call('/drip', { timeoutMilliseconds: 200 })).toMatchObject({
    status: 0,
    message: 'no whole answer within 0.2 s',
  })
  const control = new AbortController()
  const ended = call('/drip', { signal: control.signal })
  control.abort()
  expect(await ended).toMatchObject({ status: 0, message: 'the call was ended' })
  const left = call('/drip')
  await client.close()
  expect(await left).toMatchObject({ status: 0 })
  expect(await call('/x')).toMatchObject({ status: 0 })
})

test('200 calls over TLS use a few connections, and close leaves none open', async () => {
  const authority = createAuthority('api')
  const { chain, key } = authority.issue({ names: ['localhost'] })
  const server = await startServer((_, response) => answer(response, 200, {}), { cert: chain, key })
  const trust = { authority: () => authority.certificate, serverName: undefined, insecure: false }
  const client = clientOf(plainAccess(server.url, { trust }))
  for (let count = 0; count < 200; count++)
    expect(await client.call({ method: 'GET', path: '/x' })).toMatchObject({ ok: true })
  expect(server.connections().opened).toBeLessThanOrEqual(3)
  await client.close()
  await until(() => server.connections().open === 0, server.connections)
})

test('a stream gives its chunks; its server may break it, its reader may cancel it', async () => {
  const server = await startServer((request, response) => {
    if (request.url === '/refused') return answer(response, 410, statusBody(410, 'Expired', 'too old'))
    response.writeHead(200)
    response.write('one\n')
    if (request.url === '/broken') setTimeout(() => request.socket.destroy(), 20)
  })
  const client = clientOf(plainAccess(server.url))
  expect(await client.stream({ path: '/refused' })).toMatchObject({ ok: false, status: 410, reason: 'Expired' })

  const broken = await client.stream({ path: '/broken' })
  if (!broken.ok) throw new Error(broken.message)
  const read: string[] = []
  await expect(
    (async () => {
      for await (const chunk of broken.chunks) read.push(chunk.toString())
    })(),
  ).rejects.toThrow()
  expect(read).toEqual(['one\n'])

  const quiet = await client.stream({ path: '/quiet' })
  if (!quiet.ok) throw new Error(quiet.message)
  quiet.cancel()
  quiet.cancel()
  const unread = await client.stream({ path: '/quiet' })
  expect(unread.ok).toBe(true)
  await client.close()
  await until(() => server.connections().open === 0, server.connections)
})

test('a token that is refused is read again and the call made once more; a lost file does not matter', async () => {
  const folder = temporaryFolder()
  const path = writeFile(folder, 'token', 'one\n')
  const seen: (string | undefined)[] = []
  let valid = 'Bearer one'
  const server = await startServer((request, response) => {
    const { authorization } = request.headers
    seen.push(authorization)
    if (authorization === valid) return answer(response, 200, {})
    answer(response, 401, statusBody(401, 'Unauthorized', 'Unauthorized'))
  })
  let now = 0
  const client = clientOf(plainAccess(server.url, { credentials: createTokenCredentials(keepFile(path, () => now)) }))
  const call = () => client.call({ method: 'GET', path: '/x' })
  expect(await call()).toMatchObject({ ok: true })
  writeFileSync(path, 'two')
  valid = 'Bearer two'
  expect(await call()).toMatchObject({ ok: true })
  expect(seen).toEqual(['Bearer one', 'Bearer one', 'Bearer two'])
  // Read each minute, without waiting for a refusal.
  writeFileSync(path, 'three')
  valid = 'Bearer three'
  now += 60_000
  expect(await call()).toMatchObject({ ok: true })
  expect(seen.slice(3)).toEqual(['Bearer three'])
  // Away for a moment, and empty for a moment.
  now += 60_000
  writeFileSync(path, '')
  expect(await call()).toMatchObject({ ok: true })
  valid = 'Bearer four'
  expect(await call()).toMatchObject({ ok: false, status: 401 })
  writeFileSync(path, 'four')
  expect(await call()).toMatchObject({ ok: true })
})

test('the API server may come back with a new certificate of its authority, or of a new one that is in the file', async () => {
  const folder = temporaryFolder()
  const [first, second] = [createAuthority('first'), createAuthority('second')]
  const path = writeFile(folder, 'ca.crt', first.certificate)
  const serve = (authority: typeof first, port: number) => {
    const { chain, key } = authority.issue({ names: ['localhost'] })
    return startServer((_, response) => answer(response, 200, {}), { cert: chain, key }, port)
  }
  const server = await serve(first, 0)
  const authority = trustFile(keepFile(path, () => 0))
  if (!authority.ok) throw new Error(authority.message)
  const trust = { authority: authority.current, serverName: undefined, insecure: false }
  const client = clientOf(plainAccess(server.url, { trust }))
  const call = () => client.call({ method: 'GET', path: '/x' })
  expect(await call()).toMatchObject({ ok: true })
  await server.stop()
  const again = await serve(first, server.port)
  expect(await callUntilOk(call)).toMatchObject({ ok: true })
  await again.stop()
  const other = await serve(second, server.port)
  const refused = await call()
  expect(refused).toMatchObject({ ok: false, status: 0 })
  writeFileSync(path, 'half a certif')
  expect(await call()).toMatchObject({ ok: false, message: expect.stringContaining('not from the authority') })
  writeFileSync(path, second.certificate)
  expect(await callUntilOk(call)).toMatchObject({ ok: true })
  await other.stop()
})

test('a certificate for another name is refused, unless that name is the expected one', async () => {
  const authority = createAuthority('api')
  const { chain, key } = authority.issue({ names: ['kubernetes.default'] })
  const server = await startServer((_, response) => answer(response, 200, {}), { cert: chain, key })
  const trust = { authority: () => authority.certificate, serverName: undefined, insecure: false }
  const call = { method: 'GET', path: '/x' } as const
  expect(await clientOf(plainAccess(server.url, { trust })).call(call)).toMatchObject({
    ok: false,
    message: expect.stringContaining('for another name'),
  })
  const named = { ...trust, serverName: 'kubernetes.default' }
  expect(await clientOf(plainAccess(server.url, { trust: named })).call(call)).toMatchObject({ ok: true })
  const blind = { authority: () => undefined, serverName: undefined, insecure: true }
  expect(await clientOf(plainAccess(server.url, { trust: blind })).call(call)).toMatchObject({ ok: true })
})

test('a client certificate is shown; one that is refused is renewed on new connections', async () => {
  const authority = createAuthority('api')
  const { chain, key } = authority.issue({ names: ['localhost'] })
  let valid = 'one'
  const server = await startServer(
    (request, response) => {
      const shown = request.socket instanceof TLSSocket ? request.socket.getPeerCertificate().subject?.CN : ''
      if (shown === valid) return answer(response, 200, shown)
      answer(response, 401, statusBody(401, 'Unauthorized', 'Unauthorized'))
    },
    { cert: chain, key, clientAuthority: authority.certificate },
  )
  const credentialFor = (name: string) => {
    const leaf = authority.issue({ names: [name] })
    return { ok: true, credential: { ...noCredential, certificate: leaf.chain, key: leaf.key } } as const
  }
  let current = credentialFor('one')
  const credentials = {
    current: async () => current,
    renew: async () => (current = credentialFor(valid)),
  }
  const trust = { authority: () => authority.certificate, serverName: undefined, insecure: false }
  const client = clientOf(plainAccess(server.url, { trust, credentials }))
  expect(await client.call({ method: 'GET', path: '/x' })).toMatchObject({ ok: true, body: 'one' })
  valid = 'two'
  expect(await client.call({ method: 'GET', path: '/x' })).toMatchObject({ ok: true, body: 'two' })
  expect(await client.call({ method: 'GET', path: '/x' })).toMatchObject({ ok: true, body: 'two' })
})

test('a key that cannot be read is a failure, not a crash', async () => {
  const authority = createAuthority('api')
  const { chain, key } = authority.issue({ names: ['localhost'] })
  const server = await startServer((_, response) => answer(response, 200, {}), { cert: chain, key })
  const credentials = fixedCredentials({ authorization: undefined, certificate: chain, key: 'nonsense' })
  const client = clientOf(plainAccess(server.url, { credentials }))
  expect(await client.call({ method: 'GET', path: '/x' })).toMatchObject({ ok: false, status: 0 })
  const failing = {
    current: async () => ({ ok: false, message: 'no token' }) as const,
    renew: async () => ({ ok: false, message: 'no token' }) as const,
  }
  const without = clientOf(plainAccess(server.url, { credentials: failing }))
  expect(await without.call({ method: 'GET', path: '/x' })).toMatchObject({ status: 401, message: 'no token' })
})

/** Connections that the server cut are noticed at their next use only. */
async function callUntilOk(call: () => ReturnType<KubernetesClient['call']>): ReturnType<KubernetesClient['call']> {
  for (let tries = 0; tries < 20; tries++) {
    const result = await call()
    if (result.ok) return result
  }
  return call()
}
