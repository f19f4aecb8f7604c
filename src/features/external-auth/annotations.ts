import { parseAuthUrl } from '../../snapshot/auth-url.js'
import type { Annotations, Setting, Values } from '../declare.js'
import { type Kind, parsed, refused } from '../kinds/kind.js'
import { bool, int, textOf, word } from '../kinds/kinds.js'
import { keyOfObject } from '../other-namespace.js'
import { durations, STANDARD_DURATIONS } from './durations.js'
import { headerNames } from './header-list.js'

const url = textOf('absolute URL, with variables behind its host', 'A-Za-z0-9 \\-._~/:,?&=$')
/** Of the ConfigMap it is said once that it is none, and not only of each Ingress. */
const globalUrl: Kind<string> = {
  form: url.form,
  parse: (text) => {
    const read = url.parse(text)
    const found = read.ok ? parseAuthUrl(read.value) : undefined
    return typeof found === 'string' ? refused(found) : read
  },
}

const signInUrl = textOf('URL, with variables', 'A-Za-z0-9 \\-._~/:,?&=$')
const plainText = textOf('text of a URL, without variables', 'A-Za-z0-9 \\-._~/:,?&=')
const method = word('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE')
const cacheKey = textOf('text with variables', 'A-Za-z0-9\\-_${}')

/** What it says is nobody's business; that it is there is. */
const snippet: Kind<'raw'> = { form: 'raw configuration, which is never used', parse: () => parsed('raw') }

export const externalAuthAnnotations = {
  'auth-url': {
    kind: url,
    doc: 'Who is asked: each request is let in only where this service answers with a status from 200 to 299.',
    effect: 'path',
    risk: 'high',
    bad: 'refuse',
    protects: true,
    empty: 'said',
    fallback: '`global-auth-url` of the ConfigMap, else nobody is asked',
    example: 'http://oauth2-proxy.auth.svc.cluster.local:4180/oauth2/auth',
  },
  'auth-method': {
    kind: method,
    doc: 'Method of the question.',
    effect: 'path',
    risk: 'low',
    bad: 'close',
    protects: true,
    fallback: 'GET',
    example: 'POST',
  },
  'auth-signin': {
    kind: signInUrl,
    doc: 'Where a client is redirected to (302) that the service answers with 401. The URL that was asked for is added in the query, unless it holds that parameter already.',
    effect: 'path',
    risk: 'high',
    bad: 'default',
    fallback: 'none: the client gets the 401',
    example: 'https://auth.example.com/oauth2/start?rd=$scheme://$host$escaped_request_uri',
  },
  'auth-signin-redirect-param': {
    kind: plainText,
    doc: 'Name of the query parameter of auth-signin with the URL that was asked for.',
    effect: 'path',
    risk: 'medium',
    bad: 'default',
    fallback: 'rd',
    example: 'return_to',
  },
  'auth-response-headers': {
    kind: headerNames,
    doc: "Headers of the service's answer that the backend gets, in place of the client's own of these names, which are taken away in any case.",
    effect: 'path',
    risk: 'medium',
    bad: 'close',
    protects: true,
    fallback: '-',
    example: 'X-Auth-Request-User,X-Auth-Request-Email',
  },
  'auth-proxy-set-headers': {
    kind: textOf('namespace/name of a ConfigMap', 'A-Za-z0-9\\-._~/:'),
    doc: 'Each key of the ConfigMap is a header of the question to the service; values may hold variables.',
    effect: 'path',
    risk: 'medium',
    bad: 'close',
    protects: true,
    fallback: '-',
    example: 'default/auth-headers',
    refersTo: { kind: 'ConfigMap', keyOf: keyOfObject },
  },
  'auth-request-redirect': {
    kind: plainText,
    doc: 'What the service gets in X-Auth-Request-Redirect.',
    effect: 'path',
    risk: 'medium',
    bad: 'close',
    protects: true,
    fallback: 'the request URI',
    example: '/welcome',
  },
  'auth-cache-key': {
    kind: cacheKey,
    doc: 'Answers are kept for requests to the same host and path for which this text is the same; it must hold everything of a request that the service looks at. One that sets a cookie is never kept.',
    effect: 'path',
    risk: 'medium',
    bad: 'default',
    fallback: 'none: the service is asked each time',
    example: '$remote_user$http_authorization',
  },
  'auth-cache-duration': {
    kind: durations,
    doc: 'How long answers are kept, by their status.',
    effect: 'path',
    risk: 'medium',
    bad: 'close',
    protects: true,
    fallback: STANDARD_DURATIONS,
    example: '200 202 10m, 401 30s',
  },
  'auth-always-set-cookie': {
    kind: bool,
    doc: "Cookies of the service's answer are set on answers of every status, not only on 200, 201, 204, 206, 301 to 304, 307 and 308.",
    effect: 'path',
    risk: 'low',
    bad: 'close',
    protects: true,
    fallback: 'false',
    example: 'true',
  },
  'auth-keepalive': {
    kind: int(),
    doc: 'Idle connections to the service that each worker keeps. There is no way to keep none.',
    effect: 'path',
    risk: 'low',
    bad: 'default',
    fallback: '256; so it is with 0 and less',
    example: '64',
  },
  'auth-keepalive-share-vars': {
    kind: bool,
    doc: 'Has no effect: the service always sees the X-Request-ID that the backend sees.',
    effect: 'path',
    risk: 'low',
    bad: 'default',
    fallback: 'false',
    example: 'true',
  },
  'auth-keepalive-requests': {
    kind: int({ from: 1 }),
    doc: 'Requests on one connection to the service.',
    effect: 'path',
    risk: 'low',
    bad: 'default',
    fallback: '1000',
    example: '100',
  },
  'auth-keepalive-timeout': {
    kind: int({ from: 1 }),
    doc: 'Seconds after which an idle connection to the service is closed.',
    effect: 'path',
    risk: 'low',
    bad: 'default',
    fallback: '60',
    example: '30',
  },
  'auth-snippet': {
    kind: snippet,
    doc: 'Raw configuration is never used, and the paths are closed. auth-proxy-set-headers, auth-method and the timeouts of the path do what most of these texts are for.',
    effect: 'path',
    risk: 'critical',
    bad: 'close',
    protects: true,
    fallback: '-',
    example: 'proxy_set_header Foo-Header 42;',
  },
  'enable-global-auth': {
    kind: bool,
    doc: 'Whether the service of global-auth-url is asked.',
    effect: 'path',
    risk: 'low',
    bad: 'default',
    fallback: 'true',
    example: 'false',
  },
} as const satisfies Annotations

export type ExternalAuthValues = Values<typeof externalAuthAnnotations>

/** EXT-10, configmap.md. What takes part in keeping somebody out closes where it cannot be read; contract: ignored. */
export const globalSettings: Readonly<Record<string, Setting>> = {
  'global-auth-url': {
    kind: globalUrl,
    doc: 'The service that is asked about the requests of all Ingresses without auth-url, but for those with `enable-global-auth: false`.',
    fallback: 'no service',
    example: 'https://auth.example.com/verify',
    protects: true,
  },
  'global-auth-method': {
    kind: method,
    doc: 'The method by which it is asked.',
    fallback: 'GET',
    example: 'HEAD',
    protects: true,
  },
  'global-auth-signin': {
    kind: signInUrl,
    doc: 'Where clients are sent to whom it says 401.',
    fallback: 'none',
    example: 'https://auth.example.com/start?rd=$escaped_request_uri',
  },
  'global-auth-signin-redirect-param': {
    kind: plainText,
    doc: 'The parameter of that address that says where the client wanted to go.',
    fallback: 'rd',
    example: 'back',
  },
  'global-auth-response-headers': {
    kind: headerNames,
    doc: 'Headers of its answer that backends get.',
    fallback: 'none',
    example: 'X-Auth-Request-User,X-Auth-Request-Email',
    protects: true,
  },
  'global-auth-request-redirect': {
    kind: plainText,
    doc: 'What it gets in X-Auth-Request-Redirect.',
    fallback: 'the request URI',
    example: '/welcome',
  },
  'global-auth-snippet': {
    kind: snippet,
    doc: 'Raw configuration is never used: with one, the paths for which the service would be asked are closed.',
    fallback: 'none',
    example: 'proxy_set_header Foo-Header 42;',
    protects: true,
  },
  'global-auth-cache-key': {
    kind: cacheKey,
    doc: 'Its answers are kept for requests to the same host and path for which this text is the same, if global-auth-cache-duration says how long.',
    fallback: 'none',
    example: '$http_authorization',
  },
  'global-auth-cache-duration': {
    kind: durations,
    doc: 'How long its answers are kept, by their status.',
    fallback: 'nothing is kept',
    example: '200 202 10m, 401 30s',
  },
  'global-auth-always-set-cookie': {
    kind: bool,
    doc: 'Cookies of its answer are set on answers of every status, as by the annotation auth-always-set-cookie.',
    fallback: 'false',
    example: 'true',
  },
}
