import { describe, expect, test } from 'vitest'
import { decide, isTheSameForAll, type Decision } from './decide.js'
import { order } from '../edge/order.js'
import type { Action, Document, HostDocument, Route } from '../model/documents.js'
import { hostKey, upstreamKey } from '../model/keys.js'
import type { Match } from '../model/match.js'
import { createMemoryTable } from '../model/memory-table.js'
import { createRequest } from './offline-request.js'
import type { Scheme } from './passage.js'

const request = createRequest({})
const cart = proxy('default/cart/80')
const table = createMemoryTable(
  new Map<string, Document>([
    [
      hostKey('shop.example.com'),
      host(
        'shop.example.com',
        route('/', 'implicit', { kind: 'answer', status: 404, label: 'upstream-default-backend' }),
        [
          route('/cart', 'exact', cart),
          route('/none', 'exact', proxy('default/none/80')),
          route('/none404', 'exact', proxy('default/none404/80')),
          route('/gone', 'exact', proxy('default/gone/80')),
          route('/secure', 'exact', cart, 308),
          route('/secure/', 'exact', cart, 308),
          route('/secure-gone', 'exact', proxy('default/gone/80'), 301),
          route('/secure-answer', 'exact', { kind: 'answer', status: 503, label: 'x' }, 308),
          { path: '/docs/', match: 'slash', action: { kind: 'redirect', status: 301, path: '/docs%20/' } },
        ],
      ),
    ],
    [hostKey('_'), defaultHost()],
    [upstreamKey('default/cart/80'), upstream('default/cart/80', ['10.0.0.1'])],
    [upstreamKey('default/none/80'), upstream('default/none/80', [])],
    [upstreamKey('default/none404/80'), { ...upstream('default/none404/80', []), emptyStatus: 404 }],
  ]),
)

describe('a request', () => {
  test.each([
    ['goes to the backend of its path', 'http', '/cart', '/cart?a', 'proxy default/cart/80 by http/1'],
    ['gets 503 without an endpoint (SVC-5)', 'http', '/none', '/none', '503 "default-none-80"'],
    [
      'gets the status of the upstream without an endpoint (DEF-1)',
      'http',
      '/none404',
      '/x',
      '404 "default-none404-80"',
    ],
    ['gets 503 while its upstream is not there yet', 'http', '/gone', '/gone', '503 ""'],
    ['gets 404 for an unknown path (HOST-4)', 'http', '/other', '/other', '404 "upstream-default-backend"'],
    [
      'is sent to HTTPS (SSL-1)',
      'http',
      '/secure',
      '/secure?a=b',
      '308 https://shop.example.com/secure?a=b "default-cart-80"',
    ],
    [
      'is sent there with the target as it came',
      'http',
      '/secure',
      '/%73ecure',
      '308 https://shop.example.com/%73ecure "default-cart-80"',
    ],
    [
      'is sent there without one final slash (SSL-4)',
      'http',
      '/secure/',
      '/secure/',
      '308 https://shop.example.com/secure "default-cart-80"',
    ],
    [
      'loses the final slash of its query as well (SSL-4)',
      'http',
      '/secure',
      '/secure?u=/',
      '308 https://shop.example.com/secure?u= "default-cart-80"',
    ],
    ['is sent there though its upstream is missing', 'http', '/secure-gone', '/x', '301 https://shop.example.com/x ""'],
    ['is sent there before it is answered', 'http', '/secure-answer', '/x', '308 https://shop.example.com/x "x"'],
    ['is served over HTTPS (SSL-1)', 'https', '/secure', '/secure', 'proxy default/cart/80 by http/1'],
    [
      'is sent to the path with the slash, query kept (PATH-2)',
      'http',
      '/docs ',
      '/docs%20?a=b?c',
      '301 http://shop.example.com/docs%20/?a=b?c ""',
    ],
    ['keeps its scheme there (PATH-2)', 'https', '/docs ', '/docs%20', '301 https://shop.example.com/docs%20/ ""'],
  ] as const)('%s', (_fact, scheme, path, target, expected) => {
    expect(say(decide(table, order, request, scheme, 'shop.example.com', path, target))).toBe(expected)
  })

  test.each([
    ['/healthz', '200 ""'],
    ['/healthz/live', '200 ""'],
    ['/healthzzz', '200 ""'],
    ['/nginx_status', 'status for 7f000001'],
    ['/teapot', '503 ""'],
    ['/health', 'proxy default/cart/80 by http/1'],
  ])('of %s at the default server: %s (DEF-4)', (path, expected) => {
    expect(say(decide(table, order, request, 'https', 'unknown.example.org', path, path))).toBe(expected)
  })

  test('gets no built-in answer from a declared host (DEF-4)', () => {
    expect(say(decide(table, order, request, 'http', 'shop.example.com', '/healthz', '/healthz'))).toBe(
      '404 "upstream-default-backend"',
    )
  })

  test('of a host of regular expressions goes by the first that matches, and to nobody when a match fails (PATH-5)', () => {
    const patterns = [
      { pattern: '^/a+$', head: '/', route: route('/a+$', 'regex', proxy('default/gone/80')) },
      { pattern: '^/', head: '/', route: route('/', 'regex', cart) },
    ]
    const root = route('/', 'implicit', { kind: 'answer', status: 404, label: '' })
    const of = createMemoryTable(
      new Map<string, Document>([
        [hostKey('re.test'), { name: 're.test', root, paths: { kind: 'regex', patterns } }],
        [upstreamKey('default/cart/80'), upstream('default/cart/80', ['10.0.0.1'])],
      ]),
    )
    const asking = (first: Match): string => {
      const port = createRequest({
        match: (pattern) => (pattern === '^/a+$' ? first : { kind: 'match', captures: ['/'] }),
      })
      return say(decide(of, order, port, 'http', 're.test', '/x', '/x'))
    }
    expect(asking({ kind: 'none' })).toBe('proxy default/cart/80 by http/1')
    expect(asking({ kind: 'failed' })).toBe('503 ""')
  })

  test('is decided like every other one only where nothing but host and path counts', () => {
    const isSame = (scheme: Scheme, name: string, path: string): boolean =>
      isTheSameForAll(decide(table, order, request, scheme, name, path, path))
    expect(isSame('http', 'shop.example.com', '/cart')).toBe(true)
    expect(isSame('https', 'shop.example.com', '/secure')).toBe(false)
    expect(isSame('http', 'shop.example.com', '/none')).toBe(false)
    expect(isSame('http', 'nobody.example.com', '/')).toBe(false)
  })

  test('gets 503 before the first push', () => {
    expect(decide(createMemoryTable(new Map()), order, request, 'http', 'a', '/', '/')).toEqual({
      kind: 'answer',
      status: 503,
      label: '',
    })
  })
})

function say(decision: Decision): string {
  if (decision.kind === 'proxy') return `proxy ${decision.upstream.key} by ${decision.pool}`
  if (decision.kind === 'redirect') return `${decision.status} ${decision.location} "${decision.label}"`
  if (decision.kind === 'status') return `status for ${decision.allow.v4?.first.join(' ') ?? ''}`
  return `${decision.status} "${decision.label}"`
}

/** Every route is exact here, and a redirect stands under its path without the slash. */
function host(name: string, root: Route, routes: readonly Route[]): HostDocument {
  const exact = Object.fromEntries(routes.map((one) => [one.match === 'slash' ? '/docs ' : one.path, one]))
  return { name, root, paths: { kind: 'literal', exact, prefix: {}, lengths: [] } }
}

function defaultHost(): HostDocument {
  return {
    ...host('_', route('/', 'implicit', cart), [route('/healthz', 'exact', cart)]),
    builtins: [
      { prefix: '/healthz', action: { kind: 'answer', status: 200, label: '' } },
      {
        prefix: '/nginx_status',
        action: { kind: 'status', allow: { v4: { first: ['7f000001'], last: ['7f000001'] } } },
      },
      { prefix: '/teapot', action: cart },
    ],
  }
}

function route(path: string, match: Route['match'], action: Action, httpsRedirect?: number): Route {
  return { path, match, action, ...(httpsRedirect === undefined ? {} : { httpsRedirect }) }
}

function proxy(upstream: string): Action {
  return { kind: 'proxy', upstream, pool: 'http/1' }
}

function upstream(key: string, addresses: readonly string[]): Document {
  return { key, label: key.replaceAll('/', '-'), addresses, ports: addresses.map(() => 80) }
}
