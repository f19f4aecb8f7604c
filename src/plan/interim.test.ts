import { expect, test } from 'vitest'
import { order } from '../edge/order.js'
import type { Document, HostDocument, Route } from '../model/documents.js'
import { lengthsOf } from '../model/prefix-lengths.js'
import { admitDocument, GUARDS, interimHost } from './interim.js'
import { planTable } from './plan.js'

const proxy = (upstream: string) => ({ kind: 'proxy', upstream, pool: 'http' }) as const
const root: Route = { path: '/', match: 'prefix', action: proxy('ns/site/80') }

function host(prefix: Readonly<Record<string, Route>>, more: Partial<HostDocument> = {}): HostDocument {
  return { name: 'a.test', paths: { kind: 'literal', exact: {}, prefix, lengths: lengthsOf(prefix) }, root, ...more }
}

function route(path: string, upstream: string, more: Partial<Route> = {}): Route {
  return { path, match: 'prefix', action: proxy(upstream), ...more }
}

const never = (): boolean => false
const prefixesOf = ({ paths }: HostDocument): unknown => (paths.kind === 'literal' ? paths.prefix : paths.patterns)

const basic = { users: 'users/ns/u', realm: 'r' } as const

test('a route that waits goes on as it runs, with the checks that it will have; others and the host are as desired', () => {
  const before = host({
    '/a': route('/a', 'ns/old/80', { features: { denied: { ranges: 'ranges/1' }, inspected: true } }),
  })
  const after = host(
    {
      '/a': route('/a', 'ns/new/80', { profile: 'p', features: { basic }, httpsRedirect: 308 }),
      '/b': route('/b', 'ns/b/80'),
    },
    { certificate: 'ns/new' },
  )
  const interim = interimHost(after, before, never)
  expect(interim).toMatchObject({ certificate: 'ns/new', root })
  expect(prefixesOf(interim)).toEqual({
    '/a': route('/a', 'ns/old/80', { features: { inspected: true, basic }, httpsRedirect: 308 }),
    '/b': route('/b', 'ns/b/80'),
  })
})

test('a check that is taken away goes at once too', () => {
  const before = host({ '/a': route('/a', 'ns/old/80', { profile: 'q', features: { basic }, httpsRedirect: 308 }) })
  const after = host({ '/a': route('/a', 'ns/old/80', { profile: 'p' }) })
  const isReady = (profile: string): boolean => profile === 'q'
  expect(prefixesOf(interimHost(after, before, isReady))).toEqual({ '/a': route('/a', 'ns/old/80', { profile: 'q' }) })
})

test('a new path that waits is not there yet; one that keeps somebody out is closed until then', () => {
  const open = route('/open', 'ns/site/80', { profile: 'p' })
  const guarded = route('/guarded', 'ns/site/80', { profile: 'p', features: { basic } })
  const inspected = route('/inspected', 'ns/site/80', { profile: 'p', features: { inspected: true } })
  const after = host({ '/open': open, '/guarded': guarded, '/inspected': inspected })
  const interim = interimHost(after, host({}), never)
  const action = { kind: 'answer', status: 503, label: '' } as const
  expect(prefixesOf(interim)).toEqual({
    '/guarded': { path: '/guarded', match: 'prefix', action },
    '/inspected': { path: '/inspected', match: 'prefix', action },
  })
  expect(interim.paths).toMatchObject({ lengths: [10, 8] })
})

test('a path that becomes a pattern is the same path', () => {
  const before = host({ '/a': route('/a', 'ns/old/80') })
  const wanted: Route = { path: '/a', match: 'regex', action: proxy('ns/new/80'), profile: 'p', features: { basic } }
  const after = {
    ...host({}),
    paths: { kind: 'regex', patterns: [{ pattern: '^/a', head: '/a', route: wanted }] },
  } as const
  expect(prefixesOf(interimHost(after, before, never))).toEqual([
    { pattern: '^/a', head: '/a', route: route('/a', 'ns/old/80', { features: { basic } }) },
  ])
})

test('a host of which nothing is known, or that is new, waits as a whole; once its profiles are there it goes as it is', () => {
  const wanted = host({ '/a': route('/a', 'ns/new/80', { profile: 'p' }) })
  expect(admitDocument(wanted, undefined, never)).toBeUndefined()
  expect(admitDocument(wanted, '', never)).toBeUndefined()
  expect(admitDocument(wanted, undefined, () => true)).toBe(wanted)
  expect(admitDocument(host({}), undefined, never)).toEqual(host({}))
})

test('what is not of the profile: every family that may refuse a request, but for the inspection and the trace', () => {
  const families = new Set<string>([...order.entry, ...order.access].map(({ family }) => family))
  expect(new Set(GUARDS)).toEqual(
    new Set([...families, 'satisfyAny'].filter((name) => !['inspected', 'tracing'].includes(name))),
  )
})

test('what the running version of a host names stays while the host waits, unless a Secret that guards it is gone', () => {
  const old = host({ '/a': route('/a', 'ns/old/80') })
  const wanted = host({ '/a': route('/a', 'ns/new/80', { profile: 'p' }) })
  const keys = ['h:a.test', 'u:ns/old/80', 'c:ns/old', 'a:ranges/1', 'a:auth/1', 'a:users/ns/u', 'a:authority/ns/ca']
  const running = new Map(keys.map((key) => [key, { digest: 'old' }]))
  const encode = (document: Document) => ({ digest: 'new', content: JSON.stringify(document) })
  const plan = (isReady: boolean) =>
    planTable(new Set(keys), running, new Map([['h:a.test', wanted]]), encode, (_, document) =>
      isReady ? document : interimHost(wanted, old, never),
    )
  const waiting = plan(false)
  expect(waiting.drops.toSorted()).toEqual(['a:authority/ns/ca', 'a:users/ns/u'])
  expect(waiting.held.toSorted()).toEqual(['a:auth/1', 'a:ranges/1', 'c:ns/old', 'h:a.test', 'u:ns/old/80'])
  expect(waiting.puts.map(({ key }) => key)).toEqual(['h:a.test'])
  expect(plan(true)).toMatchObject({ held: [], drops: expect.arrayContaining(keys.slice(1)) as string[] })
})
