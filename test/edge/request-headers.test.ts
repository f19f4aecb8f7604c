import type { IncomingHttpHeaders } from 'node:http'
import { expect, test } from 'vitest'
import type { MatchPattern } from '../../src/model/match.js'
import { explain } from '../../src/translate/explain.js'
import { describeTranslated, type Seen } from './translated.js'

const ingress = (name: string, annotation: string, path = '/'): string => `
kind: Ingress
metadata:
  name: ${name}${path.replaceAll('/', '-')}x
  annotations: { ${annotation} }
spec:
  rules:
    - host: ${name}.test
      http: { paths: [{ path: ${path}, pathType: Prefix, backend: { service: { name: app, port: { number: 80 } } } }] }
`

const objects = [
  ingress('plain', ''),
  ingress('vhost', 'nginx.ingress.kubernetes.io/upstream-vhost: "$service_name.inner:$arg_port"'),
  ingress('close', 'nginx.ingress.kubernetes.io/connection-proxy-header: close'),
  ingress(
    'prefix',
    'nginx.ingress.kubernetes.io/x-forwarded-prefix: /app, nginx.ingress.kubernetes.io/rewrite-target: /v2',
  ),
  ingress('login', 'nginx.ingress.kubernetes.io/auth-type: basic, nginx.ingress.kubernetes.io/auth-secret: users'),
  'kind: Secret\nmetadata: { name: users }\nstringData: { auth: "ann:{PLAIN}open" }\n',
  ingress('vhost', '', '/plain/'),
  ingress('close', '', '/plain/'),
].join('---')

await describeTranslated('request headers', objects, (nginx) => {
  const hostsOf = ({ headers }: Seen): readonly unknown[] => [headers.host, headers['x-forwarded-host']]
  const seenIn = (answer: string): Seen =>
    JSON.parse(answer.slice(answer.indexOf('{'), answer.lastIndexOf('}') + 1)) as Seen // our backend's

  test('the backend gets the Host of the annotation, and X-Forwarded-Host that of the client (VH-1)', async () => {
    const { seen } = await nginx.ask('vhost.test:8080', '/?port=81')
    expect(hostsOf(seen)).toEqual(['app.inner:81', 'vhost.test:8080'])
    const attack = await nginx.ask('vhost.test', '/?port=%0d%0aX-A:b')
    expect(hostsOf(attack.seen)).toEqual(['app.inner:%0d%0aX-A:b', 'vhost.test'])
  })

  test('without annotation both are as the client sent them, or what the request was routed by (HOST-2)', async () => {
    expect(hostsOf((await nginx.ask('PLAIN.test:8080', '/')).seen)).toEqual(['PLAIN.test:8080', 'PLAIN.test:8080'])
    const end = 'Connection: close\r\n\r\n'
    const absolute = await nginx.askRaw(`GET http://plain.test/ HTTP/1.1\r\nHost: vhost.test\r\n${end}`)
    expect(hostsOf(seenIn(absolute))).toEqual(['plain.test', 'plain.test'])
    // Twice, so that the worker knows this host by then.
    for (let i = 0; i < 2; i++) expect(hostsOf((await nginx.ask('plain.test', '/')).seen)[0]).toBe('plain.test')
    const both = await nginx.askRaw(`GET http://vhost.test/?port=1 HTTP/1.1\r\nHost: plain.test\r\n${end}`)
    expect(hostsOf(seenIn(both))).toEqual(['app.inner:1', 'vhost.test'])
    const without = await nginx.askRaw('GET http://plain.test/ HTTP/1.0\r\n\r\n')
    expect(hostsOf(seenIn(without))).toEqual(['plain.test', 'plain.test'])
  })

  test('each request has an id of its own, or the one that the client sent (X-Request-ID)', async () => {
    const idOf = async (headers: Readonly<Record<string, string>>): Promise<unknown> =>
      (await nginx.ask('plain.test', '/', { headers })).seen.headers['x-request-id']
    // More than are made at a time.
    const ids = await Promise.all(Array.from({ length: 300 }, () => idOf({})))
    expect(ids.filter((id) => /^[0-9a-f]{32}$/.test(String(id)))).toHaveLength(300)
    expect(new Set(ids).size).toBe(300)
    // Also where the rest of the request is as usual, and the id looks like something else that there could be to say.
    for (const id of ['mine', 'mine', 'a b', 'a  b', '5', 'h2', ' h2', 'plain.test'])
      expect(await idOf({ 'X-Request-ID': id })).toBe(id.trim())
    expect(await idOf({ 'X-Request-ID': 'mine', 'Content-Length': '0' })).toBe('mine')
    expect(await idOf({ 'X-Request-ID': '' })).toMatch(/^[0-9a-f]{32}$/)
    expect(await idOf({ 'Content-Length': '0' })).toMatch(/^[0-9a-f]{32}$/)
  })

  test('what was written for a request that its backend sends on to another path is taken back (REQ-4)', async () => {
    for (const [host, header] of [
      ['vhost.test', 'host'],
      ['close.test', 'connection'],
    ] as const) {
      const direct = await nginx.ask(host, '/plain/')
      const sentOn = await nginx.ask(host, '/?h-X-Accel-Redirect=/plain/')
      expect(sentOn.seen.url).toBe('/plain/')
      expect(sentOn.seen.headers[header]).toBe(direct.seen.headers[header])
    }
  })

  test.each([
    [
      'an absolute target with another Host',
      'GET http://plain.test/?h-X-Accel-Redirect=/a HTTP/1.1\r\nHost: other.test',
    ],
    ['an absolute target without Host', 'GET http://plain.test/?h-X-Accel-Redirect=/a HTTP/1.0'],
  ])('and its host is that of %s (HOST-2)', async (_, asked) => {
    const answer = await nginx.askRaw(`${asked}\r\nConnection: close\r\n\r\n`)
    expect(seenIn(answer).url).toBe('/a')
    expect(hostsOf(seenIn(answer))).toEqual(['plain.test', 'plain.test'])
  })

  test('the Connection header is the one of the annotation, also for WebSocket (CON-1)', async () => {
    expect((await nginx.ask('close.test', '/')).seen.headers.connection).toBe('close')
    const upgrading = async (host: string): Promise<IncomingHttpHeaders> => {
      const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n'
      return seenIn(await nginx.askRaw(`GET / HTTP/1.0\r\nHost: ${host}\r\n${upgrade}`)).headers
    }
    expect((await upgrading('close.test')).connection).toBe('close')
    // Also where the worker knows the host, and other requests of it need not be looked at.
    for (let i = 0; i < 3; i++)
      expect((await nginx.ask('plain.test', '/')).seen.headers).not.toHaveProperty('connection')
    expect(await upgrading('plain.test')).toMatchObject({ connection: 'upgrade', upgrade: 'websocket' })
  })

  test.each([
    ['http', 'plain.test', '/?p=1', {}],
    ['https', 'plain.test:8443', '/', { 'X-Request-ID': 'mine', 'X-Forwarded-For': '1.2.3.4', 'X-Real-IP': 'x' }],
    ['http', 'vhost.test:8080', '/?port=81', { Proxy: 'x' }],
    ['http', 'prefix.test', '/a/b', { 'X-Forwarded-Prefix': '/theirs', 'X-Forwarded-Host': 'theirs' }],
    ['http', 'close.test', '/', { 'X-Scheme': 'https' }],
    ['http', 'login.test', '/', { Authorization: `Basic ${Buffer.from('ann:open').toString('base64')}` }],
  ] as const)('explain shows what the backend gets: %s://%s%s', async (scheme, host, target, sent) => {
    const headers = Object.fromEntries(Object.entries(sent).map(([name, value]) => [name.toLowerCase(), value]))
    const caseless: MatchPattern = (pattern, text) => {
      const found = new RegExp(pattern, 'i').exec(text)
      return found === null ? { kind: 'none' } : { kind: 'match', captures: [...found] }
    }
    const explanation = explain(nginx.translation, { scheme, host, target, headers }, true, caseless)
    const { seen } = await nginx.ask(host, target, { scheme, headers: sent })
    const wanted = new Map((explanation.headers ?? []).map((one) => [one.name.toLowerCase(), one]))
    expect(wanted.size).toBeGreaterThan(8)
    for (const one of wanted.values()) {
      const got = seen.headers[one.name.toLowerCase()]
      // The ports of this NGINX were free ones, which the translation does not know.
      if (one.name === 'X-Forwarded-Port' && scheme === 'http') continue
      if (one.kind === 'described') expect(got, one.name).toBeTruthy()
      else expect([one.name, got]).toEqual([one.name, one.kind === 'sent' ? one.value : undefined])
    }
    // Whatever else it got is the client's own, unchanged.
    for (const [name, value] of Object.entries(seen.headers)) if (!wanted.has(name)) expect(value).toBe(headers[name])
  })
})
