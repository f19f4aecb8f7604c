import type { AnswerRewriting } from '../../model/proxy-features.js'
import { family } from '../declare.js'
import { textOf } from '../kinds/kinds.js'
import { twoTokens } from './two-tokens.js'

const url = textOf('`off`, `default` or URL text', 'A-Za-z0-9\\-._~/:?&=%+@')

/** PRX-5, PRX-6. Source: annotations.md section 7; ngx_http_proxy_module, proxy_redirect, proxy_cookie_domain. */
export const locations = family({
  name: 'locations',
  title: 'Locations and cookies of backends',
  doc: 'A backend that does not know under which name or path clients see it writes the wrong ones into Location and Set-Cookie; here they are put right.',
  annotations: {
    'proxy-redirect-from': {
      kind: url,
      doc: 'The beginning of Location and Refresh that is replaced by `proxy-redirect-to`; `default` replaces the address of the endpoint.',
      effect: 'path',
      risk: 'medium',
      bad: 'default',
      fallback: 'off',
      example: 'http://internal.example.com/',
      configMapKey: 'proxy-redirect-from',
    },
    'proxy-redirect-to': {
      kind: url,
      doc: 'What Location and Refresh begin with instead.',
      effect: 'path',
      risk: 'medium',
      bad: 'default',
      fallback: 'off',
      example: 'https://shop.example.com/',
      configMapKey: 'proxy-redirect-to',
    },
    'proxy-cookie-domain': {
      kind: twoTokens,
      doc: 'The Domain of the cookies of the backend, and what it becomes.',
      effect: 'path',
      risk: 'medium',
      bad: 'default',
      fallback: 'off',
      example: 'internal.example.com shop.example.com',
      configMapKey: 'proxy-cookie-domain',
    },
    'proxy-cookie-path': {
      kind: twoTokens,
      doc: 'The beginning of the Path of the cookies of the backend, and what it becomes.',
      effect: 'path',
      risk: 'medium',
      bad: 'default',
      fallback: 'off',
      example: '/app/ /',
      configMapKey: 'proxy-cookie-path',
    },
  },
  contribute: (values) => {
    const cookieDomain = values['proxy-cookie-domain']
    const cookiePath = values['proxy-cookie-path']
    const rewriting: AnswerRewriting = {
      ...locationOf(values['proxy-redirect-from'], values['proxy-redirect-to']),
      ...(cookieDomain === undefined || cookieDomain === 'off'
        ? {}
        : { cookieDomain: { from: withoutDot(cookieDomain.from), to: withoutDot(cookieDomain.to) } }),
      ...(cookiePath === undefined || cookiePath === 'off' ? {} : { cookiePath }),
    }
    return Object.keys(rewriting).length === 0 ? {} : { route: { rewriting } }
  },
})

/** PRX-5: `off` and `default` decide alone; otherwise both are needed. */
function locationOf(from = 'off', to = 'off'): Pick<AnswerRewriting, 'location' | 'endpointLocation'> {
  if (from === 'off') return {}
  if (from === 'default') return { endpointLocation: true }
  return to === 'off' ? {} : { location: { from, to } }
}

/** A dot before a domain does not count (RFC 6265, 5.2.3). */
function withoutDot(domain: string): string {
  return domain.startsWith('.') ? domain.slice(1) : domain
}
