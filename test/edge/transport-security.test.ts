import { expect, test } from 'vitest'
import { describeTranslated, type Translated } from './translated.js'

const backend = '{ service: { name: app, port: { number: 80 } } }'

const objects = (data: string): string => `
kind: Ingress
metadata: { name: plain }
spec:
  rules: [{ host: plain.test, http: { paths: [{ path: /, pathType: Prefix, backend: ${backend} }] } }]
---
kind: Ingress
metadata:
  name: closed
  annotations: { nginx.ingress.kubernetes.io/whitelist-source-range: 192.0.2.0/24 }
spec:
  rules: [{ host: closed.test, http: { paths: [{ path: /, pathType: Prefix, backend: ${backend} }] } }]
---
kind: Ingress
metadata:
  name: site
  annotations: { nginx.ingress.kubernetes.io/from-to-www-redirect: "true" }
spec:
  rules: [{ host: www.site.test, http: { paths: [{ path: /, pathType: Prefix, backend: ${backend} }] } }]
---
kind: ConfigMap
metadata: { name: ingress-nginx-controller, namespace: ingress-nginx }
data: ${data}
`

/** HTTPS-2, where the ConfigMap says something else than is usual. */
for (const [title, data, said] of [
  [
    'another time',
    '{ hsts-max-age: "60", hsts-include-subdomains: "false", hsts-preload: "true" }',
    'max-age=60; preload',
  ],
  ['nothing', '{ hsts: "false" }', undefined],
] as const) {
  await describeTranslated(`HSTS with ${title}`, objects(data), (nginx) => tests(nginx, said))
}

function tests(nginx: Omit<Translated, 'stop'>, said: string | undefined): void {
  test('HTTPS-2: answers of backends, every time', async () => {
    for (const _ of [1, 2, 3, 4]) {
      const { headers } = await nginx.ask('plain.test', '/', { scheme: 'https' })
      expect(headers['strict-transport-security']).toBe(said)
      // With none of ours the backend's own is passed on.
      const own = await nginx.ask('plain.test', '/?h-Strict-Transport-Security=max-age%3D1', { scheme: 'https' })
      expect(own.headers['strict-transport-security']).toBe(said ?? 'max-age=1')
    }
  })

  test.each([
    ['closed.test', 403],
    ['nobody.test', 404],
  ])('HTTPS-2: answers of ours, for %s', async (host, status) => {
    const reply = await nginx.ask(host, '/', { scheme: 'https' })
    expect([reply.status, reply.headers['strict-transport-security']]).toEqual([status, said])
  })

  test('HTTPS-2: never over HTTP, nor of a host that is only redirected from', async () => {
    for (const [host, scheme] of [
      ['plain.test', 'http'],
      ['closed.test', 'http'],
      ['site.test', 'https'],
    ] as const) {
      expect((await nginx.ask(host, '/', { scheme })).headers['strict-transport-security']).toBeUndefined()
    }
  })
}
