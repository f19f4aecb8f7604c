import type { BackendSettings } from '../../model/proxy-features.js'
import { withVariables } from '../../nginx/directive.js'
import type { ProfileDirective } from '../../nginx/profile.js'
import { type Context, type Contribution, family, type HostTls } from '../declare.js'
import { fastcgiAnnotations, readParameters } from './fastcgi.js'
import { type Kind, parsed, refused } from '../kinds/kind.js'
import { bool } from '../kinds/kinds.js'
import { CROSS_NAMESPACE, crossNamespaceSetting } from '../other-namespace.js'
import { keyOf, UNVERIFIED } from './pool.js'
import { proxySslAnnotations, readProxySsl } from './proxy-ssl.js'

const PROTOCOLS = ['HTTP', 'HTTPS', 'AUTO_HTTP', 'GRPC', 'GRPCS', 'FCGI', 'H2', 'H2C'] as const

type Protocol = (typeof PROTOCOLS)[number]

const protocol: Kind<Protocol> = {
  form: `${PROTOCOLS.join(', ')}, in any case`,
  parse: (text) => {
    const found = PROTOCOLS.find((one) => one === text.toUpperCase())
    return found === undefined ? refused(`is none of ${PROTOCOLS.join(', ')}`) : parsed(found)
  },
}

/** ConfigMap key that keeps TLS to backends to the paths of its own Ingress. */
const LOCATION_ONLY = 'proxy-ssl-location-only'

/**
 * BP-1..BP-7, PSSL-1..PSSL-6, FCGI-1..FCGI-3. Source: annotations.md sections 8 to 10; the proxy, gRPC and FastCGI
 * modules of NGINX.
 */
export const protocols = family({
  name: 'protocols',
  title: 'Backend protocol',
  doc: 'How endpoints are spoken to. Certificates of backends are not verified by HTTPS, GRPCS and H2 alone: HTTPS has proxy-ssl-* for that.',
  annotations: {
    'backend-protocol': {
      kind: protocol,
      doc: 'The protocol of the endpoints; AUTO_HTTP is HTTP or HTTPS, as the client came; H2 is HTTP/2 over TLS and H2C in the clear, both from NGINX 1.29.4 on and without WebSocket.',
      effect: 'path',
      risk: 'low',
      bad: 'default',
      fallback: 'HTTP',
      example: 'HTTPS',
    },
    ...proxySslAnnotations,
    ...fastcgiAnnotations,
  },
  settings: {
    ...crossNamespaceSetting,
    [LOCATION_ONLY]: {
      kind: bool,
      doc: 'The annotations proxy-ssl-* hold for the paths of their Ingress alone, and not for those of other Ingresses of the host too.',
      fallback: 'false',
      example: 'true',
    },
  },
  contribute: (values, context): Contribution => {
    const wanted = values['backend-protocol'] ?? 'HTTP'
    const use = USES[wanted]
    if (use === undefined) return {}
    if (use.http2 === true && !context.engine.proxyHttp2) return tooOld(wanted)
    if (wanted === 'FCGI') {
      const index = values['fastcgi-index']
      const { profile, complaints } = readParameters(values['fastcgi-params-configmap'], context)
      const backend = index === undefined ? use.backend : { ...use.backend, index }
      return { profile: [use.pass, ...profile], route: { backend }, complaints }
    }
    const profile = use.http2 === true ? [use.pass, HTTP2] : [use.pass]
    const plain = { profile, route: { backend: use.backend } }
    if (!WITH_TLS.includes(wanted)) return plain
    const ssl = readProxySsl(values, wanted === 'HTTPS', context)
    if (ssl.kind === 'none') return wanted === 'HTTPS' ? { ...plain, lacksTls: true } : plain
    if (ssl.kind === 'closed') return { complaints: [ssl.complaint] }
    const backend: BackendSettings = { ...use.backend, pool: keyOf('http/1', ssl.identity), tls: ssl.settings }
    const { directives, attachments } = ssl
    const hostTls = lentBy(backend, directives, context)
    return {
      profile: [...profile, ...directives],
      route: { backend },
      attachments,
      ...(hostTls === undefined ? {} : { hostTls }),
    }
  },
})

/** PSSL-5. */
function lentBy(
  { pool, tls }: BackendSettings,
  directives: readonly ProfileDirective[],
  { setting }: Context,
): HostTls | undefined {
  if (setting(LOCATION_ONLY) === true) return undefined
  const backend = { pool, ...(tls === undefined ? {} : { tls }) }
  return { backend, directives, forAll: setting(CROSS_NAMESPACE) === true }
}

const WITH_TLS: readonly Protocol[] = ['HTTPS', 'AUTO_HTTP', 'GRPCS', 'H2']

/** What speaks HTTP/2 only cannot be asked otherwise. */
function tooOld(wanted: Protocol): Contribution {
  const message = `${wanted} needs NGINX 1.29.4 or newer, and the one that serves is older. Use GRPC or HTTP, or a newer NGINX.`
  return { complaints: [{ annotation: 'backend-protocol', message, instead: 'close' }] }
}

interface Use {
  readonly pass: ProfileDirective
  readonly backend: BackendSettings
  readonly http2?: true
}

const http: ProfileDirective = { name: 'proxy_pass', args: [withVariables`${'upstream_scheme'}://dyn`] }
const HTTP2: ProfileDirective = { name: 'proxy_http_version', args: ['2'] }
const grpc: ProfileDirective = { name: 'grpc_pass', args: [withVariables`${'upstream_scheme'}://dyn`] }

const USES: Readonly<Record<Protocol, Use | undefined>> = {
  HTTP: undefined,
  HTTPS: { pass: http, backend: { scheme: 'https', pool: keyOf('http/1', UNVERIFIED) } },
  AUTO_HTTP: {
    pass: http,
    backend: { scheme: 'client', pool: keyOf('http/1', undefined), securePool: keyOf('http/1', UNVERIFIED) },
  },
  GRPC: { pass: grpc, backend: { scheme: 'grpc', pool: keyOf('grpc', undefined) } },
  GRPCS: { pass: grpc, backend: { scheme: 'grpcs', pool: keyOf('grpc', UNVERIFIED) } },
  H2: { pass: http, http2: true, backend: { scheme: 'https', pool: keyOf('http/2', UNVERIFIED) } },
  H2C: { pass: http, http2: true, backend: { scheme: 'http', pool: keyOf('http/2', undefined) } },
  FCGI: { pass: { name: 'fastcgi_pass', args: ['dyn'] }, backend: { pool: keyOf('fcgi', undefined) } },
}
