import { expect, test } from 'vitest'
import { describeTranslated, type Translated } from './translated.js'

const paths = (path: string): string =>
  `{ paths: [{ path: ${path}, pathType: Prefix, backend: { service: { name: app, port: { number: 80 } } } }] }`

const objects = `
kind: Ingress
metadata:
  name: cors
  annotations:
    nginx.ingress.kubernetes.io/enable-cors: "true"
    nginx.ingress.kubernetes.io/cors-allow-origin: https://shop.test
    nginx.ingress.kubernetes.io/cors-allow-methods: GET, POST
    nginx.ingress.kubernetes.io/cors-allow-headers: X-Token
    nginx.ingress.kubernetes.io/cors-max-age: "60"
spec:
  rules: [{ host: cors.test, http: ${paths('/')} }]
---
kind: Ingress
metadata:
  name: gone
  annotations: { nginx.ingress.kubernetes.io/enable-cors: "true" }
spec:
  rules:
    - host: gone.test
      http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: gone, port: { number: 80 } } } }] }
---
kind: Service
metadata: { name: gone }
spec: { ports: [{ port: 80 }] }
---
kind: Ingress
metadata:
  name: headers
  annotations: { nginx.ingress.kubernetes.io/custom-headers: shared/headers }
spec:
  tls: [{ hosts: [headers.test] }]
  rules: [{ host: headers.test, http: ${paths('/')} }]
---
kind: Ingress
metadata:
  name: www
  annotations: { nginx.ingress.kubernetes.io/from-to-www-redirect: "true" }
spec:
  rules: [{ host: www.site.test, http: ${paths('/')} }]
---
kind: Ingress
metadata: { name: plain }
spec:
  rules: [{ host: plain.test, http: ${paths('/')} }]
---
kind: Ingress
metadata:
  name: closed
  annotations: { nginx.ingress.kubernetes.io/whitelist-source-range: 192.0.2.0/24 }
spec:
  rules: [{ host: closed.test, http: ${paths('/')} }]
---
kind: Ingress
metadata: { name: pages }
spec:
  rules: [{ host: pages.test, http: ${paths('/')} }]
---
kind: Ingress
metadata:
  name: pages-closed
  annotations:
    nginx.ingress.kubernetes.io/whitelist-source-range: 192.0.2.0/24
    nginx.ingress.kubernetes.io/custom-http-errors: "403"
    nginx.ingress.kubernetes.io/default-backend: app
spec:
  rules: [{ host: pages.test, http: ${paths('/closed')} }]
---
kind: Ingress
metadata:
  name: closed-cors
  annotations:
    nginx.ingress.kubernetes.io/whitelist-source-range: 192.0.2.0/24
    nginx.ingress.kubernetes.io/enable-cors: "true"
spec:
  rules: [{ host: closed-cors.test, http: ${paths('/')} }]
---
kind: ConfigMap
metadata: { name: headers, namespace: shared }
data: { X-Frame: "DENY; $host", X_Under: "1", X-Gone: "" }
---
kind: ConfigMap
metadata: { name: ingress-nginx-controller, namespace: ingress-nginx }
data: { global-allowed-response-headers: "X-Frame,X_Under,X-Gone" }
`

const HSTS = 'max-age=31536000; includeSubDomains'

function tests(nginx: Omit<Translated, 'stop'>): void {
  test('a preflight request is answered without the backend (COR-5)', async () => {
    const { status, headers, body } = await nginx.ask('cors.test', '/x', {
      method: 'OPTIONS',
      headers: { origin: 'https://shop.test' },
    })
    expect([status, body]).toEqual([204, ''])
    expect(headers).toMatchObject({
      'access-control-allow-origin': 'https://shop.test',
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': 'X-Token',
      'access-control-max-age': '60',
      vary: 'Origin',
    })
    // RFC 9110, 8.6.
    expect(headers['content-length']).toBeUndefined()
  })

  test('the headers stand on errors of the backend too, in place of its own (COR-4)', async () => {
    const query =
      'status=418&h-Access-Control-Allow-Origin=*&h-Access-Control-Allow-Methods=PUT&h-Vary=Accept&h-Vary=X-A'
    const { status, headers } = await nginx.ask('cors.test', `/?${query}`, { headers: { origin: 'https://SHOP.test' } })
    expect(status).toBe(418)
    expect(headers['access-control-allow-origin']).toBe('https://SHOP.test')
    expect(headers['access-control-allow-methods']).toBe('GET, POST')
    expect(headers.vary).toBe('Accept, X-A, Origin')
  })

  test('an answer that varies by origin already is left so', async () => {
    for (const vary of ['Accept,origin', '*', 'Origin, Accept']) {
      const path = `/?h-Vary=${encodeURIComponent(vary)}`
      const { headers } = await nginx.ask('cors.test', path, { headers: { origin: 'https://shop.test' } })
      expect(headers.vary).toBe(vary)
    }
  })

  test("another origin's request is passed on, and gets no headers of CORS from here (COR-6)", async () => {
    const { seen, headers } = await nginx.ask('cors.test', '/x', {
      method: 'OPTIONS',
      headers: { origin: 'https://other.test' },
    })
    expect([seen.name, seen.method]).toEqual(['app', 'OPTIONS'])
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control') || name === 'vary')).toEqual([])
  })

  test('answers of the proxy itself have the headers (COR-4, COR-7)', async () => {
    const { status, headers } = await nginx.ask('gone.test', '/')
    expect([status, headers['access-control-allow-origin']]).toEqual([503, '*'])
  })

  test('a host that is only redirected from says nothing of HSTS (HTTPS-2, RED-6)', async () => {
    const redirected = await nginx.ask('site.test', '/x/', { scheme: 'https' })
    expect([redirected.status, redirected.headers.location]).toEqual([308, 'https://www.site.test:443/x'])
    expect(redirected.headers['strict-transport-security']).toBeUndefined()
    const itself = await nginx.ask('www.site.test', '/', { scheme: 'https' })
    expect(itself.headers['strict-transport-security']).toBe('max-age=31536000; includeSubDomains')
  })

  test('headers of a ConfigMap are set on answers of every kind (HDR-1, HDR-3)', async () => {
    const path = '/?status=500&h-X-Frame=backend&h-X-Gone=1&h-X-Under=kept'
    const passed = await nginx.ask('headers.test', path, { scheme: 'https' })
    expect([passed.status, passed.headers['x-frame'], passed.headers['x_under']]).toEqual([500, 'DENY; $host', '1'])
    expect([passed.headers['x-gone'], passed.headers['x-under']]).toEqual([undefined, 'kept'])
    const redirected = await nginx.ask('headers.test', '/')
    expect([redirected.status, redirected.headers['x-frame']]).toEqual([308, 'DENY; $host'])
  })

  test('over TLS HTTPS-2 stands in place of what a backend says, over HTTP nobody touches that', async () => {
    const path = '/?h-Strict-Transport-Security=max-age%3D1'
    for (const host of ['plain.test', 'cors.test']) {
      // The second time the route is known.
      for (const _ of [1, 2]) {
        const secure = await nginx.ask(host, path, { scheme: 'https' })
        expect([secure.status, secure.headers['strict-transport-security']]).toEqual([200, HSTS])
        const open = await nginx.ask(host, path)
        expect([open.status, open.headers['strict-transport-security']]).toEqual([200, 'max-age=1'])
      }
    }
  })

  test('a backend that sends a request on leaves no HTTPS-2 behind: once in what a backend answers, never beside an error page', async () => {
    const sentOn = await nginx.ask('pages.test', '/?h-X-Accel-Redirect=/elsewhere', { scheme: 'https' })
    expect([sentOn.status, sentOn.seen.url, sentOn.headers['strict-transport-security']]).toEqual([
      200,
      '/elsewhere',
      HSTS,
    ])
    const refused = await nginx.ask('pages.test', '/?h-X-Accel-Redirect=/closed', { scheme: 'https' })
    expect([refused.status, refused.seen.url, refused.seen.headers['x-code']]).toEqual([200, '/', '403'])
    expect(refused.headers['strict-transport-security']).toBeUndefined()
  })

  test('no answer has a Server header, whoever gives it (REQ-3), and over TLS each of ours has HTTPS-2', async () => {
    for (const [host, path, status] of [
      ['plain.test', '/?h-Server=backend', 200],
      ['cors.test', '/?h-Server=backend', 200],
      ['gone.test', '/', 503],
      ['nobody.test', '/', 404],
      ['closed.test', '/', 403],
      ['closed-cors.test', '/', 403],
    ] as const) {
      for (const scheme of ['http', 'https'] as const) {
        const reply = await nginx.ask(host, path, { scheme })
        expect([host, reply.status, reply.headers.server]).toEqual([host, status, undefined])
        expect(reply.headers['strict-transport-security']).toBe(scheme === 'https' ? HSTS : undefined)
      }
    }
    expect(await nginx.askRaw('GET / HTTP/1.1\r\nHost: a b\r\n\r\n')).toMatch(/^HTTP\/1.1 400 (?![^]*\nServer:)/i)
  })

  test('what a list refuses is answered with the headers of CORS (COR-4)', async () => {
    const { status, headers } = await nginx.ask('closed-cors.test', '/')
    expect([status, headers['access-control-allow-origin']]).toEqual([403, '*'])
  })
}

await describeTranslated('response headers', objects, tests)
await describeTranslated('response headers without the module headers-more', objects, tests, (engine) => {
  return { ...engine, headersMoreModules: undefined }
})
