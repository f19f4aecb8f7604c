import { rootCertificates } from 'node:tls'
import { expect, test } from 'vitest'
import { keyGroups } from '../../src/configmap/reference.js'
import { ingress } from '../features/translated.js'
import { dhSecret } from '../support/dh-secret.js'
import { type Choices, effectBetween, mainConfigMap } from '../support/effects.js'

interface Stage extends Choices {
  /** Other keys, with and without this one. */
  readonly configMap?: Readonly<Record<string, string>>
  /** In place of the example, where that is the default or asks for what the test has not. */
  readonly value?: string
  /** Of the Ingress. */
  readonly annotations?: Readonly<Record<string, string>>
  /** Beside that Ingress. */
  readonly objects?: readonly object[]
}

const encrypted = {
  kind: 'Ingress',
  metadata: { name: 'encrypted' },
  spec: { tls: [{ hosts: ['a.test'] }], rules: [{ host: 'a.test' }] },
}
const service = {
  kind: 'Service',
  metadata: { name: 'app' },
  spec: { clusterIP: '10.96.0.7', ports: [{ port: 80 }] },
}
const users = {
  kind: 'Secret',
  metadata: { namespace: 'other', name: 'users' },
  data: { auth: Buffer.from('anna:{PLAIN}secret').toString('base64') },
}
const backends = {
  kind: 'Secret',
  metadata: { name: 'backends' },
  data: { 'ca.crt': Buffer.from(rootCertificates[0] ?? '').toString('base64') },
}
const headers = (name: string): object => ({
  kind: 'ConfigMap',
  metadata: { namespace: 'default', name },
  data: { 'X-Added': 'yes' },
})
const authority = { 'global-auth-url': 'http://192.0.2.7/' }
const traced = { 'enable-opentelemetry': 'true', 'otlp-collector-host': 'collector.test' }
const firewall = { 'enable-modsecurity': 'true' }
const compressed = { 'use-gzip': 'true' }
const forwarded = { 'use-forwarded-headers': 'true' }
const syslog = { 'enable-syslog': 'true', 'syslog-host': 'first.test' }

/** What it takes for a key to have an effect, where one path with nothing else is not enough. */
const stages: Readonly<Record<string, Stage>> = {
  'http3-port': { configMap: { 'use-http3': 'true' }, value: '8443' },
  'grpc-buffer-size-kb': { annotations: { 'backend-protocol': 'GRPC' }, whole: true },
  'proxy-real-ip-cidr': { configMap: forwarded },
  'compute-full-forwarded-for': { configMap: forwarded },
  'allow-backend-server-header': { configMap: { 'server-tokens': 'true' } },
  'gzip-level': { configMap: compressed },
  'gzip-min-length': { configMap: compressed, value: '1024' },
  'gzip-types': { configMap: compressed },
  'gzip-disable': { configMap: compressed },
  'syslog-host': { configMap: syslog },
  'syslog-port': { configMap: syslog },
  'otlp-collector-port': { configMap: traced, value: '5318' },
  'otel-service-name': { configMap: traced },
  'otel-max-queuesize': { configMap: traced },
  'otel-schedule-delay-millis': { configMap: traced },
  'otel-max-export-batch-size': { configMap: traced },
  'opentelemetry-trust-incoming-span': { configMap: traced },
  'opentelemetry-operation-name': { configMap: traced },
  'otel-sampler': { configMap: traced },
  'otel-sampler-ratio': { configMap: { ...traced, 'otel-sampler': 'TraceIdRatioBased' } },
  'otel-sampler-parent-based': { configMap: traced },
  'no-auth-locations': { configMap: authority, value: '/app' },
  'global-auth-method': { configMap: authority },
  'global-auth-signin': { configMap: authority },
  'global-auth-signin-redirect-param': { configMap: { ...authority, 'global-auth-signin': 'http://auth.test/in' } },
  'global-auth-response-headers': { configMap: authority },
  'global-auth-request-redirect': { configMap: authority },
  'global-auth-snippet': { configMap: authority },
  'global-auth-cache-key': { configMap: { ...authority, 'global-auth-cache-duration': '200 5m' } },
  'global-auth-cache-duration': { configMap: { ...authority, 'global-auth-cache-key': '$remote_user' } },
  'global-auth-always-set-cookie': { configMap: authority },
  'limit-rate-after': { configMap: { 'limit-rate': '512' } },
  'enable-owasp-modsecurity-crs': { configMap: firewall },
  'modsecurity-mode': { configMap: firewall },
  'modsecurity-paranoia-level': { configMap: { ...firewall, 'enable-owasp-modsecurity-crs': 'true' } },
  'modsecurity-inbound-anomaly-threshold': { configMap: { ...firewall, 'enable-owasp-modsecurity-crs': 'true' } },
  'modsecurity-allowed-methods': { configMap: { ...firewall, 'enable-owasp-modsecurity-crs': 'true' } },
  'modsecurity-remove-rules': { configMap: { ...firewall, 'enable-owasp-modsecurity-crs': 'true' } },
  'modsecurity-remove-tags': { configMap: { ...firewall, 'enable-owasp-modsecurity-crs': 'true' } },
  'modsecurity-request-body-limit': { configMap: firewall },
  'modsecurity-request-body-no-files-limit': { configMap: firewall },
  'modsecurity-snippet': { configMap: firewall },
  'retry-non-idempotent': { annotations: { 'proxy-next-upstream': 'error http_502' } },
  'proxy-redirect-from': { configMap: { 'proxy-redirect-to': 'http://b.test/' } },
  'add-headers': { objects: [headers('answer-headers')] },
  'proxy-set-headers': { objects: [headers('backend-headers')] },
  'ssl-dh-param': { objects: [dhSecret('default', 'dh-parameters')] },
  'enable-syslog': { configMap: { 'syslog-host': 'syslog.test' } },
  'global-auth-url': { value: 'http://192.0.2.7/verify' },
  'proxy-busy-buffers-size': { value: '12k' },
  'disable-proxy-intercept-errors': { annotations: { 'custom-http-errors': '503' } },
  'ssl-redirect': { objects: [encrypted] },
  'preserve-trailing-slash': { annotations: { 'force-ssl-redirect': 'true' } },
  'relative-redirects': { annotations: { 'permanent-redirect': '/new' } },
  'use-port-in-redirects': { annotations: { 'permanent-redirect': '/new' } },
  'service-upstream': { objects: [service] },
  'allow-cross-namespace-resources': {
    annotations: { 'auth-type': 'basic', 'auth-secret': 'other/users' },
    objects: [users],
  },
  'proxy-ssl-location-only': {
    annotations: { 'backend-protocol': 'HTTPS' },
    objects: [
      ingress(
        'first',
        { 'backend-protocol': 'HTTPS', 'proxy-ssl-secret': 'test/backends', 'proxy-ssl-name': 'x.test' },
        'a.test',
        '/first',
      ),
      backends,
    ],
  },
  'proxy-redirect-to': { configMap: { 'proxy-redirect-from': 'http://b.test/' } },
}

const all = keyGroups().flatMap(({ entries }) => entries)

/** What each key changes, alone or with what it takes; a key of which nothing can be seen does nothing. */
const effects = all.map(({ key, example }) => {
  const stage = stages[key] ?? {}
  const { value = example, configMap = {}, annotations = {}, objects = [] } = stage
  const worldOf = (data: Readonly<Record<string, string>>): readonly object[] => [
    mainConfigMap(data),
    ingress('app', annotations),
    ...objects,
  ]
  return { key, value, lines: effectBetween(worldOf(configMap), worldOf({ ...configMap, [key]: value }), stage) }
})

test('CM-4: each key that has an effect changes something of what is made', () => {
  expect(effects.filter(({ lines }) => lines.length === 0).map(({ key }) => key)).toEqual([])
})

test('no key but what is said to do so makes its value a problem', () => {
  const said = effects.flatMap(({ key, lines }) => (lines.some((line) => line.startsWith('+ problem')) ? [key] : []))
  expect(said).toEqual(['global-auth-snippet', 'modsecurity-snippet'])
})

/** `npx vitest run test/configmap -u` writes the file anew; its lines are to be read beside docs/configmap.md. */
test('each key changes this and nothing else', async () => {
  const parts = effects.map(({ key, value, lines }) => [`## ${key}: ${value}`, ...lines, ''].join('\n'))
  await expect(parts.join('\n')).toMatchFileSnapshot('./effects.txt')
})
