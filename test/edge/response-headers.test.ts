import { expect, test } from 'vitest'
import { describeTranslated } from './translated.js'

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
kind: ConfigMap
metadata: { name: headers, namespace: shared }
data: { X-Frame: "DENY; $host", X_Under: "1", X-Gone: "" }
---
kind: ConfigMap
metadata: { name: ingress-nginx-controller, namespace: ingress-nginx }
data: { global-allowed-response-headers: "X-Frame,X_Under,X-Gone" }
`

await describeTranslated('response headers', objects, (nginx) => {
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
})
