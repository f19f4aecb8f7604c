import { createHash } from 'node:crypto'
import { poolKey, type UpstreamIdentity } from '../../model/pool-key.js'
import type { BackendSettings } from '../../model/proxy-features.js'
import { withVariables } from '../../nginx/directive.js'
import type { ProfileDirective } from '../../nginx/profile.js'
import { type Contribution, family } from '../declare.js'
import { type Kind, parsed, refused } from '../kinds/kind.js'

const PROTOCOLS = ['HTTP', 'HTTPS', 'AUTO_HTTP', 'GRPC', 'GRPCS', 'FCGI', 'H2', 'H2C'] as const

type Protocol = (typeof PROTOCOLS)[number]

const protocol: Kind<Protocol> = {
  form: `${PROTOCOLS.join(', ')}, in any case`,
  parse: (text) => {
    const found = PROTOCOLS.find((one) => one === text.toUpperCase())
    return found === undefined ? refused(`is none of ${PROTOCOLS.join(', ')}`) : parsed(found)
  },
}

/** BP-1..BP-7. Source: annotations.md section 8; ngx_http_grpc_module, ngx_http_fastcgi_module. */
export const protocols = family({
  name: 'protocols',
  title: 'Backend protocol',
  doc: 'How endpoints are spoken to. Certificates of backends are not verified by HTTPS, GRPCS and H2 alone.',
  annotations: {
    'backend-protocol': {
      kind: protocol,
      doc: 'The protocol of the endpoints; AUTO_HTTP is HTTP or HTTPS, as the client came; H2 is HTTP/2 over TLS and H2C in the clear, both from NGINX 1.29.4 on and without WebSocket.',
      effect: 'path',
      risk: 'low',
      bad: 'default',
      fallback: 'HTTP',
      example: 'GRPC',
    },
  },
  contribute: (values, { engine }) => {
    const wanted = values['backend-protocol'] ?? 'HTTP'
    const use = USES[wanted]
    if (use === undefined) return {}
    if (use.http2 === true && !engine.proxyHttp2) return tooOld(wanted)
    return { profile: use.http2 === true ? [use.pass, HTTP2] : [use.pass], route: { backend: use.backend } }
  },
})

/** What speaks HTTP/2 only cannot be asked otherwise. */
function tooOld(wanted: Protocol): Contribution {
  const message = `${wanted} needs NGINX 1.29.4 or newer, and the one that serves is older. Use GRPC or HTTP, or a newer NGINX.`
  return { complaints: [{ annotation: 'backend-protocol', message, instead: 'close' }] }
}

function keyOf(protocol: UpstreamIdentity['protocol'], secure: boolean): string {
  const tls = { serverName: '', verify: false, verifyDepth: 1, authority: '', clientCertificate: '' }
  const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16)
  return poolKey({ protocol, tls: secure ? tls : undefined }, digest)
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
  HTTPS: { pass: http, backend: { scheme: 'https', pool: keyOf('http/1', true) } },
  AUTO_HTTP: {
    pass: http,
    backend: { scheme: 'client', pool: keyOf('http/1', false), securePool: keyOf('http/1', true) },
  },
  GRPC: { pass: grpc, backend: { scheme: 'grpc', pool: keyOf('grpc', false) } },
  GRPCS: { pass: grpc, backend: { scheme: 'grpcs', pool: keyOf('grpc', true) } },
  H2: { pass: http, http2: true, backend: { scheme: 'https', pool: keyOf('http/2', true) } },
  H2C: { pass: http, http2: true, backend: { scheme: 'http', pool: keyOf('http/2', false) } },
  FCGI: { pass: { name: 'fastcgi_pass', args: ['dyn'] }, backend: { pool: keyOf('fcgi', false) } },
}
