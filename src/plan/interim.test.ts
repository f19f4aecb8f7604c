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
      '/a': route('/a', 'ns/old/80', { profile: 'p', features: { basic }, httpsRedirect: 308 }),
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
  const kept = ['u:ns/old/80', 'c:ns/old', 'a:ranges/1', 'a:auth/1', 'a:client/1']
  const keys = ['h:a.test', ...kept, 'a:users/ns/u', 'a:authority/ns/ca']
  const running = new Map(keys.map((key) => [key, { digest: 'old' }]))
  const encode = (document: Document) => ({ digest: 'new', content: JSON.stringify(document) })
  const plan = (isReady: boolean) =>
    planTable(new Set(keys), running, new Map([['h:a.test', wanted]]), encode, (_, document) =>
      isReady ? document : interimHost(wanted, old, never),
    )
  const waiting = plan(false)
  expect(waiting.drops.toSorted()).toEqual(['a:authority/ns/ca', 'a:users/ns/u'])
  expect(waiting.held.toSorted()).toEqual(['h:a.test', ...kept].toSorted())
  expect(waiting.puts.map(({ key }) => key)).toEqual(['h:a.test'])
  expect(plan(true)).toMatchObject({ held: [], drops: expect.arrayContaining(keys.slice(1)) as string[] })
})

test('what leads elsewhere keeps its checks, gets the new ones besides, and is closed where both cannot be', () => {
  const after = (features: Route['features'], more: Partial<Route> = {}): HostDocument =>
    host({
      '/a': route('/a', 'ns/public/80', { profile: 'p', ...(features === undefined ? {} : { features }), ...more }),
    })
  const before = (features: Route['features']): HostDocument =>
    host({ '/a': route('/a', 'ns/admin/80', { ...(features === undefined ? {} : { features }), httpsRedirect: 308 }) })
  const interim = (old: Route['features'], wanted: Route['features']): unknown =>
    prefixesOf(interimHost(after(wanted), before(old), never))
  const kept = { httpsRedirect: 308 }
  const denied = { ranges: 'ranges/1' }
  expect(interim({ basic }, undefined)).toEqual({ '/a': route('/a', 'ns/admin/80', { ...kept, features: { basic } }) })
  expect(interim({ basic }, { basic, denied })).toEqual({
    '/a': route('/a', 'ns/admin/80', { ...kept, features: { basic, denied } }),
  })
  const closed = { '/a': { path: '/a', match: 'prefix', action: { kind: 'answer', status: 503, label: '' } } }
  expect(interim({ basic }, { basic: { ...basic, users: 'users/ns/others' } })).toEqual(closed)
  expect(interim({ basic }, { denied, satisfyAny: true })).toEqual(closed)
})

test('MTLS-1: certificates that a host asked for are asked for as long as something of it leads where it led before', () => {
  const clients = { authority: 'authority/ns/ca', verify: 'on', depth: 1 } as const
  const before = host({}, { features: { clients }, root: route('/', 'ns/admin/80') })
  const moved = (features: HostDocument['features']): HostDocument =>
    host({}, { ...(features === undefined ? {} : { features }), root: route('/', 'ns/public/80', { profile: 'p' }) })
  expect(interimHost(moved(undefined), before, never).features).toEqual({ clients })
  expect(interimHost(moved({ clients }), before, never).features).toEqual({ clients })
  const others = { clients: { ...clients, authority: 'authority/ns/other' } }
  expect(interimHost(moved(others), before, never).features).toEqual({ ...others, forbidden: true })
  const stays = host({}, { root: route('/', 'ns/admin/80', { profile: 'p' }) })
  expect(interimHost(stays, before, never).features).toBeUndefined()
})

test('a new host waits, and is closed meanwhile where it will keep somebody out: a wildcard may have answered for it', () => {
  const open = host({}, { root: route('/', 'ns/site/80', { profile: 'p' }) })
  expect(admitDocument(open, undefined, never)).toBeUndefined()
  const guarded = host({ '/a': route('/a', 'ns/site/80', { profile: 'p', features: { basic } }) }, { root: open.root })
  const interim = admitDocument(guarded, undefined, never) as HostDocument // of a host
  expect(interim.root.action).toEqual({ kind: 'answer', status: 404, label: '' })
  expect(prefixesOf(interim)).toMatchObject({ '/a': { action: { kind: 'answer', status: 503 } } })
  expect(admitDocument(guarded, '', never)).toBeUndefined()
})

test('an exact path that becomes a pattern is the same path, and so is the one that its slash was taken from', () => {
  const before: HostDocument = {
    ...host({ '/p': route('/p', 'ns/p/80') }),
    paths: {
      kind: 'literal',
      exact: { '/e': { path: '/e', match: 'exact', action: proxy('ns/e/80') } },
      prefix: { '/p': route('/p', 'ns/p/80') },
      lengths: [2],
    },
  }
  const pattern = (path: string, upstream: string) => ({
    pattern: `^${path}`,
    head: path,
    route: { path, match: 'regex', action: proxy(upstream), profile: 'p', features: { basic } } as const,
  })
  const after = {
    ...host({}),
    paths: { kind: 'regex', patterns: [pattern('/e', 'ns/e/80'), pattern('/p/', 'ns/p/80')] },
  } as const
  const found = interimHost(after, before, never).paths
  expect(found.kind === 'regex' ? found.patterns.map(({ route: { action } }) => action) : []).toEqual([
    proxy('ns/e/80'),
    proxy('ns/p/80'),
  ])
})

test('settings wait for the profile of bodies of unknown length alone', () => {
  const settings = {
    strictTransportSecurity: 'new',
    maxBodyBytes: 1,
    tries: 1,
    unsizedProfile: 'p',
  } as unknown as Document
  const running = JSON.stringify({ strictTransportSecurity: 'old', maxBodyBytes: 2, tries: 1, unsizedProfile: 'q' })
  expect(admitDocument(settings, running, never)).toMatchObject({ strictTransportSecurity: 'new', unsizedProfile: 'q' })
  expect(admitDocument(settings, running, () => true)).toBe(settings)
  expect(admitDocument(settings, '', never)).toBeUndefined()
})
