import type { ProfileDirective } from '../nginx/profile.js'
import type { Ingress } from '../snapshot/objects.js'
import { bodyLimitDirective, defaultBodyLimit } from './body-limit.js'
import type { Defaults } from './defaults.js'
import { readFeatures } from './read.js'

/**
 * Annotations that many clusters use and that need a profile. What they come to is in every frame, so that the first
 * Ingress with one of these sets reloads nothing.
 */
const COMMON: readonly Readonly<Record<string, string>>[] = [
  ...['0', '8m', '16m', '32m', '64m', '128m', '512m', '1024m'].map((size) => ({ 'proxy-body-size': size })),
  { 'proxy-buffering': 'on' },
  { 'limit-rate': '1' },
  ...['HTTPS', 'GRPC', 'FCGI'].map((protocol) => ({ 'backend-protocol': protocol })),
  { 'backend-protocol': 'GRPC', 'proxy-body-size': '0' },
  { 'proxy-request-buffering': 'off' },
  { 'proxy-request-buffering': 'off', 'proxy-body-size': '0' },
  ...['404', '503', '404,503', '502,503,504', '500,502,503,504', '404,500,502,503,504'].map((codes) => ({
    'custom-http-errors': codes,
  })),
  { 'custom-http-errors': '503', 'disable-proxy-intercept-errors': 'true' },
]

/** The directives of the common profiles, read as an Ingress with those annotations would be. */
export function commonNeeds(defaults: Defaults): readonly (readonly ProfileDirective[])[] {
  return [
    // For bodies that do not say their length, on routes that need nothing else.
    [bodyLimitDirective(defaultBodyLimit(defaults))],
    ...COMMON.map(
      (annotations) => readFeatures(NOBODY, new Map(Object.entries(annotations)), defaults, NOTHING).profile,
    ),
  ]
}

const NOTHING = {
  digest: () => '',
  httpsPort: 443,
  allowMissingWaf: false,
  passesTls: false,
  configMap: () => undefined,
  secret: () => undefined,
  service: () => undefined,
  addresses: () => undefined,
  allowedResponseHeaders: [],
  allowsSnippets: false,
  engine: { proxyHttp2: false, debug: true, http3: true, firewall: 'none' as const },
}

const NOBODY: Ingress = {
  kind: 'Ingress',
  namespace: '',
  name: '',
  uid: '',
  createdAt: undefined,
  annotations: {},
  labels: {},
  source: undefined,
  ingressClassName: undefined,
  defaultBackend: undefined,
  tls: [],
  rules: [],
  published: [],
}
