import { defaultClientAddress, type ClientAddress, type FrameSettings } from './frame-settings.js'
import type { TextPart } from './text-part.js'

/** The settings of the frame that the headers for backends depend on. */
export type BackendHeaderSettings = Pick<
  FrameSettings,
  'backendHeaders' | 'clientAddress' | 'http3' | 'originalUri' | 'requestIds' | 'upstreamPoolSize'
>

/** Without a ConfigMap (configmap.md). */
export const defaultBackendHeaderSettings: BackendHeaderSettings = {
  backendHeaders: [],
  clientAddress: defaultClientAddress,
  http3: false,
  originalUri: false,
  requestIds: true,
  // One pool for all backends, where configmap.md counts 320 for each.
  upstreamPoolSize: 4000,
}

/**
 * A header for a backend, of text and variables of NGINX; one that comes to nothing is not sent, and the client's
 * neither.
 */
export type BackendHeader = readonly [name: string, value: readonly TextPart[]]

/**
 * The request headers that every backend gets (routing.md section 9), by HTTP/1.1; those of the ConfigMap go before standard
 * ones of the same name.
 */
export function backendHeaders(settings: BackendHeaderSettings): readonly BackendHeader[] {
  const own = settings.backendHeaders
  const isOwn = (name: string): boolean => own.some(([other]) => other.toLowerCase() === name.toLowerCase())
  return [...standardHeaders(settings).filter(([name]) => !isOwn(name)), ...own]
}

function standardHeaders(settings: BackendHeaderSettings): readonly BackendHeader[] {
  const { clientAddress, originalUri } = settings
  const scheme = variable(schemeVariable(clientAddress))
  return [
    ['Host', variable('backend_host')],
    ['X-Request-ID', variable('req_id')],
    ['X-Real-IP', variable('remote_addr')],
    ['X-Forwarded-For', variable(clientAddress.appends ? 'full_x_forwarded_for' : 'remote_addr')],
    ['X-Forwarded-Host', variable('upstream_host')],
    ['X-Forwarded-Port', variable('pass_port')],
    ['X-Forwarded-Proto', scheme],
    ['X-Forwarded-Scheme', scheme],
    ['X-Scheme', scheme],
    ['X-Original-Forwarded-For', variable(headerVariable(clientAddress.forHeader))],
    ['X-Original-Forwarded-Host', variable(headerVariable(clientAddress.hostHeader))],
    ...(originalUri ? [['X-Original-URI', variable('request_uri')] as const] : []),
    ['Upgrade', variable(upgradeVariable(settings))],
    ['Connection', variable('connection_upgrade')],
    ['Proxy', []],
  ]
}

/** HTTP/2 knows no Connection and Upgrade (RFC 9113, 8.2.2). */
export function isOfHttp1([name]: readonly [name: string, value: unknown]): boolean {
  return name === 'Upgrade' || name === 'Connection'
}

/** The variable of NGINX that holds a header of the request. */
export function headerVariable(name: string): string {
  return `http_${name.toLowerCase().replaceAll('-', '_')}`
}

/** Where the scheme is that the client used, as far as those in front are believed (SSL-3). */
export function schemeVariable({ forwarded, proxyProtocol }: ClientAddress): string {
  return forwarded || proxyProtocol ? 'pass_scheme' : 'scheme'
}

/** The variable that holds the protocol a client would go over to. */
export function upgradeVariable({ http3 }: Pick<FrameSettings, 'http3'>): string {
  return http3 ? 'asked_upgrade' : 'http_upgrade'
}

function variable(name: string): readonly TextPart[] {
  return [{ kind: 'variable', name }]
}
