import type { AuthService, KeptConnections } from '../../model/auth-service.js'
import type { RequestHeader } from '../../model/request-header.js'
import { parseVariables } from '../../request/variables.js'
import { isAddress } from '../../snapshot/address.js'
import { parseAuthUrl, type AuthUrl } from '../../snapshot/auth-url.js'
import type { Complaint, Context } from '../declare.js'
import { type HeaderRules, readHeaderMap } from '../header-map.js'
import { isAskable, isForwardable } from '../request-header-names.js'
import { signInOf } from './sign-in.js'
import { unknownIn } from './variable-names.js'
import type { Keepalive, Wish } from './wish.js'

export interface ReadService {
  /** undefined: what is wrong closes the paths. */
  readonly service: AuthService | undefined
  readonly complaints: readonly Complaint[]
}

/** Makes the service that a wish is about, or says why it cannot be asked. */
export function readService(wish: Wish, context: Context): ReadService {
  const url = parseAuthUrl(wish.url)
  if (typeof url === 'string') return closed('auth-url', `${JSON.stringify(wish.url)} ${url}.`)
  const fault = faultOf(wish)
  if (fault !== undefined) return closed(...fault)
  const headers = wish.setHeaders === undefined ? [] : readHeaderMap(wish.setHeaders, ASKABLE, context)
  if (typeof headers === 'string') return closed('auth-proxy-set-headers', headers)
  const addresses = isAddress(url.host) ? [url.host] : (context.addresses(url.host) ?? [])
  const message = `The name ${url.host} has no address, so nobody can be asked there.`
  return {
    service: serviceOf(wish, url, addresses, headers),
    complaints: addresses.length > 0 ? [] : [{ annotation: 'auth-url', message, instead: 'fail' }],
  }
}

function closed(annotation: string, message: string): ReadService {
  return { service: undefined, complaints: [{ annotation, message, instead: 'close' }] }
}

/** The annotation, and what is wrong with it. */
function faultOf(wish: Wish): readonly [annotation: string, message: string] | undefined {
  if (wish.snippet !== undefined)
    return [
      'auth-snippet',
      'Raw configuration is never used. Headers of the question go into a ConfigMap that auth-proxy-set-headers names, its method into auth-method, its timeouts are those of the path (proxy-read-timeout); remove the snippet.',
    ]
  const header = wish.responseHeaders.find((name) => !isForwardable(name))
  if (header !== undefined)
    return ['auth-response-headers', `${header} cannot come from the service: every backend gets it from NGINX itself.`]
  for (const [annotation, text] of textsOf(wish)) {
    const [unknown] = unknownIn(text)
    if (unknown !== undefined) return [annotation, `No request has a variable $${unknown}.`]
  }
  return undefined
}

function textsOf(wish: Wish): readonly (readonly [annotation: string, text: string])[] {
  return [
    ['auth-url', wish.url],
    ['auth-signin', wish.signIn ?? ''],
    ['auth-cache-key', wish.cacheKey ?? ''],
  ]
}

const ASKABLE: HeaderRules = {
  whyNoName: (name) =>
    isAskable(name)
      ? undefined
      : `${JSON.stringify(name)} is not a header that can be set in a request without a body.`,
  unknownIn,
}

function serviceOf(
  wish: Wish,
  url: AuthUrl,
  addresses: readonly string[],
  headers: readonly RequestHeader[],
): AuthService {
  const path = url.rest.startsWith('/') || url.rest.startsWith('$') ? url.rest : `/${url.rest}`
  const seconds = Object.keys(wish.cacheSeconds).length === 0 ? undefined : wish.cacheSeconds
  return {
    kind: 'auth-service',
    addresses: addresses.map((address) => (address.includes(':') ? `[${address}]` : address)),
    port: url.port,
    ...(url.scheme === 'https' ? { secure: true as const } : {}),
    ...(url.scheme === 'https' && !isAddress(url.host) ? { serverName: url.host } : {}),
    host: url.host,
    target: parseVariables(path),
    method: wish.method ?? 'GET',
    ...(wish.method === undefined ? {} : { withOriginalUri: true as const }),
    ...(wish.signIn === undefined ? {} : { signIn: signInOf(wish.signIn, wish.redirectParam ?? 'rd') }),
    ...(wish.redirect === undefined ? {} : { redirect: wish.redirect }),
    ...(wish.responseHeaders.length === 0 ? {} : { forwarded: wish.responseHeaders }),
    ...(headers.length === 0 ? {} : { headers }),
    ...(wish.alwaysSetCookie ? { alwaysSetCookie: true as const } : {}),
    ...(wish.cacheKey === undefined || seconds === undefined
      ? {}
      : { cache: { key: parseVariables(wish.cacheKey), seconds } }),
    connections: connectionsOf(wish.keepalive),
  }
}

const MOST_KEPT = 1024

/** EXT-9. */
function connectionsOf({ most = 0, requests = 1000, seconds = 60 }: Keepalive): KeptConnections {
  return { most: most <= 0 ? 256 : Math.min(most, MOST_KEPT), requests, seconds: Math.min(seconds, 86_400) }
}
