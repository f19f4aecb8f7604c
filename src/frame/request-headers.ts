import { backendHeaders, isOfHttp1, upgradeVariable } from '../model/backend-headers.js'
import type { FrameSettings } from '../model/frame-settings.js'
import type { TextPart } from '../model/text-part.js'
import { partsOf } from './http3.js'
import { simple, variable, type Argument, type Directive } from '../nginx/directive.js'

/**
 * The request headers that every backend gets (routing.md section 9). An empty value sends no header, so a client's own
 * cannot pass either. One list for all locations: a single `proxy_set_header` in a location drops all inherited ones.
 *
 * The values are variables without decoded text of the client in them: NGINX copies a decoded line end as it is, and a
 * request would become two.
 */
export function requestHeaders(settings: FrameSettings, seen: (part: TextPart) => TextPart = asItIs): RequestHeaders {
  return backendHeaders(settings).map(([name, parts]) => [
    name,
    parts.length === 0 ? '' : partsOf(parts.map(seen), settings),
  ])
}

function asItIs(part: TextPart): TextPart {
  return part
}

/**
 * Those of a location for nobody who asks for another protocol, or whose backend gets another host than the client
 * asked for: the Host header itself, in place of variables that are made of it where Lua has not written them, and none
 * about the connection.
 */
export function usualRequestHeaders(settings: FrameSettings): RequestHeaders {
  const upgrade = upgradeVariable(settings)
  return requestHeaders(settings, (part) => {
    if (part.kind !== 'variable') return part
    if (part.name === upgrade) return { kind: 'text', text: '' }
    if (part.name === 'connection_upgrade') return { kind: 'text', text: connectionHeader(settings) }
    return HOSTS.includes(part.name) ? { ...part, name: 'http_host' } : part
  })
}

const HOSTS = ['backend_host', 'upstream_host']

/** Connection of a request that asks for no other protocol (CON-1). */
export function connectionHeader({ upstreamPoolSize }: FrameSettings): string {
  return upstreamPoolSize === 0 ? 'close' : ''
}

export type RequestHeaders = readonly (readonly [name: string, value: Argument])[]

export function http2RequestHeaders(settings: FrameSettings): RequestHeaders {
  return requestHeaders(settings).filter((header) => !isOfHttp1(header))
}

const IN_ERRORS: Readonly<Record<string, Argument | undefined>> = {
  Host: variable('upstream_host'),
  Upgrade: '',
  Connection: '',
}

/**
 * Conditions are about what the client has of the failed path (RFC 9110, 13.1 and 14.2): an error backend that holds them
 * against its own page would answer 304, and the client would show what it had.
 */
const CONDITIONS = ['If-Match', 'If-None-Match', 'If-Modified-Since', 'If-Unmodified-Since', 'If-Range', 'Range']

/**
 * What an error backend gets (ERR-2): of the connection to the failed backend nothing, and the host as it was asked for. The
 * variables in the second half are Lua's.
 */
export function errorRequestHeaders(settings: FrameSettings): RequestHeaders {
  // The ConfigMap may have every backend told of the URI: NGINX would send the header twice.
  const common = requestHeaders({ ...settings, originalUri: false })
  return [
    ...common.map(([name, value]) => [name, IN_ERRORS[name] ?? value] as const),
    ...CONDITIONS.map((name) => [name, ''] as const),
    // Credentials are for the backend of the path, or were just refused: perhaps a password with one wrong letter.
    ['Authorization', ''],
    ['X-Code', variable('error_code')],
    ['X-Format', variable('http_accept')],
    ['X-Original-URI', variable('request_uri')],
    ['X-Namespace', variable('error_namespace')],
    ['X-Ingress-Name', variable('error_ingress')],
    ['X-Service-Name', variable('error_service')],
    ['X-Service-Port', variable('error_port')],
  ]
}

export function setHeaders(headers: RequestHeaders): readonly Directive[] {
  return headers.map(([name, value]) => simple('proxy_set_header', name, value))
}
