import type { Context } from '../declare.js'
import { UNREADABLE } from '../unreadable.js'
import { type ExternalAuthValues, globalSettings } from './annotations.js'
import { durations, STANDARD_DURATIONS } from './durations.js'

/** Who is to be asked and how, from the annotations of an Ingress or from the ConfigMap. What is absent was not given. */
export interface Wish {
  readonly url: string
  readonly method: string | undefined
  readonly signIn: string | undefined
  readonly redirectParam: string | undefined
  readonly responseHeaders: readonly string[]
  /** `namespace/name` of a ConfigMap. */
  readonly setHeaders: string | undefined
  readonly redirect: string | undefined
  readonly cacheKey: string | undefined
  /** Seconds by status. */
  readonly cacheSeconds: Readonly<Record<string, number>>
  readonly alwaysSetCookie: boolean
  readonly snippet: string | undefined
  readonly keepalive: Keepalive
}

export interface Keepalive {
  readonly most: number | undefined
  readonly requests: number | undefined
  readonly seconds: number | undefined
}

export function wishOfIngress(url: string, values: ExternalAuthValues): Wish {
  return {
    url,
    method: values['auth-method'],
    signIn: values['auth-signin'],
    redirectParam: values['auth-signin-redirect-param'],
    responseHeaders: values['auth-response-headers'] ?? [],
    setHeaders: values['auth-proxy-set-headers'],
    redirect: values['auth-request-redirect'],
    cacheKey: values['auth-cache-key'],
    cacheSeconds: values['auth-cache-duration'] ?? standardSeconds(),
    alwaysSetCookie: values['auth-always-set-cookie'] === true,
    snippet: values['auth-snippet'],
    keepalive: keepaliveOf(values),
  }
}

/** EXT-10: the annotations of the Ingress have no part in it. Without a key for its durations nothing is kept. */
export function wishOfConfigMap(setting: Context['setting']): Wish | { readonly unreadable: string } | undefined {
  const unreadable = Object.keys(globalSettings).find((key) => setting(key) === UNREADABLE)
  const url = textAt(setting, 'global-auth-url')
  if (unreadable !== undefined && (url !== undefined || unreadable === 'global-auth-url')) return { unreadable }
  if (url === undefined) return undefined
  return {
    url,
    method: textAt(setting, 'global-auth-method'),
    signIn: textAt(setting, 'global-auth-signin'),
    redirectParam: textAt(setting, 'global-auth-signin-redirect-param'),
    responseHeaders: (setting('global-auth-response-headers') as readonly string[] | undefined) ?? [], // only its own kind reads this key
    setHeaders: undefined,
    redirect: textAt(setting, 'global-auth-request-redirect'),
    cacheKey: textAt(setting, 'global-auth-cache-key'),
    cacheSeconds: (setting('global-auth-cache-duration') as Readonly<Record<string, number>> | undefined) ?? {}, // as above
    alwaysSetCookie: setting('global-auth-always-set-cookie') === true,
    snippet: textAt(setting, 'global-auth-snippet'),
    keepalive: { most: undefined, requests: undefined, seconds: undefined },
  }
}

function textAt(setting: Context['setting'], key: string): string | undefined {
  const value = setting(key)
  return typeof value === 'string' ? value : undefined
}

function standardSeconds(): Readonly<Record<string, number>> {
  const read = durations.parse(STANDARD_DURATIONS)
  return read.ok ? read.value : {}
}

function keepaliveOf(values: ExternalAuthValues): Keepalive {
  return {
    most: values['auth-keepalive'],
    requests: values['auth-keepalive-requests'],
    seconds: values['auth-keepalive-timeout'],
  }
}
