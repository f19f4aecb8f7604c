import { DOMAIN } from './hosts.js'
import { endpointSlice, ingress, type KubernetesObject, service, type TableChoices, users } from './manifests.js'
import type { Ratio, Variant } from './scenarios.js'

const PREFIX = 'nginx.ingress.kubernetes.io'

/** A host whose route uses one family, against the same host as a plain route. */
interface FeatureRow {
  readonly id: string
  readonly label: string
  readonly atMost: number
  readonly aim: number
  /** Without the prefix. */
  readonly annotations?: Readonly<Record<string, string>>
  /** Path of the Ingress; `/` if absent. Every request is for `/`. */
  readonly path?: string
  readonly more?: (choices: TableChoices) => readonly KubernetesObject[]
  /** What every request carries. */
  readonly headers?: Readonly<Record<string, string>>
}

const rows: readonly FeatureRow[] = [
  {
    id: 'rewrite',
    label: 'rewrite-target with a group',
    atMost: 1.25,
    aim: 1.15,
    annotations: { 'use-regex': 'true', 'rewrite-target': '/$1' },
    path: '/(.*)',
  },
  { id: 'canary', label: 'canary by weight', atMost: 1.1, aim: 1.1, more: canaryObjects },
  {
    id: 'affinity',
    label: 'cookie affinity, no cookie sent: each request a new session',
    atMost: 1.15,
    aim: 1.15,
    annotations: { affinity: 'cookie' },
  },
  {
    id: 'affinity-kept',
    label: 'cookie affinity, cookie sent: a session that is kept',
    atMost: 1.15,
    aim: 1.15,
    annotations: { affinity: 'cookie' },
    headers: { Cookie: 'INGRESSCOOKIE=1764172800.123.77.4099|0123456789abcdef0123456789abcdef' },
  },
  {
    id: 'cors',
    label: 'CORS for one origin, from that origin',
    atMost: 1.25,
    aim: 1.15,
    annotations: { 'enable-cors': 'true', 'cors-allow-origin': '*' },
  },
  {
    id: 'limit',
    label: 'limit-rps, never reached',
    atMost: 1.15,
    aim: 1.15,
    annotations: { 'limit-rps': '100000000' },
  },
  {
    id: 'allow-list',
    label: 'an allow list of 10,000 ranges',
    atMost: 1.1,
    aim: 1.1,
    annotations: { 'whitelist-source-range': `${ranges(9_999)},127.0.0.0/8` },
  },
  {
    id: 'basic',
    label: 'basic authentication by bcrypt, after the first login',
    atMost: 1.2,
    aim: 1.2,
    annotations: { 'auth-type': 'basic', 'auth-secret': 'users' },
    headers: { Authorization: `Basic ${Buffer.from('ann:secret').toString('base64')}` },
    more: () => [users('users', 'ann:$2y$10$abcdefghijklmnopqrstuuqflPDzB6gcMhKa1rZqKiun2YGL5sa2u')],
  },
  {
    id: 'external-auth',
    label: 'external auth',
    atMost: 2,
    aim: 1.75,
    annotations: { 'auth-url': 'http://BACKEND/verify' },
  },
  {
    id: 'external-auth-cached',
    label: 'external auth, cached',
    atMost: 1.3,
    aim: 1.3,
    annotations: {
      'auth-url': 'http://BACKEND/verify',
      'auth-cache-key': '$http_host',
      'auth-cache-duration': '200 1h',
    },
  },
  {
    id: 'patterns',
    label: 'regex host with 50 patterns, the last matches',
    atMost: 1.5,
    aim: 1.5,
    more: patternObjects,
  },
  {
    id: 'neighbours',
    label: 'plain route, 1,000 other Ingresses use every family',
    atMost: 1.05,
    aim: 1,
    more: neighbourObjects,
  },
]

const PLAIN: Variant = { id: 'feature-plain', label: 'plain route', engine: 'fairlead', hosts: 1 }

/**
 * What is kept of requests, against a worker that keeps nothing of them. The access log is NGINX's own; the plain route
 * has it.
 */
const UNSEEN: Variant = {
  ...PLAIN,
  id: 'feature-unseen',
  label: 'neither access log nor metrics',
  configMap: { 'disable-access-log': 'true' },
}
const METRICS: Variant = { ...UNSEEN, id: 'feature-metrics', label: 'metrics alone', flags: ['--enable-metrics'] }
const BOTH: Variant = { ...PLAIN, id: 'feature-both', label: 'access log and metrics', flags: ['--enable-metrics'] }

const observedRatios: readonly Ratio[] = [
  {
    id: 'metrics',
    what: 'metrics alone, against neither',
    over: METRICS.id,
    under: UNSEEN.id,
    goal: { atMost: 1.1, aim: 1.06 },
  },
  { id: 'access-log', what: 'access log alone, against neither', over: PLAIN.id, under: UNSEEN.id },
  {
    id: 'both',
    what: 'access log and metrics, against neither',
    over: BOTH.id,
    under: UNSEEN.id,
    goal: { atMost: 1.25, aim: 1.18 },
  },
]

/** The plain route twice, so that the noise is seen, and each family. */
export const featureVariants: readonly Variant[] = [
  PLAIN,
  { ...PLAIN, id: 'feature-plain-again', label: 'the same once more' },
  ...rows.map(({ id, label, annotations, path, more, headers }): Variant => {
    return {
      id: `feature-${id}`,
      label,
      engine: 'fairlead',
      hosts: 1,
      changesRequest: true,
      ...(annotations === undefined ? {} : { annotations: prefixed(annotations) }),
      ...(path === undefined ? {} : { path }),
      ...(more === undefined ? {} : { more }),
      ...(headers === undefined ? {} : { headers }),
    }
  }),
  UNSEEN,
  METRICS,
  BOTH,
]

export const featureRatios: readonly Ratio[] = [
  { id: 'noise', what: 'plain route against itself (noise)', over: 'feature-plain-again', under: PLAIN.id },
  ...rows.map(({ id, label, atMost, aim }): Ratio => {
    return {
      id,
      what: `${label}, against the plain route`,
      over: `feature-${id}`,
      under: PLAIN.id,
      goal: { atMost, aim },
    }
  }),
  ...observedRatios,
]

/** So many ranges that hold no address of this machine, of all lengths. */
function ranges(count: number): string {
  return Array.from({ length: count }, (_, i) => `10.${i >> 8}.${i & 255}.0/${24 + (i % 9)}`).join(',')
}

function prefixed(annotations: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(annotations).map(([name, value]) => [`${PREFIX}/${name}`, value]))
}

/** A second Service with the first one's endpoints, so that any of them is a right answer. */
function canaryObjects(choices: TableChoices): readonly KubernetesObject[] {
  const annotations = prefixed({ canary: 'true', 'canary-weight': '20' })
  const canary = rename(ingress(0, 1, { ...choices, annotations }), 'canary')
  return [canary, service(1), endpointSlice(1, 0, choices)]
}

/** Paths that the request for `/` does not match, each longer than `/` and so tried before it. */
function patternObjects(choices: TableChoices): readonly KubernetesObject[] {
  const annotations = prefixed({ 'use-regex': 'true' })
  return Array.from({ length: 49 }, (_, i) =>
    rename(ingress(0, 0, { ...choices, annotations, path: `/area-${i}/[a-z]+/(.*)` }), `pattern-${i}`),
  )
}

/**
 * A realistic mix: what clusters use, in turn. Each has a host of its own, and all share another Service than the first
 * host's: settings of an upstream hold for everybody who uses it (LB-2).
 */
export function neighbourObjects(choices: TableChoices, count = 1_000): readonly KubernetesObject[] {
  const ingresses = Array.from({ length: count }, (_, i) => {
    const annotations = prefixed(MIX[i % MIX.length] ?? {})
    const path = 'nginx.ingress.kubernetes.io/use-regex' in annotations ? '/x/(.*)' : '/'
    return rename(ingress(0, 1, { ...choices, annotations, path }), `neighbour-${i}`, `n${i}.${DOMAIN}`)
  })
  return [...ingresses, service(1), endpointSlice(1, 1, choices)]
}

const MIX: readonly Readonly<Record<string, string>>[] = [
  {},
  { 'use-regex': 'true', 'rewrite-target': '/$1' },
  { 'proxy-body-size': '8m' },
  { 'proxy-body-size': '50m', 'proxy-read-timeout': '300', 'proxy-send-timeout': '300' },
  { 'enable-cors': 'true', 'cors-allow-origin': 'https://app.example.com' },
  { affinity: 'cookie', 'session-cookie-name': 'route', 'session-cookie-max-age': '172800' },
  { 'limit-rps': '50' },
  { 'permanent-redirect': 'https://www.example.com' },
  { 'upstream-vhost': 'internal.example.com' },
  { 'backend-protocol': 'HTTPS' },
  { 'backend-protocol': 'GRPC' },
  { 'proxy-buffering': 'on', 'proxy-buffer-size': '16k' },
  { 'upstream-hash-by': '$request_uri' },
  { 'load-balance': 'ewma' },
  { 'proxy-request-buffering': 'off', 'proxy-body-size': '0' },
  { 'proxy-next-upstream': 'error timeout http_502' },
  { 'custom-http-errors': '502,503' },
  { 'connection-proxy-header': 'keep-alive' },
  { 'mirror-target': 'http://mirror.example.com$request_uri' },
]

function rename(object: KubernetesObject, name: string, host?: string): KubernetesObject {
  const raw = object as { readonly metadata: object; readonly spec: { readonly rules: readonly object[] } } // made above
  const rules = host === undefined ? raw.spec.rules : raw.spec.rules.map((rule) => ({ ...rule, host }))
  return { ...object, metadata: { ...raw.metadata, name }, spec: { ...raw.spec, rules } }
}
