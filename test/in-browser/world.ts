import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { knownFormats } from '../../src/observe/logs/formats.js'
import { startTestBackend, type TestBackend } from '../serve/backends.js'
import { annotated, ingress, secret, service, slice, writeObjects } from '../serve/manifests.js'
import { createProgram, type Program } from '../serve/program.js'
import { freePort } from '../support/ports.js'
import { createAuthority } from '../support/certificates.js'

/**
 * A running Fairlead with an admin port: a shop with a canary and a certificate, thousands of hosts, mistakes, hostile
 * texts.
 */
export interface World {
  readonly program: Program
  readonly admin: number
  readonly token: string
  /** The URL that `serve` prints. */
  readonly url: string
  readonly backends: readonly TestBackend[]
  end(): Promise<void>
}

export const MANY_HOSTS = 10_000

/** What somebody would write who wants to be HTML. */
export const HOSTILE = '/<img src=x onerror=alert(1)>"\'&amp;'

export async function startWorld(): Promise<World> {
  const program = await createProgram()
  const backends = [await startTestBackend('front'), await startTestBackend('front-next')]
  const [front, next] = backends.map(({ port }) => port)
  writeObjects(program.manifests, 'shop', [
    ...shop(),
    service('front'),
    slice('front', [front ?? 0]),
    service('front-next'),
    slice('front-next', [next ?? 0]),
    service('sites'),
    slice('sites', [front ?? 0]),
  ])
  writeObjects(program.manifests, 'mistakes', mistakes())
  writeObjects(program.manifests, 'settings', [settings()])
  writeObjects(
    program.manifests,
    'many',
    Array.from({ length: MANY_HOSTS }, (_, i) => ingress(`site-${pad(i)}`, `site-${pad(i)}.example.com`, 'sites')),
  )
  const admin = await freePort()
  const rules = join(program.folder, 'alerts.yaml')
  writeFileSync(rules, alertRules())
  await program.start(undefined, ['--admin-port', String(admin), '--enable-metrics', '--alert-rules', rules])
  const token = readFileSync(join(program.state, 'private', 'admin.token'), 'utf8').trim()
  return {
    program,
    admin,
    token,
    url: `http://127.0.0.1:${admin}/#token=${token}`,
    backends,
    async end() {
      await program.remove()
      for (const backend of backends) backend.close()
    },
  }
}

/** JSON is YAML. One rule fires, one is silenced, one cannot be read; nobody listens where it is told. */
function alertRules(): string {
  return JSON.stringify({
    channels: [{ name: 'hook', webhook: { url: 'http://127.0.0.1:1/s3cret-of-the-url' } }],
    rules: [
      { name: 'mistakes', preset: 'problems', every: '5s' },
      { name: 'certificates', preset: 'certificate-expiry', below: '4000d', every: '5s', labels: { team: HOSTILE } },
      { name: 'slow', preset: 'latency', above: '1h' },
      { name: 'unreadable', preset: 'latency', above: HOSTILE },
    ],
    silences: [{ match: { rule: 'certificates', team: '*' }, until: '2100-01-01T00:00:00Z', comment: HOSTILE }],
  })
}

function shop(): readonly object[] {
  const leaf = createAuthority('browser').issue({ names: ['shop.example.com', 'www.shop.example.com'] })
  const nginx = 'nginx.ingress.kubernetes.io'
  const main = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      name: 'shop',
      namespace: 'test',
      labels: { team: 'storefront', tier: 'web' },
      annotations: { [`${nginx}/proxy-read-timeout`]: '20', [`${nginx}/limit-rps`]: '400' },
    },
    spec: {
      ingressClassName: 'nginx',
      tls: [{ hosts: ['shop.example.com'], secretName: 'shop-tls' }],
      rules: [
        {
          host: 'shop.example.com',
          http: {
            paths: [path('/', 'Prefix', 'front'), path('/cart', 'Prefix', 'front'), path('/health', 'Exact', 'front')],
          },
        },
      ],
    },
  }
  const canary = {
    ...main,
    metadata: {
      name: 'shop-next',
      namespace: 'test',
      annotations: {
        [`${nginx}/canary`]: 'true',
        [`${nginx}/canary-by-header`]: 'X-Canary',
        [`${nginx}/canary-weight`]: '20',
      },
    },
    spec: {
      ingressClassName: 'nginx',
      rules: [{ host: 'shop.example.com', http: { paths: [path('/', 'Prefix', 'front-next')] } }],
    },
  }
  return [
    main,
    canary,
    secret('shop-tls', leaf.chain, leaf.key),
    annotated('api', 'api.example.com', 'sites', { 'rewrite-target': '/v2/$1', 'use-regex': 'true' }),
  ]
}

/** ACK's format of the log, which names the host and the alternative upstream (ack.md 4.1). */
function settings(): object {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'ingress-nginx-controller', namespace: 'ingress-nginx' },
    data: { 'log-format-upstream': knownFormats.ack },
  }
}

function mistakes(): readonly object[] {
  const hostile = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'hostile', namespace: 'test', annotations: { note: '<script>alert(2)</script>' } },
    spec: {
      ingressClassName: 'nginx',
      rules: [{ host: 'hostile.example.com', http: { paths: [path(HOSTILE, 'ImplementationSpecific', 'sites')] } }],
    },
  }
  return [
    ingress('lost', 'lost.example.com', 'nowhere'),
    annotated('slow', 'slow.example.com', 'sites', { 'proxy-read-timeout': 'a while' }),
    ingress('unsigned', 'unsigned.example.com', 'sites', 'no-such-secret'),
    hostile,
  ]
}

function path(at: string, pathType: string, name: string): object {
  return { path: at, pathType, backend: { service: { name, port: { number: 80 } } } }
}

function pad(i: number): string {
  return String(i).padStart(4, '0')
}
