import type { AffinitySettings, SessionCookie } from '../../model/features.js'
import { escapePath } from '../../request/escape.js'
import { type Complaint, type Context, family } from '../declare.js'
import { parseBoolean } from '../kinds/boolean.js'
import { type Kind, parsed, refused } from '../kinds/kind.js'
import { bool, int, textOf, word } from '../kinds/kinds.js'

const name = textOf('letters, digits and - . _ ~ / :', 'A-Za-z0-9\\-._~/:')
const url = textOf('characters of a URL', "A-Za-z0-9\\-._~/:?#\\[\\]@!$&'()*+,=%")

/** In any case; the cookie says it as browsers expect it. */
const sameSite: Kind<NonNullable<SessionCookie['sameSite']>> = {
  form: 'None, Lax, Strict',
  parse: (text) => {
    const found = (['None', 'Lax', 'Strict'] as const).find((one) => one.toLowerCase() === text.toLowerCase())
    return found === undefined ? refused('is none of None, Lax, Strict') : parsed(found)
  },
}

/** AFF-1..AFF-11. Source: annotations.md section 24. */
export const affinity = family({
  name: 'affinity',
  title: 'Session affinity',
  doc: 'A cookie keeps a client with one endpoint. Type and mode are those of the oldest Ingress with affinity that uses a Service port, the cookie is that of the youngest; affinity goes before load-balance and upstream-hash-by.',
  annotations: {
    affinity: {
      kind: word('cookie'),
      doc: 'A client that comes without a session cookie gets one, and its later requests go to the same endpoint.',
      effect: 'upstream',
      risk: 'low',
      bad: 'default',
      fallback: '-',
      example: 'cookie',
    },
    'affinity-mode': {
      kind: word('balanced', 'persistent'),
      doc: 'Whether some clients move when endpoints come or go, so that each has its share (balanced), or only those whose endpoint is gone (persistent).',
      effect: 'upstream',
      risk: 'medium',
      bad: 'default',
      fallback: 'balanced',
      example: 'persistent',
    },
    'session-cookie-name': {
      kind: name,
      doc: 'Name of the session cookie.',
      effect: 'upstream',
      risk: 'medium',
      bad: 'default',
      fallback: 'INGRESSCOOKIE',
      example: 'shop-session',
    },
    'session-cookie-expires': {
      kind: int(),
      doc: 'Seconds from now to the Expires date of the cookie, for old browsers.',
      effect: 'upstream',
      risk: 'medium',
      bad: 'default',
      fallback: '-',
      example: '172800',
    },
    'session-cookie-max-age': {
      kind: int(),
      doc: 'Max-Age of the cookie in seconds; without it the cookie lives as long as the browser.',
      effect: 'upstream',
      risk: 'medium',
      bad: 'default',
      fallback: '-',
      example: '172800',
    },
    'session-cookie-path': {
      kind: url,
      doc: 'Path of the cookie. A path that is a regular expression needs it.',
      effect: 'upstream',
      risk: 'medium',
      bad: 'default',
      fallback: 'the path of the rule',
      example: '/shop',
    },
    'session-cookie-domain': {
      kind: name,
      doc: 'Domain of the cookie, for one that several hosts share.',
      effect: 'upstream',
      risk: 'medium',
      bad: 'default',
      fallback: '-',
      example: 'example.com',
    },
    'session-cookie-samesite': {
      kind: sameSite,
      doc: 'SameSite of the cookie.',
      effect: 'upstream',
      risk: 'low',
      bad: 'default',
      fallback: '-',
      example: 'Lax',
    },
    'session-cookie-conditional-samesite-none': {
      kind: bool,
      doc: 'SameSite=None is left out for browsers that are known to misread it.',
      effect: 'upstream',
      risk: 'low',
      bad: 'default',
      fallback: 'false',
      example: 'true',
    },
    'session-cookie-secure': {
      kind: bool,
      doc: 'The cookie is Secure also where the client came without TLS; with TLS it always is.',
      effect: 'upstream',
      risk: 'low',
      bad: 'default',
      fallback: 'with TLS',
      example: 'true',
    },
    'session-cookie-change-on-failure': {
      kind: bool,
      doc: 'When the endpoint of a session fails, the next try goes to another, to which the client is bound from then on; without it all tries go to the same.',
      effect: 'upstream',
      risk: 'low',
      bad: 'default',
      fallback: 'false',
      example: 'true',
    },
  },
  contribute: (values, context) => {
    if (values.affinity === undefined) return {}
    const settings: AffinitySettings = {
      mode: values['affinity-mode'] ?? 'balanced',
      cookie: cookieOf(values),
      ...(values['session-cookie-change-on-failure'] === true ? { changeOnFailure: true } : {}),
    }
    const complaints: Complaint[] = []
    if (values['session-cookie-path'] === undefined && hasRegexPaths(context)) {
      const message = 'A regular expression is no path of a cookie. Say session-cookie-path.'
      complaints.push({ annotation: 'affinity', message, instead: 'default' })
    }
    return {
      upstream: { affinity: settings },
      route: ({ path }) => ({ affinity: { path: escapePath(path).replaceAll(';', '%3B') } }),
      complaints,
    }
  },
})

/** That is another family's annotation; its prefix is ours, whatever it is. */
function hasRegexPaths({ ingress, has }: Context): boolean {
  const isTrue = ([key, value]: [string, string]): boolean => key.endsWith('/use-regex') && parseBoolean(value) === true
  return has('use-regex') && Object.entries(ingress.annotations).some(isTrue)
}

interface CookieValues {
  readonly 'session-cookie-name': string | undefined
  readonly 'session-cookie-expires': number | undefined
  readonly 'session-cookie-max-age': number | undefined
  readonly 'session-cookie-path': string | undefined
  readonly 'session-cookie-domain': string | undefined
  readonly 'session-cookie-samesite': SessionCookie['sameSite'] | undefined
  readonly 'session-cookie-conditional-samesite-none': boolean | undefined
  readonly 'session-cookie-secure': boolean | undefined
}

function cookieOf(values: CookieValues): SessionCookie {
  const expiresSeconds = values['session-cookie-expires']
  const maxAgeSeconds = values['session-cookie-max-age']
  const path = values['session-cookie-path']
  const domain = values['session-cookie-domain']
  const sameSite = values['session-cookie-samesite']
  return {
    name: values['session-cookie-name'] ?? 'INGRESSCOOKIE',
    ...(expiresSeconds === undefined ? {} : { expiresSeconds }),
    ...(maxAgeSeconds === undefined ? {} : { maxAgeSeconds }),
    ...(path === undefined ? {} : { path }),
    ...(domain === undefined ? {} : { domain }),
    ...(sameSite === undefined ? {} : { sameSite }),
    ...(values['session-cookie-conditional-samesite-none'] === true ? { onlyIfUnderstood: true } : {}),
    ...(values['session-cookie-secure'] === true ? { secure: true } : {}),
  }
}
